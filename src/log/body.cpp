#include "log/body.h"

namespace cmq::log {
namespace {

/// Small entries share a row; one that is larger has a row of its own.
constexpr std::size_t row_bytes = 256u << 10;

}  // namespace

Result<BodyWriter> BodyWriter::make(store::Files& files, const Directory& directory,
                                    std::uint64_t number) {
    const auto path = directory.new_body(number);
    if (CMQ_TRY(files.exists(path))) CMQ_TRY(files.remove(path));
    auto rows = CMQ_TRY(Rows::make_body(files, path));
    return BodyWriter(files, directory, number, std::move(rows));
}

Status BodyWriter::add(raft::Group group, const Located& entry, std::string_view payload) {
    if (!body_.empty() && body_.size() + payload.size() > row_bytes) CMQ_TRY(write_row());
    auto located = entry;
    located.row = next_row_;
    located.offset = body_.size();
    body_ += payload;
    unsynced_bytes_ += payload.size();
    toc_.entries.emplace_back(group, located);
    index_[group].push_back(located);
    return {};
}

Status BodyWriter::write_row() {
    if (toc_.entries.empty()) return {};
    if (!transaction_) transaction_ = CMQ_TRY(rows_->begin());
    const RowName name{number_, next_row_};
    CMQ_TRY(rows_->append({name.row, RowKind::commit, encode(toc_, name), body_}));
    ++next_row_;
    toc_ = {};
    body_.clear();
    return {};
}

Status BodyWriter::sync() {
    CMQ_TRY(write_row());
    unsynced_bytes_ = 0;
    if (!transaction_) return {};
    auto transaction = std::move(*transaction_);
    transaction_.reset();
    return std::move(transaction).commit();
}

Result<Ranges> BodyWriter::finish(const std::map<raft::Group, raft::Index>& replaced_from) && {
    CMQ_TRY(sync());
    Sealing sealing;
    for (const auto& [group, entries] : index_) sealing.ranges[group] = range_of(entries);
    for (const auto& [group, index] : replaced_from) sealing.ranges[group].replaced_from = index;
    const RowName name{number_, next_row_};
    CMQ_TRY(
        rows_->append({name.row, RowKind::sealing, encode(sealing, name), encode(index_, name)}));
    rows_.reset();
    CMQ_TRY(files_->rename(directory_.new_body(number_), directory_.body(number_)));
    CMQ_TRY(files_->sync_directory(directory_.root));
    return std::move(sealing.ranges);
}

}  // namespace cmq::log
