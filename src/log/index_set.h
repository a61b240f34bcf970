// log/index_set.h: a set of entry indexes, kept as runs: what is there is mostly without gaps.
#pragma once

#include <iterator>
#include <map>

#include "raft/types.h"

namespace cmq::log {

class IndexSet {
public:
    void add(raft::Index index) {
        const auto after = last_of_.upper_bound(index);
        const bool runs_on = after != last_of_.end() && after->first == raft::next(index);
        const auto last = runs_on ? after->second : index;
        if (after != last_of_.begin()) {
            const auto before = std::prev(after);
            if (before->second >= index) return;
            if (raft::next(before->second) == index) {
                before->second = last;
                if (runs_on) last_of_.erase(after);
                return;
            }
        }
        if (runs_on) last_of_.erase(after);
        last_of_.emplace(index, last);
    }

    bool contains(raft::Index index) const {
        const auto after = last_of_.upper_bound(index);
        return after != last_of_.begin() && std::prev(after)->second >= index;
    }

private:
    std::map<raft::Index, raft::Index> last_of_;  // by the first of a run
};

}  // namespace cmq::log
