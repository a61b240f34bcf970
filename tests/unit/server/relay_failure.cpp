#include "server/relay_failure.h"

#include <doctest/doctest.h>

using namespace cmq;
using namespace cmq::server;

namespace {

const broker::Namespace space{1};

protocol::Call send(std::string_view dedup_id) {
    return {broker::Command{space, broker::Send{"orders", 0, dedup_id, {"body"}}}, {}};
}
const protocol::Call receive{broker::Command{space, broker::Receive{"orders", 16}}, {}};
const protocol::Call look{broker::Query{space, broker::ListQueues{}}, {}};
const protocol::Call removal{broker::Command{space, broker::DeleteQueue{"orders"}}, {}};

}  // namespace

TEST_SUITE("unit/server") {
    SCENARIO("what never left is asked again, whatever it is") {
        for (const auto& call : {send(""), send("once"), receive, look, removal})
            CHECK(after_failure(Code::unreachable, call) == AfterFailure::ask_again);
    }

    SCENARIO("a link that is full is not asked again at once, and the client may try later") {
        for (const auto& call : {send(""), send("once"), receive, look, removal})
            CHECK(after_failure(Code::throttled, call) == AfterFailure::throttled);
    }

    SCENARIO("what may have been done is asked again only where twice is as good as once") {
        for (const auto code : {Code::unknown_outcome, Code::timed_out, Code::unavailable}) {
            for (const auto& call : {send("once"), receive, look})
                CHECK(after_failure(code, call) == AfterFailure::ask_again);
            for (const auto& call : {send(""), removal})
                CHECK(after_failure(code, call) == AfterFailure::unknown_outcome);
        }
    }

    SCENARIO("what would fail each time is not asked again") {
        for (const auto code : {Code::internal, Code::invalid, Code::corrupt})
            for (const auto& call : {send(""), send("once"), receive, look, removal})
                CHECK(after_failure(code, call) == AfterFailure::unknown_outcome);
    }
}
