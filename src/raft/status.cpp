// What people are told.

#include "raft/parts.h"

namespace cmq::raft {

GroupStatus status(const State& state, Steady now) {
    GroupStatus group{state.role,       state.leader,  state.hard.term,       state.commit,
                      state.log.last(), state.durable, state.leading.secured, {}};
    const auto& configuration = state.configuration();
    const bool leading = state.role == Role::leader;
    group.peers.push_back({state.self, state.durable, is_voter(configuration, state.self), leading,
                           state.complete, true});
    for (const auto& peer : state.leading.peers) {
        const bool voter = is_voter(configuration, peer.id);
        group.peers.push_back({peer.id, peer.match, voter, voter && peer.copy == Peer::Copy::in,
                               peer.complete, now - peer.heard < state.options.election});
    }
    return group;
}

}  // namespace cmq::raft
