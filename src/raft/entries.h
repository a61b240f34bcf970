// raft/entries.h: the replicated log as far as it is in memory.
//
//     base ......... floor | floor+1 ......... last
//     terms only, compact  | whole entries
//
// Below `base` nothing is known here: that is in the state's checkpoint, and perhaps still in the
// log on disk. Terms are kept as a list of where each begins, so that the term of an entry is known
// without the entry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "raft/types.h"

namespace cmq::raft {

/// What an entry weighs in every budget.
std::size_t weight_of(const Entry& entry);

class Entries {
public:
    explicit Entries(const Base& base);

    Index base() const { return base_; }
    Index floor() const { return floor_; }
    Index last() const { return Index{floor_.value + entries_.size()}; }
    Term last_term() const { return terms_.empty() ? base_term_ : terms_.back().term; }
    std::uint64_t chain() const { return entries_.empty() ? floor_chain_ : entries_.back().chain; }

    std::optional<Term> term_at(Index index) const;            // of base .. last
    std::optional<std::uint64_t> chain_at(Index index) const;  // of floor .. last
    const Entry* find(Index index) const;                      // of floor+1 .. last

    /// The last index up to `index` whose term is at most `term`. Where that lies below what is
    /// known: the highest index that may be it.
    Index last_at_most(Index index, Term term) const;

    void append(Entry entry);         // behind `last`, with a term that does not fall
    void cut(Index from);             // `from` and all above are gone; only above floor
    void forget(Index upto);          // whole entries become terms only
    void begin_at(const Base& base);  // above it everything stays, if it is the entry of that term;
                                      // otherwise nothing does
private:
    struct TermStart {
        Index first;
        Term term;
    };

    Index base_;
    Term base_term_;
    Index floor_;
    std::uint64_t floor_chain_ = 0;
    std::deque<Entry> entries_;     // floor+1 .. last
    std::vector<TermStart> terms_;  // above base, rising
};

}  // namespace cmq::raft
