// client/load.h: load on one queue from this process, with latencies, and a verdict if asked for.
//
//     senders:    window requests outstanding each, pipelined on a connection of their own
//     receivers:  window long polls outstanding each; what comes is deleted over a second one
//
// Senders and receivers are spread over the broker's endpoints; whoever finds its own gone, silent
// or without a leader goes on at the next one, and asks there again what was certainly not done.
// Nothing else is retried: a request without an answer is counted as unknown, and the run goes on,
// over any death and return of the broker. With Verify::yes each event goes to check::Checker, and
// the run ends by draining the queue: until it stays empty for longer than any lease can last, or
// gives for several leases nothing but what it gave before.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "check/verdict.h"
#include "client/client.h"
#include "client/latency.h"

namespace cmq::client {

inline constexpr std::chrono::seconds load_duration_default{10};

enum class Verify { no, yes };

struct LoadOptions {
    Options broker;
    std::string queue;              // created when missing, and then deleted at the end
    unsigned senders = 1;           // 0 .. 1024
    unsigned receivers = 0;         // 0 .. 1024; with Verify::yes and none, four drain at the end
    unsigned window = 1;            // 1 .. 1024 requests outstanding, of each
    unsigned batch = 1;             // 1 .. 16 messages a request
    std::size_t body_bytes = 1024;  // load_body_bytes_min .. 1 MiB / batch
    std::optional<std::chrono::milliseconds> duration;  // of sending; 10 s if there is no count
    std::optional<std::uint64_t> count;                 // messages to send
    Verify verify = Verify::no;
    std::chrono::seconds patience{60};  // with a broker that does not answer, or serves no receive
    unsigned loops = 1;                 // threads of this process that make the load
};

struct LoadProgress {
    std::chrono::duration<double> since_start;
    std::uint64_t sent = 0;  // acknowledged
    std::uint64_t deleted = 0;
    bool draining = false;
};

/// Costs at all endpoints while the run lasted, for each message that was sent (or deleted, when
/// nothing was sent).
struct LoadCosts {
    std::optional<double> fsyncs, bytes_written, broker_cpu_us;
};

struct LoadReport {
    std::uint64_t sent = 0;  // acknowledged
    std::uint64_t refused = 0;
    std::uint64_t unknown = 0;
    std::uint64_t received = 0;
    std::uint64_t deleted = 0;
    std::uint64_t failed = 0;  // receives and deletes: refused, or without an answer
    std::chrono::duration<double>
        send_time{};  // until the last acknowledgement, or the end of sending
    std::chrono::duration<double> lives_time{};  // until the last delete
    std::chrono::microseconds
        longest_gap{};              // without an acknowledged send, up to the end of sending
    Latency send, receive, remove;  // of requests, also of sends and deletes that got no answer; a
                                    // receive that found nothing is not counted
    Latency delivery;               // from the begin of a send to the end of its receive
    LoadCosts costs;
    double own_cpu_us = 0;  // of this process, a message
    std::optional<check::Verdict> verdict;
    bool drained = true;  // false: messages came again and again until they were left there
};

/// What the caller wants when it is told of the progress.
enum class LoadWish { go_on, end };  // end: no more sends; what is under way is finished
using LoadWatcher = std::function<LoadWish(const LoadProgress&)>;

/// Runs it all. `watcher` is told once a second, on this thread.
/// errors  invalid: an option (names it and its limits), or Verify on a queue that is not empty or
///         hides messages for longer than a minute; unauthenticated, unreachable, not_found: what
///         the broker says; unreachable, disk_full ...: nothing else for `patience`.
Result<LoadReport> run_load(const LoadOptions& options, const LoadWatcher& watcher = {});

}  // namespace cmq::client
