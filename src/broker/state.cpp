#include "broker/state.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "broker/core.h"

namespace cmq::broker {
namespace {

std::uint32_t bodies_in(const Action& action) {
    const auto* send = std::get_if<Send>(&action);
    return send == nullptr ? 0 : static_cast<std::uint32_t>(send->bodies.size());
}

}  // namespace

struct State::Parts {
    Parts(std::uint64_t group, Rows& rows, const Options& options) : core(group, rows, options) {}
    Core core;
};

State::State(std::uint64_t group, Rows& rows, Options options)
    : parts_(std::make_unique<Parts>(group, rows, options)) {
    CMQ_CHECK(group < 1024);
}
State::~State() = default;

Status State::load() { return parts_->core.load(); }

Outcome State::apply(const Command& command, Stamp stamp, LogIndex index, std::uint32_t& slot) {
    auto& core = parts_->core;
    core.clock = std::max(core.clock, stamp);
    core.applied = std::max(core.applied, index);
    const Context context{command.space, core.clock, index, slot};
    // Refused ones count too: their bodies lie in the entry all the same.
    slot += bodies_in(command.action);
    auto outcome =
        std::visit([&](const auto& action) { return on(core, context, action); }, command.action);
    core.store.blocks.trim();
    return outcome;
}

Outcome State::ask(const Query& query, Stamp now) {
    auto& core = parts_->core;
    auto outcome = answer(core, query, std::max(core.clock, now));
    core.store.blocks.trim();
    return outcome;
}

std::optional<QueueId> State::find(Namespace space, std::string_view queue) const {
    const auto* found = parts_->core.find(space, queue);
    if (found == nullptr) return std::nullopt;
    return found->id();
}

std::optional<Attributes> State::attributes(QueueId queue) const {
    const auto* found = parts_->core.find(queue);
    if (found == nullptr) return std::nullopt;
    return found->attributes;
}

std::uint64_t State::ready(QueueId queue, std::uint64_t enough) const {
    return parts_->core.ready(queue, enough);
}

std::vector<QueueId> State::take_woken() {
    auto& core = parts_->core;
    for (const auto id : core.woken) {
        const auto at = core.queues.find(id.value);
        if (at != core.queues.end()) at->second.woken = false;
    }
    return std::exchange(core.woken, {});
}

std::string_view State::secret() const { return parts_->core.secret; }

std::vector<NodeEntry> State::nodes() const { return parts_->core.directory.nodes(); }

std::uint64_t State::node_changes() const { return parts_->core.directory.changes(); }

std::optional<Stamp> State::next_due() const {
    const auto& due = parts_->core.due;
    if (due.empty()) return std::nullopt;
    return due.begin()->first;
}

FormatVersion State::format() const { return parts_->core.format; }
Stamp State::clock() const { return parts_->core.clock; }
LogIndex State::applied() const { return parts_->core.applied; }
std::uint64_t State::hash() const { return parts_->core.hash(); }

bool State::live(LogIndex index) const {
    return index > applied() || parts_->core.store.stripes.live(index);
}

std::vector<bool> State::live(LogIndex first, LogIndex last) const {
    return parts_->core.store.stripes.live(first, std::min(last, applied()));
}

LogIndex State::first_live() const {
    const auto first = parts_->core.store.stripes.first_live();
    return first ? *first : LogIndex{applied().value + 1};
}

void State::begin_flush() { parts_->core.store.flush.begin(parts_->core.row()); }

bool State::take_rows(std::size_t count, std::vector<Row>& out) {
    return parts_->core.store.flush.take(count, out);
}

void State::end_flush() {
    auto& store = parts_->core.store;
    store.flush.end(store.blocks.idle());
    store.blocks.trim();
}

std::size_t State::dirty() const { return parts_->core.store.flush.dirty(); }

State::Counts State::counts() const {
    Counts counts;
    const auto& core = parts_->core;
    const auto& [tally, held] = core.store.totals;
    counts.queues = core.names.size();
    counts.active = tally.active();
    counts.inactive = tally.leased;
    counts.delayed = tally.delayed;
    counts.rewindable = tally.done;
    counts.held_in_memory = held;
    counts.blocks_in_memory = core.store.blocks.size();
    return counts;
}

}  // namespace cmq::broker
