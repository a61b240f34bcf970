// client/client.h: speaks our API over HTTP and HTTPS; for the commands, the tests, the benchmark.
//
//     Client (typed calls) --> request.h (signed form) --> connection.h --> broker
//                          <-- answer.h (values, errors) <--
//
// With several endpoints the next one is asked where the last has certainly done nothing: it could
// not be reached, or has no leader. What does no harm when it is done twice (reads, receives, sends
// with a dedup id) is asked of the next one, too, when a connection ended before the answer. Where
// one did not answer in time the next call goes elsewhere. Where none has a leader, all are asked
// again, with pauses, for as long as Options::patience says.
//
// One request at a time and one thread a Client; only `cancel` may come from another. Errors carry
// the broker's number at the end of their text: "queue does not exist (10100)".
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "broker/command.h"
#include "client/connection.h"
#include "client/messages.h"
#include "client/request.h"
#include "client/waiting.h"

namespace cmq::client {

struct Options {
    std::string endpoints{};          // one or more, separated by commas; the first is tried first
    std::filesystem::path ca_file{};  // PEM; empty: the system's
    Signer signer{};
    std::chrono::milliseconds connect_time{5'000};
    std::chrono::milliseconds answer_time{20'000};  // beyond what the broker was asked to wait
    std::chrono::milliseconds patience{5'000};      // how long to look for a leader
    /// Every request ends with it: timed_out. What was received is still settled (deleted,
    /// released, extended) when it has passed, each request within `settle_time`.
    std::optional<std::chrono::steady_clock::time_point> deadline{};
    std::chrono::milliseconds settle_time{2'000};
    /// Off: a receive without an answer is told (unknown_outcome), for who accounts for each lease.
    bool repeats_receives = true;
    std::chrono::seconds clock_behind{0};  // of ours behind the broker's; requests are dated by it
};

struct SendOptions {
    std::chrono::seconds delay{0};  // 0 to 3600
    std::string dedup_id{};         // at most 128 bytes; empty: none
};

struct ReceiveOptions {
    std::uint32_t count = 1;  // 1 to 16
    /// How long the broker may hold the request, up to 30 s; nothing: the queue's own. The wire
    /// knows whole seconds, so for parts of one we hang up.
    std::optional<std::chrono::milliseconds> wait{};
};

struct PeekOptions {
    std::uint32_t count = 10;  // 1 to 100
    std::string phase{};       // ready, inflight, delayed, deleted; empty: all
    std::uint64_t from = 0;    // a sequence
};

class Client {
public:
    /// Does not connect yet.
    /// errors  invalid: an endpoint is not one, the CA file does not exist, no secret id or key.
    static Result<Client> open(Options options);

    // Every call has, beside what it says itself, the errors of Connection, timed_out at the
    // deadline, unauthenticated, throttled, unavailable and, for queue names, invalid and
    // not_found.

    /// Gives the queue's id. errors  exists; invalid: an attribute is out of range.
    Result<std::string> create_queue(std::string_view queue, const broker::AttributeChanges& with);
    Status set_queue(std::string_view queue, const broker::AttributeChanges& changes);
    Status delete_queue(std::string_view queue);
    Status purge_queue(std::string_view queue);  // every message, rewindable ones too
    Status rewind_queue(std::string_view queue, Stamp to);
    /// What a rewind to a time would bring back, or to the time of a message. Changes nothing.
    /// errors  invalid: not within the queue's rewind time; not_found: no such message is kept.
    Result<RewindPeeked> peek_rewind(std::string_view queue, Stamp to);
    Result<RewindPeeked> peek_rewind(std::string_view queue, const std::string& message_id);
    Result<QueueDetails> queue(std::string_view queue);
    /// One page of at most 50. `search` is a part of the name; empty: all.
    Result<QueueList> list_queues(std::string_view search, std::uint64_t offset,
                                  std::uint64_t limit);
    /// All pages.
    Result<std::vector<QueueName>> all_queues(std::string_view search);

    /// 1 to 16 bodies in one request, all or none; ids in the same order.
    /// errors  invalid: empty, too large, not UTF-8; unknown_outcome: may have been stored.
    Result<std::vector<std::string>> send(std::string_view queue,
                                          std::span<const std::string> bodies,
                                          const SendOptions& options = {});
    /// errors  empty: nothing came before the wait ended.
    Result<std::vector<Message>> receive(std::string_view queue, const ReceiveOptions& options);
    /// 1 to 16 handles; gives those that were not deleted, and why.
    Result<std::vector<NotDeleted>> delete_messages(std::string_view queue,
                                                    std::span<const std::string> handles);
    /// Hides a received message for `hide_for` from now; 0 gives it back at once.
    Result<Stamp> change_visibility(std::string_view queue, std::string_view handle,
                                    std::chrono::seconds hide_for);
    Result<Peeked> peek(std::string_view queue, const PeekOptions& options);

    // About the cluster; nodes are named by their ids, as ClusterNode has them.
    Result<ClusterDetails> cluster();
    /// A word for one new node. errors  invalid: not 60 s to 24 h.
    Result<std::string> create_join_token(std::chrono::seconds lifetime);
    enum class Zones { keep_apart, may_be_one };
    /// errors  not_found; exists: another change is under way, or it is the last voter.
    Result<Removal> remove_node(const std::string& node, Zones zones);
    /// To `node`, or to whoever is best when it is empty.
    /// errors  not_found; exists: it has not caught up, or has no vote.
    Status transfer_lead(const std::string& node);
    Status drain_node(const std::string& node);

    /// Whether one can acknowledge a durable send. errors  unavailable: it answers, and cannot.
    Status ready();

    /// Ends a receive or `ready` that is under way with unknown_outcome, and a search for a leader;
    /// what changes something goes on. Any thread, again if need be.
    void cancel();

private:
    using End = std::optional<std::chrono::steady_clock::time_point>;
    enum class Repeat { never, elsewhere };  // after an unknown outcome
    struct Question {
        std::string_view action;
        const auth::Parameters& parameters;
        Repeat repeat = Repeat::never;
        End end{};
    };

    Client(Options options, std::vector<Connection> connections);
    /// Asks, until there is a leader or the patience is at its end.
    Result<std::string> call(std::string_view action, const auth::Parameters& parameters,
                             Repeat repeat = Repeat::never);
    /// The same about what was received.
    Result<std::string> settle(std::string_view action, const auth::Parameters& parameters);
    Result<std::string> answer_to(const Question& question);
    /// The same for a request that the broker may hold, for `limit` at most: it can be cancelled.
    Result<std::string> wait(const Question& question, std::chrono::milliseconds limit);
    template <class Post>
    Result<std::string> ask(const Question& question, Post post);
    template <class Post>
    Result<std::string> ask_each(const Question& question, Post post);
    bool may_go_on(const Question& question, const Error& error) const;
    std::chrono::milliseconds connect_time(End end, std::size_t endpoints) const;
    void leave_if_silent(const Result<std::string>& answer);
    void turn_to_next() { current_ = (current_ + 1) % connections_.size(); }

    Options options_;
    std::vector<Connection> connections_;
    std::size_t current_ = 0;  // the connection that worked last
    SystemClock clock_;
    std::unique_ptr<Waiting> waiting_ = std::make_unique<Waiting>();
};

}  // namespace cmq::client
