// tests/simulation/raft_judge.h: the promises of consensus, held against everything that happens.
//
// Election safety, log matching, leader completeness and state machine safety are those of the Raft
// dissertation, figure 3.2; the others are ours.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/simulation/raft_node.h"

namespace cmq::simulation {

class Judge {
public:
    void on_leader(const RaftNode& node);
    void on_append(const raft::Entry& entry);
    void on_apply(RaftNode& node, const raft::Entry& entry, const std::vector<RaftNode>& nodes);
    void on_install(const raft::Base& base);
    /// Of a leader: all that it calls answered, or a copy, is on the disks that it claims.
    void on_secured(const RaftNode& leader, const std::vector<RaftNode>& nodes);
    void on_read(std::uint64_t id) { reads_[id] = secured_; }
    void on_ready(const raft::ReadReady& ready);

    void wrong(const std::string& what);
    const std::optional<std::string>& problem() const { return problem_; }

    struct Entry {
        raft::Term term;
        std::uint64_t chain = 0;
        raft::Term committed_in;  // the leader's
    };
    const std::vector<Entry>& committed() const { return committed_; }  // the first has index 1
    raft::Index secured() const { return secured_; }                    // the highest ever answered
    std::uint64_t reads_done() const { return reads_done_; }

private:
    const Entry* committed_at(raft::Index index) const;
    void check_majority(const RaftNode& leader, const raft::Entry& entry,
                        const std::vector<RaftNode>& nodes);
    void check_copies(const RaftNode& leader, const std::vector<RaftNode>& nodes);

    std::vector<Entry> committed_;
    std::unordered_map<std::uint64_t, raft::NodeId> leaders_;  // by term
    std::map<std::pair<raft::Index, raft::Term>, std::uint64_t> chains_;
    std::map<std::uint64_t, raft::Index> reads_;  // what each must see
    raft::Index secured_;
    raft::Term latest_term_;
    std::uint64_t reads_done_ = 0;
    std::optional<std::string> problem_;
};

}  // namespace cmq::simulation
