// unit/shard/world.h: a core, and what stands around it, step by step.
#pragma once

#include <doctest/doctest.h>

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shard/core.h"
#include "tests/support/virtual_clock.h"

namespace cmq::shard {

struct MapRows final : broker::Rows {
    std::optional<std::string> read(broker::Table table, broker::Key key) override {
        const auto found = rows.find({table, key});
        if (found == rows.end()) return {};
        return found->second;
    }
    std::vector<broker::Row> scan(broker::Table table) override {
        std::vector<broker::Row> found;
        for (const auto& [key, value] : rows)
            if (key.first == table) found.push_back({table, key.second, value});
        return found;
    }
    void take(const std::vector<broker::Row>& changed) {
        for (const auto& row : changed) {
            if (row.value) {
                rows[{row.table, row.key}] = *row.value;
            } else {
                rows.erase({row.table, row.key});
            }
        }
    }
    std::map<std::pair<broker::Table, broker::Key>, std::string> rows;
};

/// Node 1: a core whose writer, keeper and flusher do their work when the test says so.
struct World {
    explicit World(broker::FormatVersion knows = broker::newest_format(),
                   raft::NodeId who_votes = raft::NodeId{1})
        : newest(knows), voter(who_votes) {
        settle();
    }

    void write_one() {
        REQUIRE(!writes.empty());
        auto job = std::move(writes.front());
        writes.pop_front();
        for (auto& [group, entry] : job.commit.entries) disk.push_back(entry);
        core.handle(Written{job.done, {}, {}, {}});
        core.advance();
    }

    /// Until there is nothing left to write, flush or read.
    void settle() {
        core.advance();
        while (!writes.empty() || !flushes.empty() || !reads.empty()) {
            while (!writes.empty()) write_one();
            for (; !flushes.empty(); flushes.pop_front()) {
                rows.take(flushes.front().rows);
                core.handle(Flushed{flushes.front().position, {}});
            }
            for (; !reads.empty(); reads.pop_front()) core.handle(read(reads.front()));
            core.advance();
        }
    }

    EntryRead read(raft::Index index) const {
        for (const auto& entry : disk)
            if (entry.index == index) return {index, entry};
        return {index, fail(Code::not_found, "no such entry")};
    }

    Ticket put(const broker::Action& action, std::optional<std::chrono::seconds> wait = {}) {
        const Ticket ticket{++tickets};
        const broker::Command command{broker::Namespace{1}, action};
        core.handle(Submit{
            ticket, request_of(command, wait),
            [this, ticket](broker::Answer answer) { answers.emplace(ticket, std::move(answer)); }});
        core.advance();
        return ticket;
    }

    Ticket ask(const broker::Question& question) {
        const Ticket ticket{++tickets};
        core.handle(Submit{
            ticket, Look{{broker::Namespace{1}, question}, {}},
            [this, ticket](broker::Answer answer) { answers.emplace(ticket, std::move(answer)); }});
        core.advance();
        return ticket;
    }

    bool answered(Ticket ticket) const { return answers.contains(ticket); }
    const broker::Answer& answer(Ticket ticket) const {
        REQUIRE(answered(ticket));
        return answers.at(ticket);
    }
    broker::Reason refused(Ticket ticket) const {
        REQUIRE(!answer(ticket).outcome);
        return answer(ticket).outcome.error().reason;
    }
    std::string body(Ticket ticket, std::size_t at = 0) const {
        REQUIRE(answer(ticket).outcome);
        REQUIRE(answer(ticket).bodies.size() > at);
        return std::string(answer(ticket).bodies[at].text);
    }

    CoreOptions options() const {
        CoreOptions chosen;
        chosen.newest_format = newest;
        chosen.secret = std::string(32, 's');
        return chosen;
    }
    raft::Start start() const {
        raft::Start first;
        first.self = raft::NodeId{1};
        first.base.configuration.voters = {voter};
        return first;
    }
    Core::Ports ports() {
        return {[this](WriteJob job) { writes.push_back(std::move(job)); },
                [this](KeepJob job) {
                    if (const auto* read_job = std::get_if<ReadEntry>(&job))
                        reads.push_back(read_job->index);
                },
                [this](FlushJob job) { flushes.push_back(std::move(job)); },
                [](const SnapshotJob&) { FAIL("nobody needs a snapshot"); },
                [](const raft::Message&) { FAIL("nobody to send to"); },
                [](raft::NodeId, const BulkRequest&, std::uint64_t) { FAIL("nobody to ask"); },
                [](const Error& error) { FAIL(error.message); }};
    }

    broker::FormatVersion newest;
    raft::NodeId voter;
    support::VirtualClock clock;
    MapRows rows;
    broker::State state{1, rows};
    std::deque<WriteJob> writes;
    std::deque<raft::Index> reads;
    std::deque<FlushJob> flushes;
    std::vector<raft::Entry> disk;
    std::map<Ticket, broker::Answer> answers;
    std::uint64_t tickets = 0;
    Core core{options(), clock, state, start(), ports()};
};

inline const broker::Send one(std::string_view body) {
    return broker::Send{"orders", 0, {}, {body}};
}

}  // namespace cmq::shard
