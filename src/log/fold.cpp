#include "log/fold.h"

#include <algorithm>

namespace cmq::log {
namespace {

std::string name_of(raft::Group group, raft::Index index) {
    return "group " + std::to_string(group.value) + ", index " + std::to_string(index.value);
}

Status check_entry(raft::Group group, raft::Index index, raft::Index base, raft::Index last) {
    if (index > base && index.value <= last.value + 1) return {};
    return fail(Code::invalid, name_of(group, index) + ": entries lie between " +
                                   std::to_string(base.value) + " and " +
                                   std::to_string(last.value) + ", and follow one another");
}

Status check_base(raft::Group group, raft::Index index, raft::Index base) {
    if (index >= base) return {};
    return fail(Code::invalid, name_of(group, index) + ": a base does not go back from " +
                                   std::to_string(base.value));
}

std::optional<raft::Term> term_at(const GroupState& state, raft::Index index) {
    if (index == state.base.index) return state.base.term;
    std::optional<raft::Term> term;
    for (const auto& [first, of] : state.terms)
        if (first <= index) term = of;
    return term;
}

/// False: `base` takes the place of the whole log.
bool goes_on(const GroupState& state, const raft::Base& base) {
    return base.index <= state.last.index && term_at(state, base.index) == base.term;
}

/// Terms are told of entries above the base only.
void trim_terms(GroupState& state) {
    const raft::Index first{state.base.index.value + 1};
    auto& terms = state.terms;
    while (terms.size() > 1 && terms[1].first <= first) terms.erase(terms.begin());
    if (!terms.empty()) terms[0].first = std::max(terms[0].first, first);
    if (state.last.index <= state.base.index) terms.clear();
}

}  // namespace

Status Fold::take(const Toc& toc) {
    for (const auto& [group, base] : toc.bases) CMQ_TRY(take_base(group, base));
    for (const auto& [group, entry] : toc.entries) {
        if (are_bodies(group)) {
            take_body(group, entry);
        } else {
            CMQ_TRY(take_entry(group, entry));
        }
    }
    for (const auto& [group, hard] : toc.hard) states_[group].hard = hard;
    return {};
}

Status Fold::check(const Commit& commit) const {
    std::map<raft::Group, std::pair<raft::Index, raft::Index>> ends;  // base, last
    const auto end_of = [&](raft::Group group) -> auto& {
        const auto [end, is_new] = ends.try_emplace(group);
        const auto state = states_.find(group);
        if (is_new && state != states_.end())
            end->second = {state->second.base.index, state->second.last.index};
        return end->second;
    };
    for (const auto& [group, base] : commit.bases) {
        auto& [first, last] = end_of(group);
        CMQ_TRY(check_base(group, base.index, first));
        first = base.index;
        const auto state = states_.find(group);
        if (state == states_.end() || !goes_on(state->second, base)) last = base.index;
    }
    for (const auto& [group, entry] : commit.entries) {
        auto& [base, last] = end_of(group);
        CMQ_TRY(check_entry(group, entry.index, base, last));
        last = entry.index;
    }
    return {};
}

Status Fold::take_entry(raft::Group group, const Located& entry) {
    auto& state = states_[group];
    CMQ_TRY(check_entry(group, entry.index, state.base.index, state.last.index));
    if (entry.index <= state.last.index) cut(group, entry.index);
    const auto before = term_at(state, raft::Index{entry.index.value - 1});
    if (state.terms.empty() || before != entry.term)
        state.terms.emplace_back(entry.index, entry.term);
    state.last = {entry.index, entry.term, entry.chain};
    entries_[group].push_back(entry);
    auto& replaced = replaced_from_[group];
    if (replaced == raft::Index{} || entry.index < replaced) replaced = entry.index;
    ++entry_count_;
    return {};
}

/// The same body may be fetched twice: the later one is as good.
void Fold::take_body(raft::Group bodies, const Located& body) {
    auto& all = entries_[bodies];
    const auto at = std::ranges::lower_bound(all, body.index, {}, &Located::index);
    if (at != all.end() && at->index == body.index) {
        *at = body;
    } else {
        all.insert(at, body);
    }
    ++entry_count_;
}

/// Removes `from` and all above. The entry that takes its place sets `last`.
void Fold::cut(raft::Group group, raft::Index from) {
    auto& terms = states_[group].terms;
    while (!terms.empty() && terms.back().first >= from) terms.pop_back();
    auto& entries = entries_[group];
    while (!entries.empty() && entries.back().index >= from) entries.pop_back();
}

Status Fold::take_base(raft::Group group, const raft::Base& base) {
    auto& state = states_[group];
    CMQ_TRY(check_base(group, base.index, state.base.index));
    if (!goes_on(state, base)) restart(group, base);
    state.base = base;
    trim_terms(state);
    return {};
}

void Fold::restart(raft::Group group, const raft::Base& base) {
    auto& state = states_[group];
    const raft::Index first_void{state.base.index.value + 1};
    cut(group, first_void);
    auto& replaced = replaced_from_[group];
    if (replaced == raft::Index{} || first_void < replaced) replaced = first_void;
    state.last = {base.index, base.term, base.chain};
}

std::optional<std::uint64_t> Fold::chain_before(raft::Group group, raft::Index index) const {
    const raft::Index before{index.value - 1};
    const auto state = states_.find(group);
    if (state == states_.end()) return before == raft::Index{} ? std::optional(0ul) : std::nullopt;
    if (before == state->second.base.index) return state->second.base.chain;
    if (before == state->second.last.index) return state->second.last.chain;
    const auto* entry = find(group, before);
    return entry ? std::optional(entry->chain) : std::nullopt;
}

const Located* Fold::find(raft::Group group, raft::Index index) const {
    const auto entries = entries_.find(group);
    if (entries == entries_.end()) return nullptr;
    const auto found = std::ranges::lower_bound(entries->second, index, {}, &Located::index);
    return found != entries->second.end() && found->index == index ? &*found : nullptr;
}

Sealing Fold::seal() const {
    Sealing sealing{states_, {}};
    for (const auto& [group, entries] : entries_) sealing.ranges[group] = range_of(entries);
    for (const auto& [group, index] : replaced_from_) sealing.ranges[group].replaced_from = index;
    return sealing;
}

}  // namespace cmq::log
