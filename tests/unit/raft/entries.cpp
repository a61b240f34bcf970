#include "raft/entries.h"

#include <doctest/doctest.h>

#include "tests/unit/raft/hand.h"

namespace cmq::raft::test {
namespace {

Entries filled(std::initializer_list<std::uint64_t> terms) {
    Entries entries{Base{}};
    for (auto& entry : log_of(terms)) entries.append(std::move(entry));
    return entries;
}

}  // namespace

TEST_SUITE("unit/raft") {
    SCENARIO("a log knows its terms without its entries") {
        auto entries = filled({1, 1, 3, 3, 3, 7});
        const auto chain = entries.chain_at(Index{4});
        entries.forget(Index{4});
        CHECK(entries.floor() == Index{4});
        CHECK(entries.find(Index{4}) == nullptr);
        CHECK(entries.find(Index{5})->term == Term{3});
        CHECK(entries.find(Index{7}) == nullptr);
        CHECK(entries.chain_at(Index{4}) == chain);
        CHECK_FALSE(entries.chain_at(Index{3}));
        CHECK(entries.term_at(Index{}) == Term{});
        CHECK(entries.term_at(Index{2}) == Term{1});
        CHECK(entries.term_at(Index{3}) == Term{3});
        CHECK(entries.term_at(Index{6}) == Term{7});
        CHECK_FALSE(entries.term_at(Index{7}));
        CHECK(entries.last_term() == Term{7});
    }

    SCENARIO("the last entry of at most a term is found") {
        const auto entries = filled({1, 1, 3, 3, 3, 7});
        CHECK(entries.last_at_most(Index{9}, Term{9}) == Index{6});
        CHECK(entries.last_at_most(Index{9}, Term{7}) == Index{6});
        CHECK(entries.last_at_most(Index{9}, Term{6}) == Index{5});
        CHECK(entries.last_at_most(Index{4}, Term{6}) == Index{4});
        CHECK(entries.last_at_most(Index{4}, Term{2}) == Index{2});
        CHECK(entries.last_at_most(Index{9}, Term{}) == Index{});
    }

    SCENARIO("what is cut off takes its terms with it") {
        auto entries = filled({1, 1, 3, 3, 7});
        entries.cut(Index{4});
        CHECK(entries.last() == Index{3});
        CHECK(entries.last_term() == Term{3});
        entries.cut(Index{3});
        CHECK(entries.last_term() == Term{1});
        CHECK(entries.chain() == *filled({1, 1}).chain_at(Index{2}));
    }

    SCENARIO("a log begins anew at a base") {
        auto entries = filled({1, 1, 3, 3, 7});
        GIVEN("one that it has") {
            entries.begin_at(Base{Index{3}, Term{3}, 0, {}});
            CHECK(entries.base() == Index{3});
            CHECK(entries.last() == Index{5});
            CHECK(entries.term_at(Index{4}) == Term{3});
            CHECK_FALSE(entries.term_at(Index{2}));
            CHECK(entries.last_at_most(Index{5}, Term{2}) == Index{2});
        }
        GIVEN("one that it does not have") {
            entries.begin_at(Base{Index{3}, Term{2}, 77, {}});
            CHECK(entries.last() == Index{3});
            CHECK(entries.last_term() == Term{2});
            CHECK(entries.chain() == 77);
        }
    }
}

}  // namespace cmq::raft::test
