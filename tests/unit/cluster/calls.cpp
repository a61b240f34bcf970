// Calls and their frames, without a socket.

#include "cluster/calls.h"

#include <doctest/doctest.h>

#include "cluster/call_frames.h"

namespace {

using namespace cmq;
using namespace cmq::cluster;
using namespace std::chrono_literals;

const Steady t0{1h};
const Route to_two{raft::NodeId{2}, Stream::calls};
const Route to_three{raft::NodeId{3}, Stream::calls};
const Route bulk_to_two{raft::NodeId{2}, Stream::bulk};

std::string framed(CallFrameKind kind, std::uint64_t number, std::string_view rest) {
    return *encode_call_head(kind, number) + std::string(rest);
}

}  // namespace

TEST_SUITE("unit/cluster") {
    SCENARIO("a call is taken once, by whoever comes first") {
        Calls calls(10);
        const auto number = calls.add(to_two, t0, {});
        CHECK(number != 0);
        WHEN("it is answered") {
            CHECK_FALSE(calls.take(number, to_three));  // not by another node
            CHECK_FALSE(calls.take(number, bulk_to_two));
            CHECK(calls.take(number, to_two)->number == number);
        }
        WHEN("it is cancelled") { CHECK(calls.take(number)->route == to_two); }
        WHEN("its time is up") {
            CHECK_FALSE(calls.take_due(t0 - 1ns));
            CHECK(calls.take_due(t0)->number == number);
        }
        WHEN("its stream ends") {
            CHECK_FALSE(calls.take_any(to_three));
            CHECK(calls.take_any(to_two)->number == number);
        }
        CHECK_FALSE(calls.take(number));
        CHECK_FALSE(calls.take(number, to_two));
        CHECK_FALSE(calls.take_due(t0 + 1h));
        CHECK_FALSE(calls.take_any(to_two));
        CHECK_FALSE(calls.next_deadline());
        CHECK(calls.add(to_two, t0, {}) > number);
    }

    SCENARIO("deadlines are met in their order") {
        Calls calls(10);
        const auto last = calls.add(to_two, t0 + 3s, {});
        const auto first = calls.add(to_three, t0 + 1s, {});
        const auto same = calls.add(bulk_to_two, t0 + 1s, {});
        CHECK(calls.next_deadline() == t0 + 1s);
        CHECK(calls.take_due(t0 + 2s)->number == first);
        CHECK(calls.take_due(t0 + 2s)->number == same);
        CHECK_FALSE(calls.take_due(t0 + 2s));
        CHECK(calls.next_deadline() == t0 + 3s);
        CHECK(calls.take_due(t0 + 3s)->number == last);
    }

    SCENARIO("those to one node are hurried, and no other") {
        Calls calls(10);
        const auto late = calls.add(to_two, t0 + 9s, {});
        const auto early = calls.add(to_two, t0 + 1s, {});
        const auto elsewhere = calls.add(to_three, t0 + 9s, {});
        calls.hurry(to_two, t0 + 2s);
        CHECK(calls.take_due(t0 + 2s)->number == early);
        CHECK_FALSE(calls.take_due(t0 + 2s - 1ns));
        CHECK(calls.take_due(t0 + 2s)->number == late);
        CHECK_FALSE(calls.take_due(t0 + 9s - 1ns));
        CHECK(calls.take_due(t0 + 9s)->number == elsewhere);
    }

    SCENARIO("one is hurried, and says where it went") {
        Calls calls(10);
        const auto late = calls.add(to_two, t0 + 9s, {});
        const auto other = calls.add(to_two, t0 + 9s, {});
        CHECK(calls.hurry(late, t0 + 2s) == to_two);
        CHECK(calls.hurry(late, t0 + 5s) == to_two);  // it waits no longer than before
        CHECK_FALSE(calls.take_due(t0 + 2s - 1ns));
        CHECK(calls.take_due(t0 + 2s)->number == late);
        CHECK_FALSE(calls.hurry(late, t0));
        CHECK_FALSE(calls.take_due(t0 + 9s - 1ns));
        CHECK(calls.take_due(t0 + 9s)->number == other);
    }

    SCENARIO("each route has its own limit") {
        Calls calls(2);
        const auto first = calls.add(to_two, t0, {});
        CHECK(calls.add(to_two, t0, {}) != 0);
        CHECK(calls.add(to_two, t0, {}) == 0);
        CHECK(calls.waiting(to_two) == 2);
        CHECK(calls.add(bulk_to_two, t0, {}) != 0);
        CHECK(calls.take(first));
        CHECK(calls.add(to_two, t0, {}) != 0);
    }

    SCENARIO("frames of calls are read as they were written") {
        for (const auto kind :
             {CallFrameKind::request, CallFrameKind::reply, CallFrameKind::failure})
            for (const std::uint64_t number :
                 {std::uint64_t{0}, std::uint64_t{300}, ~std::uint64_t{0}}) {
                const auto bytes = framed(kind, number, "rest");
                CHECK(bytes.size() <= call_head_bytes_max + 4);
                const auto frame = decode_call_frame(bytes);
                REQUIRE(frame);
                CHECK(frame->kind == kind);
                CHECK(frame->number == number);
                CHECK(frame->rest == "rest");
            }
        CHECK(decode_call_frame(framed(CallFrameKind::cancel, 7, "")));
    }

    SCENARIO("what is not a frame of a call is refused") {
        for (const auto& wrong :
             {std::string(), std::string("\1"), std::string("\0\1", 2), std::string("\5\1"),
              std::string("\1\x80"), framed(CallFrameKind::cancel, 7, "x")})
            CHECK_FALSE(decode_call_frame(wrong));
    }

    SCENARIO("a failure arrives with its code and message") {
        for (auto code = 0; code <= static_cast<int>(Code::internal); ++code) {
            const auto error = decode_failure(*encode_failure({static_cast<Code>(code), "why"}));
            CHECK(error.code == static_cast<Code>(code));
            CHECK(error.message == "why");
        }
        CHECK(encode_failure({Code::io, std::string(10'000, 'x')})->size() < 1'100);
        CHECK(decode_failure(std::string("\6futurewhy")).code == Code::internal);
        CHECK(decode_failure(std::string("\6futurewhy")).message == "why");
        CHECK(decode_failure("\x7f").code == Code::internal);
    }
}
