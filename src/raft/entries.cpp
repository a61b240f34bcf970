#include "raft/entries.h"

#include <algorithm>

#include "base/check.h"

namespace cmq::raft {

std::size_t weight_of(const Entry& entry) { return entry.payload->size() + sizeof(Entry); }

Entries::Entries(const Base& base)
    : base_(base.index), base_term_(base.term), floor_(base.index), floor_chain_(base.chain) {}

std::optional<Term> Entries::term_at(Index index) const {
    if (index < base_ || index > last()) return {};
    for (auto start = terms_.rbegin(); start != terms_.rend(); ++start)
        if (start->first <= index) return start->term;
    return base_term_;
}

std::optional<std::uint64_t> Entries::chain_at(Index index) const {
    if (index == floor_) return floor_chain_;
    const auto* entry = find(index);
    return entry ? std::optional(entry->chain) : std::nullopt;
}

const Entry* Entries::find(Index index) const {
    if (index <= floor_ || index > last()) return nullptr;
    return &entries_[index.value - floor_.value - 1];
}

Index Entries::last_at_most(Index index, Term term) const {
    auto at = std::min(index, last());
    if (at < base_) return at;
    for (auto start = terms_.rbegin(); start != terms_.rend(); ++start) {
        if (start->first > at) continue;
        if (start->term <= term) return at;
        at = previous(start->first);
    }
    return base_term_ <= term ? at : previous(base_);
}

void Entries::append(Entry entry) {
    CMQ_CHECK(entry.index == next(last()));
    CMQ_CHECK(entry.term >= last_term());
    if (entry.term != last_term()) terms_.push_back({entry.index, entry.term});
    entries_.push_back(std::move(entry));
}

void Entries::cut(Index from) {
    CMQ_CHECK(from > floor_);
    while (last() >= from) entries_.pop_back();
    while (!terms_.empty() && terms_.back().first >= from) terms_.pop_back();
}

void Entries::forget(Index upto) {
    while (floor_ < upto && !entries_.empty()) {
        floor_ = entries_.front().index;
        floor_chain_ = entries_.front().chain;
        entries_.pop_front();
    }
}

void Entries::begin_at(const Base& base) {
    if (term_at(base.index) != base.term) {
        *this = Entries(base);
        return;
    }
    forget(base.index);
    base_ = base.index;
    base_term_ = base.term;
    std::erase_if(terms_, [this](const TermStart& start) { return start.first <= base_; });
}

}  // namespace cmq::raft
