// A state over rows in a map, with the words that scenarios are told in.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker/codec.h"
#include "broker/state.h"

namespace cmq::broker::test {

using namespace std::chrono_literals;

class MapRows final : public Rows {
public:
    std::optional<std::string> read(Table table, Key key) override {
        const auto at = rows_.find({table, key});
        if (at == rows_.end()) return std::nullopt;
        return at->second;
    }
    std::vector<Row> scan(Table table) override {
        std::vector<Row> found;
        for (const auto& [place, value] : rows_) {
            if (place.first == table) found.push_back(Row{table, place.second, value});
        }
        return found;
    }
    void write(const std::vector<Row>& rows) {
        for (const auto& row : rows) {
            if (row.value) {
                rows_[{row.table, row.key}] = *row.value;
            } else {
                rows_.erase({row.table, row.key});
            }
        }
    }
    std::size_t count(Table table) { return scan(table).size(); }
    std::string& at(Table table, Key key) { return rows_.at({table, key}); }

private:
    std::map<std::pair<Table, Key>, std::string> rows_;
};

inline const std::string secret(32, 's');

class Broker {
public:
    explicit Broker(Options options_ = {}) : options(options_) {
        state = std::make_unique<State>(7, rows, options);
        apply(Found{secret});
    }

    /// One command in an entry of its own.
    Outcome apply(Action action) {
        std::uint32_t slot = 0;
        return state->apply(Command{space, std::move(action)}, now, LogIndex{++index}, slot);
    }

    Outcome create(AttributeChanges attributes = {}) { return apply(CreateQueue{"q", attributes}); }
    Outcome set(AttributeChanges attributes) { return apply(SetQueueAttributes{"q", attributes}); }
    Outcome send(std::string_view body = "body", std::int64_t delay_seconds = 0,
                 std::string_view dedup_id = {}) {
        return apply(Send{"q", delay_seconds, dedup_id, {body}});
    }
    Outcome send_many(std::size_t count, std::int64_t delay_seconds = 0) {
        return apply(Send{"q", delay_seconds, {}, std::vector<std::string_view>(count, "body")});
    }
    Outcome receive(std::uint32_t count = 1) { return apply(Receive{"q", count}); }
    Outcome remove(std::vector<std::uint64_t> handles) {
        return apply(DeleteMessages{"q", std::move(handles)});
    }
    Outcome rewind(Stamp to) { return apply(RewindQueue{"q", to}); }
    Outcome change(std::uint64_t handle, std::int64_t timeout) {
        return apply(ChangeVisibility{"q", handle, timeout});
    }
    /// Ticks until nothing is due.
    void settle() {
        while (state->next_due() && *state->next_due() <= now) apply(Tick{});
    }

    /// Receives up to 16; empty when there is nothing.
    std::vector<Delivery> take(std::uint32_t count = 16) {
        const auto outcome = receive(count);
        if (!outcome) return {};
        return std::get<Received>(*outcome).deliveries;
    }
    /// Receives up to `count` one by one and deletes them; how many there were.
    std::size_t consume(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            const auto taken = take(1);
            if (taken.empty()) return i;
            if (!std::get<Deleted>(*remove({taken[0].handle.value})).failed.empty()) return i;
        }
        return count;
    }
    QueueView view() { return std::get<QueueView>(*state->ask(Query{space, GetQueue{"q"}}, now)); }
    Outcome peek_rewind(std::variant<Stamp, MessageId> to) {
        return state->ask(Query{space, PeekRewind{"q", to}}, now);
    }
    QueueId id() const { return *state->find(space, "q"); }

    /// Everything up to now to the rows.
    void flush() {
        state->begin_flush();
        std::vector<Row> taken;
        while (state->take_rows(7, taken)) continue;
        rows.write(taken);
        state->end_flush();
    }
    /// A new state over the same rows.
    Status reload() {
        state = std::make_unique<State>(7, rows, options);
        return state->load();
    }

    Options options;
    MapRows rows;
    std::unique_ptr<State> state;
    Namespace space{1};
    Stamp now = stamp_of(1'700'000'000'000);
    std::uint64_t index = 0;
};

inline std::optional<Reason> refused(const Outcome& outcome) {
    if (outcome) return std::nullopt;
    return outcome.error().reason;
}

inline std::vector<std::uint64_t> ids(const std::vector<Delivery>& deliveries) {
    std::vector<std::uint64_t> found;
    for (const auto& delivery : deliveries) found.push_back(delivery.id.value & ((1ULL << 53) - 1));
    return found;
}

}  // namespace cmq::broker::test
