#include "broker/audit.h"

#include <bit>

#include "broker/core.h"

namespace cmq::broker {
namespace {

std::uint64_t ones(Bits bits) { return static_cast<std::uint64_t>(std::popcount(bits)); }

tl::unexpected<Error> corrupt(const std::string& what) { return fail(Code::corrupt, what); }

std::string name_of(const Queue& queue) { return "queue " + queue.name; }

std::string name_of(const Block& block) {
    return "block " + std::to_string(block.key.major) + "/" + std::to_string(block.key.minor);
}

class Auditor {
public:
    Auditor(Core& core, const std::function<bool(LogIndex)>& has_body)
        : core_(core), has_body_(has_body) {}

    Result<Audit> run() {
        for (const auto& [id, queue] : core_.queues) CMQ_TRY(check(queue));
        if (live_.hash(0) != core_.store.stripes.hash(0))
            return corrupt("the counts of live messages by log entry are not those of the blocks");
        found_.applied = core_.applied;
        return found_;
    }

private:
    Status check(const Queue& queue) {
        for (const auto& [number, chunk] : queue.chunks) CMQ_TRY(check(queue, chunk));
        for (const auto& [sequence, held] : queue.held.by_sequence())
            if (sequence >= queue.floors.retention) CMQ_TRY(check(queue, held));
        return {};
    }

    Status check(const Queue& queue, const Chunk& chunk) {
        Tally counted;
        for (auto number = chunk.next(0); number; number = chunk.next(*number + 1)) {
            const auto block = CMQ_TRY(read(queue, *number));
            ++found_.blocks;
            CMQ_TRY(check_extents(queue, *block));
            CMQ_TRY(check_cursor(queue, *block));
            const auto masks = block->masks(queue.rewinds, queue.floors);
            counted.done += ones(masks.done);
            counted.undeleted += ones(existing(queue, *block) & ~(masks.done | masks.gone));
        }
        found_.messages += counted.undeleted + counted.done;
        if (counted.undeleted == chunk.tally.undeleted && counted.done == chunk.tally.done)
            return {};
        return corrupt(
            name_of(queue) + ": its blocks from message " + std::to_string(chunk.base()) +
            " on hold " + std::to_string(counted.undeleted) + " messages and " +
            std::to_string(counted.done) + " deleted ones, not " +
            std::to_string(chunk.tally.undeleted) + " and " + std::to_string(chunk.tally.done));
    }

    /// Every message that is not gone lies somewhere, and its body is there.
    Status check_extents(const Queue& queue, const Block& block) {
        const auto alive = existing(queue, block) & ~block.gone;
        Bits placed = 0;
        for (const auto& extent : block.extents) {
            if ((placed & extent.bits()) != 0)
                return corrupt(name_of(block) + " holds a message twice");
            placed |= extent.bits();
            const auto living = ones(extent.bits() & alive);
            if (living == 0) continue;
            live_.add(extent.index, static_cast<std::uint32_t>(living));
            if (!has_body_(extent.index))
                return corrupt(name_of(block) + ": the log does not have entry " +
                               std::to_string(extent.index.value) + ", to which it points");
        }
        if ((alive & ~placed) == 0) return {};
        return corrupt(name_of(block) + " does not say where all of its messages lie");
    }

    /// Whoever passed the cursor, and is not over, would be lost if nobody held it.
    Status check_cursor(const Queue& queue, const Block& block) const {
        const auto masks = block.masks(queue.rewinds, queue.floors);
        auto passed = block.below(queue.cursor) & ~(masks.done | masks.gone);
        for (; passed != 0; passed &= passed - 1) {
            const auto sequence =
                block.base() + static_cast<std::uint64_t>(std::countr_zero(passed));
            if (!queue.held.holds(sequence))
                return corrupt(name_of(queue) + ": message " + std::to_string(sequence) +
                               " was passed by, and nobody holds it");
        }
        return {};
    }

    Status check(const Queue& queue, const Held& held) {
        const auto sequence = held.sequence();
        const auto number = sequence / block_messages;
        const auto chunk = queue.chunks.find(sequence / chunk_messages);
        const auto bad = [&](const char* what) {
            return corrupt(name_of(queue) + ": held message " + std::to_string(sequence) + ' ' +
                           what);
        };
        if (chunk == queue.chunks.end() || !chunk->second.has(number)) return bad("has no block");
        const auto block = CMQ_TRY(read(queue, number));
        const auto masks = block->masks(queue.rewinds, queue.floors);
        if (sequence >= queue.next || ((masks.done | masks.gone) & block->bit(sequence)) != 0)
            return bad("is over");
        if (block->stored(sequence) != held.stored) return bad("lies elsewhere");
        return {};
    }

    /// Held messages come one by one: the block that was read last is kept.
    Result<const Block*> read(const Queue& queue, std::uint64_t number) {
        const Key key{queue.id().value, number};
        if (latest_ && latest_->key == key) return &*latest_;
        const auto bytes = core_.rows.read(Table::block, key);
        latest_.emplace(key);
        if (!bytes) return corrupt(name_of(*latest_) + " is missing");
        if (!latest_->decode(*bytes))
            return corrupt(name_of(*latest_) + " is not what was written");
        return &*latest_;
    }

    static Bits existing(const Queue& queue, const Block& block) { return block.below(queue.next); }

    Core& core_;
    const std::function<bool(LogIndex)>& has_body_;
    Flush flush_;  // of live_, and never written
    Stripes live_{flush_};
    std::optional<Block> latest_;
    Audit found_;
};

}  // namespace

Result<Audit> audit(std::uint64_t group, Rows& rows, const Options& options,
                    const std::function<bool(LogIndex)>& has_body) {
    Core core(group, rows, options);
    CMQ_TRY(core.load());
    return Auditor(core, has_body).run();
}

}  // namespace cmq::broker
