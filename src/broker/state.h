// broker/state.h: the rules of queues as a state machine in memory.
//
// Same state, same command, same stamp give the same reply and the same state on every node. It
// reads no clock, randomness, file or socket. What it does not hold in memory (blocks far from a
// queue's cursor) it reads through Rows; what changed it gives out as rows, to be written behind.
//
//     send --> [delayed] --> ready --receive--> in flight --delete--> deleted --> gone
//                              ^                    |                    |
//                              +--- time is up -----+      rewind -------+ (back to ready)
//
// Messages lie in blocks of 64 (broker/block.h); those that have been handed out, returned or
// delayed are held one by one (broker/held.h); all others are known by the cursor alone. So memory
// follows the active window, not the backlog.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "broker/command.h"
#include "broker/options.h"
#include "broker/reply.h"

namespace cmq::broker {

/// Kinds of rows in the checkpoint. Values are part of the format.
enum class Table : std::uint8_t {
    state = 1,
    queue = 2,
    block = 3,
    held = 4,
    stripe = 5,
    dedup = 6,
    node = 7
};

struct Key {
    std::uint64_t major = 0;  // a queue's id where the table has one
    std::uint64_t minor = 0;
    friend auto operator<=>(const Key&, const Key&) = default;
};

struct Row {
    Table table = Table::state;
    Key key;
    std::optional<std::string> value;  // nothing: the row is deleted
};

/// The checkpoint, as of the last finished flush. Not being able to read is not an answer: an
/// implementation that cannot stops the process.
class Rows {
public:
    virtual ~Rows() = default;
    /// Who asks for a block knows that it is there: one that is missing is damage.
    virtual std::optional<std::string> read(Table table, Key key) = 0;
    /// All rows of `table` in key order.
    virtual std::vector<Row> scan(Table table) = 0;
};

/// Whether the state in `rows` is of a version up to `newest`, before anything else is read there.
/// errors  exists: of a newer one (broker/format_version.h); corrupt.
Status check_format(Rows& rows, FormatVersion newest);

/// One thread.
class State {
public:
    /// `group` is the birth group in message ids, 0 .. 1023. `rows` outlives the state.
    State(std::uint64_t group, Rows& rows, Options options = {});
    ~State();

    /// Takes up what the checkpoint holds. errors  corrupt: a row is not what was written;
    /// exists: of a version that is not known here.
    Status load();

    /// Applies one command of entry `index`, stamped `stamp` (never below an earlier one).
    /// `slot` is the number of bodies that earlier commands of the same entry carry; raised by
    /// those of this one.
    Outcome apply(const Command& command, Stamp stamp, LogIndex index, std::uint32_t& slot);

    /// Answers without changing anything, as of `now` (at least the state's clock).
    Outcome ask(const Query& query, Stamp now);

    std::optional<QueueId> find(Namespace space, std::string_view queue) const;
    std::optional<Attributes> attributes(QueueId queue) const;

    /// How many messages a receive could be given at the state's clock; 0 when the queue is gone.
    /// Exact up to `enough`: a million leases may have lapsed at once.
    std::uint64_t ready(QueueId queue, std::uint64_t enough) const;

    /// Queues in which something became ready, or that ended, since the last call.
    std::vector<QueueId> take_woken();

    std::string_view secret() const;  // of the cluster; empty before the first command

    /// The directory of nodes, by id; and a number that rises whenever it may have changed.
    std::vector<NodeEntry> nodes() const;
    std::uint64_t node_changes() const;

    /// When a Tick would next have something to do; nothing: never, as things stand.
    std::optional<Stamp> next_due() const;

    FormatVersion format() const;  // in force

    Stamp clock() const;         // the highest stamp applied
    LogIndex applied() const;    // the last entry applied
    std::uint64_t hash() const;  // of all that replicas must agree on; slow, for tests

    /// Whether the entry at `index` may still hold a body that someone can receive. Coarse: by
    /// stripes of 64 indexes. An entry that is not live may be forgotten once it is flushed.
    bool live(LogIndex index) const;
    std::vector<bool> live(LogIndex first, LogIndex last) const;  // stripe by stripe
    LogIndex first_live() const;  // nothing below is live; past the last entry when nothing is

    /// Write behind. `begin_flush` cuts: what is dirty now, as of applied(), is the flush; the
    /// caller takes it in slices while apply goes on (apply gives out the old version of what it
    /// is about to change first). One flush at a time; `end_flush` when the rows are on disk:
    /// from then on Rows answers with them.
    void begin_flush();
    /// Appends up to about `count` rows to `out`; false: there are no more.
    bool take_rows(std::size_t count, std::vector<Row>& out);
    void end_flush();
    std::size_t dirty() const;  // records changed since the last cut

    struct Counts {
        std::uint64_t queues = 0, active = 0, inactive = 0, delayed = 0, rewindable = 0;
        std::uint64_t blocks_in_memory = 0, held_in_memory = 0;
    };
    Counts counts() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace cmq::broker
