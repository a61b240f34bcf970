#include "log/format.h"

#include <doctest/doctest.h>

#include "log/fold.h"

using namespace cmq;
using namespace cmq::log;

namespace {

constexpr RowName name{7, 1234};
const raft::Group one{1};

Located located(std::uint64_t index, std::uint64_t term, std::uint64_t length = 10) {
    return {{index}, {term}, raft::Kind::command, index * 31, index * 2, index * 3, length, 99};
}

Toc toc_with(std::vector<Located> entries) {
    Toc toc;
    for (auto& entry : entries) toc.entries.emplace_back(one, entry);
    return toc;
}

GroupState state_at(std::uint64_t last) {
    return {{{3}, {2}},
            {{10}, {1}, 5, {{{1}, {2}}, {{3}}}},
            {{last}, {3}, 77},
            {{{11}, {2}}, {{15}, {3}}}};
}

/// Every prefix and every changed byte of `bytes` is refused.
template <class Decode>
void check_guarded(const std::string& bytes, Decode decode) {
    for (std::size_t size = 0; size < bytes.size(); ++size)
        CHECK(decode(std::string_view(bytes).substr(0, size), name).error().code == Code::corrupt);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        auto changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ 4);
        CHECK(decode(changed, name).error().code == Code::corrupt);
    }
    CHECK(decode(bytes, RowName{8, 1234}).error().code == Code::corrupt);
    CHECK(decode(bytes, RowName{7, 1235}).error().code == Code::corrupt);
}

}  // namespace

TEST_SUITE("unit/log") {
    TEST_CASE("what is encoded comes back, and nothing else is taken for it") {
        auto toc = toc_with({located(5, 2), located(6, 2), located(3, 4)});
        toc.hard.emplace_back(one, raft::HardState{{9}, {8}});
        toc.bases.emplace_back(one, raft::Base{{4}, {3}, 2, {{{1}}, {{2}}}});
        const auto decoded = decode_toc(encode(toc, name), name);
        REQUIRE(decoded);
        CHECK(decoded->entries == toc.entries);
        CHECK(decoded->hard == toc.hard);
        CHECK(decoded->bases == toc.bases);
        check_guarded(encode(toc, name), decode_toc);

        const Opening opening{3, {1, 2, 900}, {{one, state_at(20)}}};
        const auto opened = decode_opening(encode(opening, name), name);
        REQUIRE(opened);
        CHECK(opened->incarnation == 3);
        CHECK(opened->older == opening.older);
        CHECK(opened->states == opening.states);
        check_guarded(encode(opening, name), decode_opening);

        Sealing sealing{{{one, state_at(20)}}, {}};
        sealing.ranges[one] = range_of({located(60, 1), located(63, 1), located(64, 1)});
        sealing.ranges[one].replaced_from = {60};
        const auto sealed = decode_sealing(encode(sealing, name), name);
        REQUIRE(sealed);
        const auto& range = sealed->ranges.at(one);
        CHECK(range.first == raft::Index{60});
        CHECK(range.last == raft::Index{64});
        CHECK(range.replaced_from == raft::Index{60});
        CHECK(range.bytes() == 30);
        CHECK(range.stripes.size() == 2);
        check_guarded(encode(sealing, name), decode_sealing);

        const FileIndex index{{one, {located(1, 1), located(2, 1), located(9, 3)}}};
        const auto indexed = decode_index(encode(index, name), name);
        REQUIRE(indexed);
        CHECK(*indexed == index);
        check_guarded(encode(index, name), decode_index);
    }

    TEST_CASE("the checksum of an entry covers all that it is") {
        const auto entry = located(5, 2);
        const auto crc = crc_of(7, one, entry, "payload");
        CHECK(crc != crc_of(8, one, entry, "payload"));
        CHECK(crc != crc_of(7, {2}, entry, "payload"));
        CHECK(crc != crc_of(7, one, located(6, 2), "payload"));
        CHECK(crc != crc_of(7, one, located(5, 3), "payload"));
        CHECK(crc != crc_of(7, one, entry, "Payload"));
        auto other = entry;
        other.kind = raft::Kind::no_op;
        CHECK(crc != crc_of(7, one, other, "payload"));
        other = entry;
        ++other.chain;
        CHECK(crc != crc_of(7, one, other, "payload"));
    }

    SCENARIO("rows add up in journal order") {
        Fold fold;
        REQUIRE(fold.take(toc_with({located(1, 1), located(2, 1), located(3, 1)})));
        const auto& state = fold.states().at(one);
        WHEN("an entry comes again in a new term") {
            REQUIRE(fold.take(toc_with({located(2, 2)})));
            CHECK(state.last == Position{{2}, {2}, 62});
            CHECK(fold.entries().at(one).size() == 2);
            CHECK(fold.seal().ranges.at(one).replaced_from == raft::Index{1});
        }
        WHEN("it comes again in the next segment") {
            Fold next(fold.states());
            REQUIRE(next.take(toc_with({located(2, 2)})));
            CHECK(next.entries().at(one).size() == 1);
            CHECK(next.seal().ranges.at(one).replaced_from == raft::Index{2});
            CHECK(next.states().at(one).terms ==
                  std::vector<std::pair<raft::Index, raft::Term>>{{{1}, {1}}, {{2}, {2}}});
        }
        WHEN("the base moves up") {
            Toc toc;
            toc.bases.emplace_back(one, raft::Base{{2}, {1}, 62, {}});
            REQUIRE(fold.take(toc));
            CHECK(state.last.index == raft::Index{3});
            CHECK(state.terms == std::vector<std::pair<raft::Index, raft::Term>>{{{3}, {1}}});
            CHECK(fold.take(toc_with({located(2, 1)})).error().code == Code::invalid);
        }
        WHEN("the base is of another term than the entry there") {
            Toc toc;
            toc.bases.emplace_back(one, raft::Base{{2}, {5}, 1, {}});
            REQUIRE(fold.take(toc));
            CHECK(state.last == Position{{2}, {5}, 1});
            CHECK(state.terms.empty());
            CHECK(fold.entries().at(one).empty());
        }
        WHEN("an entry leaves a gap") {
            CHECK(fold.take(toc_with({located(5, 1)})).error().code == Code::invalid);
        }
    }
}
