// What a node does whose disk is nearly full, or full (D14).
//
//     below the reserve   sends are refused; deletes, receives and consensus go on
//     the log waits       everything that would be written is refused; what was proposed waits
//
// A cluster survives a node, so it survives its disk: whoever leads there gives up the lead, and
// takes none that is offered to it. The new leader's sends reach it all the same; it writes what it
// can, falls behind, leaves the in-sync set, and returns when there is room. That needs no message
// of its own: a node that is offered the lead and has no room lets the offer pass, as if it were
// lost, and the next one is asked. Where all disks are low one leads on and refuses sends.

#include <algorithm>

#include "base/log.h"
#include "shard/core.h"

namespace cmq::shard {
namespace {

/// A handover that comes to nothing holds everything up for an election timeout.
constexpr std::chrono::seconds give_up_pause{1};
constexpr std::chrono::seconds give_up_pause_max{64};

}  // namespace

void Core::on(Room event) {
    room_low_ = event.scarce || event.free_bytes < options_.disk_reserve_bytes;
    if (!is_disk_low()) give_up_pause_ = {};
}

void Core::on(LogWaits) { log_waits_ = true; }

/// Whether there is enough of it again, the next look will say.
void Core::log_goes_on() {
    if (std::exchange(log_waits_, false)) room_low_ = true;
}

/// Asks one after the other, ever less often.
void Core::give_up_lead() {
    if (!is_disk_low() || stopping_ || !raft::leads(raft_)) return;
    if (clock_.steady() < give_up_lead_at_) return;
    give_up_pause_ = std::clamp(2 * give_up_pause_, give_up_pause, give_up_pause_max);
    give_up_lead_at_ = clock_.steady() + give_up_pause_;
    successor_ = next_successor();
    if (successor_ == raft::NodeId{}) return;
    log::warn("disk_low_gives_up_lead", {{"to", successor_.value}});
    step(raft::Transfer{successor_});
}

/// The next behind the one that was asked last. 0: there is nobody else.
raft::NodeId Core::next_successor() {
    const auto& voters = raft_.configuration().voters;
    const auto last = std::ranges::find(voters, successor_);
    for (std::size_t steps = 1; steps <= voters.size(); ++steps) {
        const auto from = last == voters.end() ? 0 : last - voters.begin() + 1;
        const auto at = (static_cast<std::size_t>(from) + steps - 1) % voters.size();
        if (voters[at] != raft_.self) return voters[at];
    }
    return {};
}

}  // namespace cmq::shard
