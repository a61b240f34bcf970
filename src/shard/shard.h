// shard/shard.h: one Raft group on its threads.
//
// core: consensus, state, answers. writer: one fsync a commit. keeper: cold bodies, settling,
// the WAL pool. flusher: the state's checkpoint. They meet in mailboxes only (shard/jobs.h).
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/result.h"
#include "log/log.h"
#include "shard/core.h"
#include "shard/request.h"
#include "store/files.h"

namespace cmq::shard {

using BulkAnswered = std::function<void(Result<std::string>)>;

struct Options {
    std::filesystem::path directory;  // holds log/ and state/
    raft::NodeId self{1};
    bool founder = true;  // of its cluster: votes alone at first; who joins waits to be told
    log::Options log;     // its directory is chosen here
    CoreOptions core;
    /// Called when the disk failed or lies (D14), and with `exists` when the cluster uses a newer
    /// version than this program knows; must not return.
    std::function<void(const Error&)> fatal;
    /// To another node; may be lost. Called on the core thread, must not block.
    std::function<void(const raft::Message&, const JournalNote&)> send;
    /// A question to another node (shard/bulk.h): `answered` is called once, from any thread, at
    /// the latest after bulk_patience. Called on the core thread, must not block.
    std::function<void(raft::NodeId, std::string request, BulkAnswered answered)> ask;
    /// The directory of nodes, at first and when it changed. On the core thread, must not block.
    std::function<void(std::vector<broker::NodeEntry>)> on_nodes;
    /// Another node leads, or this one (0: unknown). On the core thread, must not block.
    std::function<void(raft::NodeId)> on_leader;
};

class Shard {
public:
    /// Recovers log and state. Leads when it returns, if it votes alone.
    /// errors  corrupt: with file and position; exists: written by a newer program; io, disk_full,
    ///         busy.
    static Result<std::unique_ptr<Shard>> open(Options options, store::Files& files,
                                               const Clock& clock);
    ~Shard();  // stops

    /// Any thread. `done` is called once, on the core thread.
    /// While nobody leads it waits a little; with `again` a moment longer, because whoever seemed
    /// to lead did not. Refused as no_leader when another leads, or still nobody does.
    Ticket submit(Request request, Continuation done, bool again = false);
    void cancel(Ticket ticket);  // a parked receive whose client went away
    void give_back(GiveBack receives);

    /// Any thread: what another node sent, what its clock said, and how far its log was.
    void receive(raft::Message message, Stamp wall, const JournalNote& note);
    /// Any thread: another node sent something of this version; one that is too new is fatal.
    void met(broker::FormatVersion format);
    /// Any thread: what another node asks; `answered` is called once, from any thread.
    void asked(raft::NodeId from, std::string_view request, BulkAnswered answered);
    /// This node stops soon: others are to lead, and no answer waits for its disk any more.
    /// Returns when somebody else leads, or after `patience`.
    void leave(std::chrono::milliseconds patience);
    raft::NodeId leader() const;  // 0: unknown
    /// How others find this node, once it is known. The leader puts its own into the directory.
    void set_self(broker::NodeEntry self);
    broker::FormatVersion format() const;  // in force
    std::string secret() const;            // of the cluster; empty until the state has it

    /// Answers parked receives, finishes what is under way, writes the state; then returns.
    void stop();

    /// Can acknowledge a durable send now. errors  unavailable: and why not.
    Status ready() const;

    struct Figures {
        CoreFigures core;
        log::Log::Cost log;
        std::uint64_t free_bytes = 0;
    };
    Figures figures() const;

private:
    struct Parts;
    explicit Shard(std::unique_ptr<Parts> parts);
    Status await_lead();
    std::unique_ptr<Parts> parts_;
};

}  // namespace cmq::shard
