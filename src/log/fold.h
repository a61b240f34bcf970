// log/fold.h: what the rows of a log add up to.
//
// Rows are taken in journal order. Entry (group, index) replaces that index and all above it. A
// base below the last entry moves where the log begins; one above it, or of another term than the
// entry there, is a snapshot in place of the log: what was above the old base is void.
#pragma once

#include <optional>

#include "log/format.h"

namespace cmq::log {

/// A segment begins with a fold of the states that the one before ended with.
class Fold {
public:
    explicit Fold(States states = {}) : states_(std::move(states)) {}

    /// errors  invalid: an entry leaves a gap or lies at or below the base, or a base goes back.
    Status take(const Toc& toc);
    /// The same verdict on what would be taken; changes nothing.
    Status check(const Commit& commit) const;

    /// The chain value of the entry before `index`, where this segment or its opening knows it.
    std::optional<std::uint64_t> chain_before(raft::Group group, raft::Index index) const;

    const States& states() const { return states_; }
    /// The entries that were taken since the segment began and are not replaced.
    const FileIndex& entries() const { return entries_; }
    /// Null: it does not lie in this segment. A snapshot leaves a gap in front of its base.
    const Located* find(raft::Group group, raft::Index index) const;
    std::size_t entry_count() const { return entry_count_; }
    /// From there on, what older segments hold of a group is void.
    const std::map<raft::Group, raft::Index>& replaced_from() const { return replaced_from_; }

    Sealing seal() const;

private:
    Status take_entry(raft::Group group, const Located& entry);
    void take_body(raft::Group bodies, const Located& body);
    Status take_base(raft::Group group, const raft::Base& base);
    void cut(raft::Group group, raft::Index from);
    void restart(raft::Group group, const raft::Base& base);

    States states_;
    FileIndex entries_;
    std::map<raft::Group, raft::Index> replaced_from_;
    std::size_t entry_count_ = 0;  // taken in this segment
};

}  // namespace cmq::log
