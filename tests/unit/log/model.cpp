#include "tests/unit/log/model.h"

#include <algorithm>

namespace cmq::log::test {
namespace {

std::string text(raft::Group group, raft::Index index) {
    return "group " + std::to_string(group.value) + ", index " + std::to_string(index.value);
}

bool same(const raft::Entry& a, const raft::Entry& b) {
    return a.index == b.index && a.term == b.term && a.kind == b.kind && a.chain == b.chain &&
           *a.payload == *b.payload;
}

tl::unexpected<Error> wrong(std::string what) { return fail(Code::internal, std::move(what)); }

tl::unexpected<Error> unreadable(const std::string& what, const Error& error) {
    return fail(error.code == Code::corrupt ? Code::corrupt : Code::internal,
                what + ": " + error.message);
}

Status compare_tail(raft::Group group, const Tail& tail, const Model::Group& model) {
    if (tail.hard != model.hard) return wrong(text(group, {}) + ": another hard state");
    if (tail.base != model.base) return wrong(text(group, {}) + ": another base");
    if (tail.last != model.last)
        return wrong(text(group, tail.last) + ": ends here, not at " +
                     std::to_string(model.last.value));
    const auto last = model.entries.find(model.last.value);
    const auto chain = last == model.entries.end() ? model.base.chain : last->second.chain;
    if (tail.chain != chain) return wrong(text(group, tail.last) + ": another chain at the end");
    std::vector<std::pair<raft::Index, raft::Term>> terms;
    for (const auto& [index, entry] : model.entries) {
        if (index <= model.base.index.value || index > model.last.value) continue;
        if (terms.empty() || terms.back().second != entry.term)
            terms.emplace_back(raft::Index{index}, entry.term);
    }
    // The first may go on in the term of the base.
    auto found = tail.terms;
    if (found != terms && !terms.empty() && terms[0].second == model.base.term)
        terms.erase(terms.begin());
    if (found != terms) return wrong(text(group, {}) + ": other terms");
    return {};
}

Status compare_entries(Node& node, raft::Group group, const Model::Group& model) {
    const auto from = std::max(model.base.index.value, model.durable_applied.value) + 1;
    auto expected = model.entries.lower_bound(from);
    const auto replayed = node.log->replay(group, {from}, [&](const raft::Entry& entry) -> Status {
        if (expected == model.entries.end() || !same(expected->second, entry)) {
            return wrong(text(group, entry.index) + ": replayed, but not what was written");
        }
        ++expected;
        return {};
    });
    if (!replayed) return unreadable(text(group, {from}) + ": replay", replayed.error());
    if (expected != model.entries.end())
        return wrong(text(group, expected->second.index) + ": acknowledged, but not replayed");
    std::map<raft::Index, raft::Entry> active;  // cannot be read from the archive
    CMQ_TRY(node.log->replay_active(
        group, [&](const raft::Entry& entry) { active.emplace(entry.index, entry); }));
    for (const auto& [index, entry] : model.entries) {
        if (index >= from) break;
        if (!is_live({index}, model.durable_applied)) continue;
        const auto here = active.find({index});
        const auto found = here != active.end() ? Result<raft::Entry>(here->second)
                                                : node.archive->read(group, {index});
        if (!found) return unreadable(text(group, {index}), found.error());
        if (!same(entry, *found)) return wrong(text(group, {index}) + ": not what was written");
    }
    return {};
}

Status compare_open(Node& node, const Model& model) {
    const auto& found = node.log->recovered().groups;
    for (const auto& [group, state] : model.groups) {
        const auto tail = found.find(group);
        if (tail == found.end()) {
            if (state.last == raft::Index{} && state.hard == raft::HardState{}) continue;
            return wrong(text(group, {}) + ": is lost");
        }
        CMQ_TRY(compare_tail(group, tail->second, state));
        CMQ_TRY(compare_entries(node, group, state));
    }
    for (const auto& [group, tail] : found)
        if (!model.groups.contains(group)) return wrong(text(group, {}) + ": is invented");
    return {};
}

}  // namespace

void Model::apply(const Commit& commit) {
    for (const auto& [group, base] : commit.bases) {
        auto& state = groups[group];
        const bool goes_on = base.index <= state.last && term_at(group, base.index) == base.term;
        if (!goes_on) {
            state.entries.erase(state.entries.upper_bound(state.base.index.value),
                                state.entries.end());
            state.last = base.index;
        }
        state.base = base;
    }
    for (const auto& [group, entry] : commit.entries) {
        auto& state = groups[group];
        state.entries.erase(state.entries.lower_bound(entry.index.value), state.entries.end());
        state.entries[entry.index.value] = entry;
        state.last = entry.index;
    }
    for (const auto& [group, hard] : commit.hard) groups[group].hard = hard;
}

std::uint64_t Model::chain_at(raft::Group group, raft::Index index) const {
    const auto state = groups.find(group);
    if (state == groups.end() || index == raft::Index{}) return 0;
    if (index == state->second.base.index) return state->second.base.chain;
    return state->second.entries.at(index.value).chain;
}

raft::Term Model::term_at(raft::Group group, raft::Index index) const {
    const auto state = groups.find(group);
    if (state == groups.end() || index == raft::Index{}) return {};
    if (index == state->second.base.index) return state->second.base.term;
    return state->second.entries.at(index.value).term;
}

bool is_live(raft::Index index, raft::Index applied) {
    if (index > applied) return true;
    const auto age = applied.value - index.value;
    const auto luck = (index.value * 2654435761u) >> 7;
    if (index.value / 64 % 3 == 1) return age < 30;
    return age < (luck % 4 == 0 ? 60 : 10);
}

Options small_segments(Planted planted) {
    Options options;
    options.directory = "data/log";
    options.segment_bytes = 128 * 1024;
    options.planted = planted;
    return options;
}

raft::Entry entry_after(const Model& model, raft::Group group, raft::Index index, raft::Term term,
                        std::string payload) {
    const auto before = model.chain_at(group, raft::Index{index.value - 1});
    const auto chain = raft::chain_of(raft::Kind::command, payload, before);
    return {index, term, raft::Kind::command, chain, make_blob(std::move(payload))};
}

Commit next(const Model& model, raft::Group group, std::string payload) {
    const auto state = model.groups.find(group);
    const raft::Index last = state == model.groups.end() ? raft::Index{} : state->second.last;
    const auto term = std::max(model.term_at(group, last), raft::Term{1});
    Commit commit;
    commit.entries.emplace_back(
        group, entry_after(model, group, {last.value + 1}, term, std::move(payload)));
    return commit;
}

Status Node::open() {
    close();
    archive = std::make_unique<Archive>(files, options);
    log = CMQ_TRY(Log::open(files, options, *archive));
    return {};
}

void Node::close() {
    log.reset();
    archive.reset();
}

Result<Journal> Node::append(const Commit& commit) {
    in_doubt = commit;
    auto appended = CMQ_TRY(log->append(commit));
    model.apply(commit);
    in_doubt.reset();
    if (appended.sealed) archive->adopt(std::move(appended.sealed));
    return appended.journal;
}

Status Node::tidy(raft::Group group, raft::Index durable_applied) {
    model.groups[group].durable_applied = durable_applied;
    const auto live = [&](raft::Group, raft::Index first, raft::Index last) {
        for (auto index = first; index <= last; ++index.value)
            if (is_live(index, durable_applied)) return true;
        return false;
    };
    while (CMQ_TRY(archive->tidy_up(group, {durable_applied, durable_applied}, live))) continue;
    auto& state = model.groups[group];
    std::erase_if(state.entries, [&](const auto& one_entry) {
        return one_entry.first < state.base.index.value &&
               !is_live({one_entry.first}, durable_applied);
    });
    return {};
}

Result<raft::Entry> Node::read(raft::Group group, raft::Index index) {
    auto found = archive->read(group, index);
    if (found || found.error().code != Code::not_found) return found;
    std::optional<raft::Entry> replayed;
    CMQ_TRY(log->replay(group, index, [&](const raft::Entry& entry) {
        if (entry.index == index) replayed = entry;
        return Status{};
    }));
    if (replayed) return *replayed;
    return found;
}

Status compare(store::Files& files, const Options& options, const Model& model,
               const std::optional<Commit>& in_doubt) {
    Node node(files, options);
    if (const auto opened = node.open(); !opened) return unreadable("open", opened.error());
    auto compared = compare_open(node, model);
    if (compared || !in_doubt) return compared;
    auto with = model;
    with.apply(*in_doubt);
    const auto other = compare_open(node, with);
    if (other) return {};
    compared.error().message += "; or, with the commit in doubt, " + other.error().message;
    return compared;
}

std::string text_of(const Status& status) { return status ? "" : status.error().message; }

std::string Script::payload() {
    const auto size = one_in(9) ? chance_() % 30'000 : chance_() % 300;
    std::string bytes(size, '\0');
    for (std::size_t at = 0; at < bytes.size(); at += 7) bytes[at] = static_cast<char>(chance_());
    return bytes;
}

Commit Script::commit(const Model& model) {
    Commit commit;
    auto grown = model;
    for (auto left = 1 + chance_() % 3; left > 0; --left) {
        auto one_more = next(grown, one_in(4) ? two : one, payload());
        grown.apply(one_more);
        commit.entries.push_back(std::move(one_more.entries[0]));
    }
    return commit;
}

/// A new leader replaces what was not committed, and votes were given in between.
Commit Script::new_term(const Model& model) {
    Commit commit;
    const auto state = model.groups.find(one);
    if (state == model.groups.end()) return this->commit(model);
    const auto& group = state->second;
    const auto kept = std::max(group.base.index, group.durable_applied);
    const auto from = kept.value + 1 + chance_() % (group.last.value - kept.value + 1);
    const raft::Term term{std::max(group.hard.term, model.term_at(one, group.last)).value + 1};
    commit.hard.emplace_back(one, raft::HardState{term, {chance_() % 3}});
    commit.entries.emplace_back(one, entry_after(model, one, {from}, term, payload()));
    return commit;
}

Status Script::step(Node& node) {
    auto& groups = node.model.groups;
    if (one_in(12)) {
        CMQ_TRY(node.archive->fill_pool());
        return node.archive->sync_mark();
    }
    if (one_in(10)) {
        const auto group = one_in(2) ? one : two;
        auto& state = groups[group];
        const auto below = chance_() % 12;
        const auto applied = state.last.value > below ? state.last.value - below : 0;
        return node.tidy(group, std::max(state.durable_applied, raft::Index{applied}));
    }
    auto next_commit = one_in(12) ? new_term(node.model) : commit(node.model);
    if (const auto& state = groups[one]; one_in(8) && state.durable_applied > state.base.index)
        next_commit.bases.emplace_back(one,
                                       raft::Base{state.durable_applied,
                                                  node.model.term_at(one, state.durable_applied),
                                                  node.model.chain_at(one, state.durable_applied),
                                                  {{{1}, {2}}, {}}});
    CMQ_TRY(node.append(next_commit));
    return {};
}

}  // namespace cmq::log::test
