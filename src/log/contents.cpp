#include "log/contents.h"

namespace cmq::log {
namespace {

tl::unexpected<Error> damaged(const Located& entry, std::string_view what) {
    return fail(Code::corrupt, "row " + std::to_string(entry.row) + ", entry " +
                                   std::to_string(entry.index.value) + ": " + std::string(what));
}

class Reader {
public:
    explicit Reader(std::uint64_t number) : number_(number) {}

    Status take(const Row& row) {
        if (row.number != contents_.end.value + 1 && contents_.begin != Journal{})
            return fail(Code::corrupt,
                        "row " + std::to_string(contents_.end.value + 1) + " is missing");
        if (contents_.sealing) return fail(Code::corrupt, "rows follow the last one");
        if ((contents_.begin == Journal{}) != (row.kind == RowKind::opening))
            return fail(Code::corrupt, "row " + std::to_string(row.number) +
                                           ": an opening is the first row, and no other");
        if (contents_.begin == Journal{}) contents_.begin = {row.number};
        contents_.end = {row.number};
        switch (row.kind) {
            case RowKind::opening:
                return take_opening(row);
            case RowKind::commit:
                return take_commit(row);
            case RowKind::sealing:
                return take_sealing(row);
        }
        return fail(Code::corrupt, "row " + std::to_string(row.number) + ": of an unknown kind");
    }

    Contents contents() && { return std::move(contents_); }

private:
    Status take_opening(const Row& row) {
        contents_.opening = CMQ_TRY(decode_opening(row.toc, {number_, row.number}));
        contents_.fold = Fold(contents_.opening.states);
        return {};
    }

    Status take_commit(const Row& row) {
        const auto toc = CMQ_TRY(decode_toc(row.toc, {number_, row.number}));
        CMQ_TRY(contents_.fold.take({{}, toc.hard, toc.bases}));
        for (const auto& [group, located] : toc.entries) {
            CMQ_TRY(take_entry(group, located, row.body));
            CMQ_TRY(contents_.fold.take({{{group, located}}, {}, {}}));
        }
        return {};
    }

    Status take_entry(raft::Group group, const Located& located, std::string_view body) {
        const auto payload = CMQ_TRY(payload_in(body, number_, group, located));
        ++contents_.entries;
        contents_.bytes += payload.size();
        const auto before = contents_.fold.chain_before(group, located.index);
        if (before && raft::chain_of(located.kind, payload, *before) != located.chain)
            return damaged(located, "does not follow the entry before it");
        return {};
    }

    Status take_sealing(const Row& row) {
        contents_.sealing = CMQ_TRY(decode_sealing(row.toc, {number_, row.number}));
        contents_.index = CMQ_TRY(decode_index(row.body, {number_, row.number}));
        return {};
    }

    std::uint64_t number_;
    Contents contents_;
};

/// What does not fit the rules was not written so.
Error as_damage(const Rows& rows, Error error) {
    if (error.code == Code::invalid) error.code = Code::corrupt;
    return in_file(rows.name(), std::move(error));
}

}  // namespace

Result<std::string_view> payload_in(std::string_view body, std::uint64_t segment, raft::Group group,
                                    const Located& entry) {
    if (entry.offset > body.size() || entry.length > body.size() - entry.offset)
        return damaged(entry, "is not all there");
    const auto payload =
        body.substr(static_cast<std::size_t>(entry.offset), static_cast<std::size_t>(entry.length));
    if (crc_of(segment, group, entry, payload) != entry.crc)
        return damaged(entry, "checksum does not match");
    return payload;
}

Result<Contents> read_segment(Rows& rows, std::uint64_t number) {
    Reader reader(number);
    const auto read =
        rows.each(Rows::Want::toc_and_body, [&reader](const Row& row) { return reader.take(row); });
    if (!read) return tl::unexpected(as_damage(rows, read.error()));
    return std::move(reader).contents();
}

Result<Contents> read_body(Rows& rows, std::uint64_t number, const TakeEntry& take) {
    Contents contents;
    std::optional<Error> first;
    const auto take_row = [&](const Row& row) -> Status {
        contents.end = {row.number};
        const RowName name{number, row.number};
        if (row.kind == RowKind::sealing) {
            contents.sealing = CMQ_TRY(decode_sealing(row.toc, name));
            contents.index = CMQ_TRY(decode_index(row.body, name));
            return {};
        }
        const auto toc = CMQ_TRY(decode_toc(row.toc, name));
        for (const auto& [group, located] : toc.entries) {
            const auto payload = payload_in(row.body, number, group, located);
            if (!payload) {
                if (!first) first = payload.error();
                continue;
            }
            ++contents.entries;
            contents.bytes += payload->size();
            CMQ_TRY(take(group, located, *payload));
        }
        return {};
    };
    const auto read = rows.each(Rows::Want::toc_and_body, take_row);
    if (first) return tl::unexpected(in_file(rows.name(), *first));
    if (!read) return tl::unexpected(as_damage(rows, read.error()));
    if (!contents.sealing)
        return fail(Code::corrupt, rows.name() + ": its last row, the index, is missing");
    return contents;
}

}  // namespace cmq::log
