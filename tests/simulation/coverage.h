// tests/simulation/coverage.h: what a run has really tested: each trouble at a node of each role,
// and each operation of a client in the seconds after it. What did not happen was not tested.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace cmq::simulation {

enum class Trouble : std::uint8_t {
    kill,         // the process ends
    power_cut,    // and what was not synced is lost
    all_killed,   // every process at once
    all_cut,      // the power of all at once
    blackout,     // all are off for two days
    pause,        // the process stands still
    cut_off,      // nothing passes, both ways
    deaf,         // nothing comes in
    mute,         // nothing goes out
    bridge,       // one of the others is not reached
    lost,         // one message
    doubled,      // one message
    late,         // one message, by up to two seconds
    overtaken,    // one message, by those sent within milliseconds
    clock_skew,   // the wall clock is wrong by seconds
    clock_jump,   // by a day
    slow_disk,    // nothing is written for a while
    full_disk,    // for a while
    io_error,     // one call of the disk fails
    hand_over,    // the leader is told to give up its lead
    node_joins,   // a new node, which becomes a voter
    node_leaves,  // a voter that is removed
    node_wiped,   // its disk is gone: it comes back with a new incarnation
    // Of one disk at a time: what is damaged on most of them is lost.
    flip_sealed,      // a bit of a segment that is full
    flip_body,        // of what was settled
    flip_active,      // of the segment that is written, while the node is down
    flip_state,       // of the checkpoint, while the node is down
    stale_block,      // a write was confirmed and lost; found after a power cut
    misplaced_block,  // and lies elsewhere in its file
    old_copy,         // the disk is that of some time ago
    chunk_damaged,    // a bit of a snapshot on its way; the part is the receiver's
    snapshot_cut,     // who sends a snapshot or takes it in ends
};
inline constexpr std::size_t troubles = 32;

enum class Operation : std::uint8_t {
    send,
    send_batch,
    send_delayed,
    send_once,  // with a dedupId, and again with the same after a lost answer
    receive,
    remove,
    extend,
    release,
    rewind,
    purge,
    create_queue,
    delete_queue,
    describe_queue,
};
inline constexpr std::size_t operations = 13;

enum class Part : std::uint8_t { leader, follower, candidate, learner };
inline constexpr std::size_t parts = 4;

class Coverage {
public:
    /// `trouble` struck a node that was `part`.
    void struck(Trouble trouble, Part part, Steady now);
    /// An operation was answered.
    void answered(Operation operation, Steady now);
    void add(const Coverage& other);

    std::uint64_t times(Trouble trouble) const;
    /// Troubles that happened less often than this, or nothing.
    std::string rare(std::uint64_t least) const;
    /// For people: how often each struck whom, and the operation that followed it least often.
    std::string table() const;
    /// "did not test: purge after power_cut of a candidate (3 of 10), ...", or nothing.
    std::string missing(std::uint64_t least) const;

    /// As numbers, to be carried from process to process.
    static constexpr std::size_t cells = troubles * parts;
    struct Cell {
        std::uint64_t struck = 0;
        std::array<std::uint64_t, operations> answered{};
    };
    const std::array<Cell, cells>& all() const { return cells_; }
    std::array<Cell, cells>& all() { return cells_; }

private:
    static std::size_t at(Trouble trouble, Part part) {
        return static_cast<std::size_t>(trouble) * parts + static_cast<std::size_t>(part);
    }

    std::array<Cell, cells> cells_{};
    std::array<Steady, cells> until_{};  // operations count for it
};

std::string_view name_of(Trouble trouble);

}  // namespace cmq::simulation
