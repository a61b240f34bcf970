// check/history.h: what clients saw of one queue, as events; the input of the checker.
//
// Who records: a load generator over HTTP, a test with real processes, the simulator. An event
// names its message by who sent it and the how-manieth it was; both stand in the body. Times come
// from one clock that never goes back, the client's: a broker's own clock is never believed.
//
// An operation spans two moments: before its first byte left, and after its last byte came. What
// the broker did happened somewhere between, and the checker complains only when no moment between
// would do.
#pragma once

#include <chrono>
#include <cstdint>

namespace cmq::check {

using Moment = std::chrono::microseconds;  // since the history began; at most 49 days

struct Span {
    Moment asked{};
    Moment answered{};
};

/// A producer counts its messages from 0 without gaps. A producer sends in the order of its
/// numbers, over one connection at a time.
struct Name {
    std::uint32_t producer = 0;  // 0 .. 65535
    std::uint64_t sequence = 0;
    friend auto operator<=>(const Name&, const Name&) = default;
};

/// A second one for the same name is a retry: the broker may then hold several copies.
struct SendStarted {
    Name name;
    std::uint64_t body_hash = 0;  // any good hash; compared with Received::body_hash
    Moment at{};
    std::chrono::milliseconds delay{};
};
struct SendAcknowledged {
    Name name;
    Moment at{};
};
/// The broker said no, or the request never left: it must never appear.
struct SendRefused {
    Name name;
};
/// No answer came: it may appear, or not.
struct SendUnknown {
    Name name;
};

struct Received {
    Name name;
    std::uint64_t body_hash = 0;
    std::uint64_t handle = 0;    // receipt handle, or a hash of it
    std::uint32_t receives = 0;  // the broker's count of deliveries, from 1; 0: not known
    std::uint64_t answer = 0;    // messages of one answer share it; given in the answer's order
    Span span;
    std::chrono::milliseconds lease{};  // how long the queue hides it
};
/// A body that no producer of this history made.
struct ReceivedForeign {
    std::uint64_t body_hash = 0;
    Moment at{};
};
/// "No message", after the broker was allowed to wait for `wait`.
struct ReceivedNothing {
    Span span;
    std::chrono::milliseconds wait{};
};
/// A receive without an answer: it may have leased what nobody saw.
struct ReceiveUnknown {
    Span span;
};

/// Where a rewind may bring it back before the answer of its delete comes. One of the three below
/// follows.
struct DeleteStarted {
    Name name;
    std::uint64_t handle = 0;
};
struct DeleteAcknowledged {
    Name name;
    std::uint64_t handle = 0;
    Span span;
};
struct DeleteRefused {
    Name name;
    std::uint64_t handle = 0;
};
struct DeleteUnknown {
    Name name;
    std::uint64_t handle = 0;
};

/// The consumer gave the message back before its lease was over.
struct Released {
    Name name;
    std::uint64_t handle = 0;
    Moment asked{};
};

/// The broker acknowledged a new lease, as long from now on. Of several for one handle that are
/// under way together none is shorter than another; a shorter lease is a `Released`.
struct Extended {
    Name name;
    std::uint64_t handle = 0;
    Span span;
    std::chrono::milliseconds lease{};
};

/// What is deleted, and was sent at or after `from`, may come back at any moment of `span`. Told
/// when it is asked for: then `answered` is as late as it may take effect.
struct Rewound {
    Span span;
    Moment from{};  // below zero: before the history began
};

/// All of that had come back by then.
struct RewindAcknowledged {
    Span span;
    Moment from{};
};

/// All messages of the queue were removed, or may have been: also when the answer is unknown, as
/// above. Told at any time before the verdict.
struct Purged {
    Span span;
};

}  // namespace cmq::check
