// Which version of the formats is in force (broker/format_version.h), and when it rises.
//
// Each message says which version its sender's program knows. A leader that heard from all members
// since it leads, and within an election timeout, proposes the newest that all of them know. The
// command names whom it heard: whoever is put into the directory before it makes it void, whoever
// comes behind it must know the new version. So no order of the two leaves a node that cannot read.

#include <algorithm>

#include "base/log.h"
#include "shard/core.h"

namespace cmq::shard {

JournalNote Core::note_for(raft::NodeId to) const {
    auto note = journals_.note_for(to);
    note.knows = options_.newest_format;
    note.format = format_;
    return note;
}

void Core::on(MetFormat event) {
    if (event.format > options_.newest_format)
        ports_.fatal(broker::too_new(event.format, options_.newest_format));
}

/// The oldest stands for who was not heard.
broker::FormatVersion Core::known_by_all() const {
    auto all = options_.newest_format;
    const auto take = [&](raft::NodeId node, bool heard) {
        const auto said = knows_.find(node);
        const bool says = heard && said != knows_.end();
        if (node != raft_.self) all = std::min(all, says ? said->second : broker::oldest_format);
    };
    for (const auto& peer : raft::status(raft_, clock_.steady()).peers) take(peer.id, peer.heard);
    for (const auto& node : state_.nodes()) take(raft::NodeId{node.node.value}, true);
    return all;
}

void Core::raise_format() {
    if (options_.newest_format <= format_ || raising_ || stopping_ || !raft::leads(raft_)) return;
    broker::RaiseFormat raise{known_by_all(), {}};
    if (raise.to <= format_) return;
    for (const auto& node : state_.nodes()) raise.heard.push_back(node.node);
    raising_ = true;
    enqueue(broker::Command{{}, std::move(raise)},
            Origin{[this](const broker::Answer&) { raising_ = false; }, {}, 0});
}

/// After each command. False: what is in force now is not known here, and this node must not go on.
bool Core::take_format() {
    const auto now = state_.format();
    if (now == format_) return true;
    if (now > options_.newest_format) {
        ports_.fatal(broker::too_new(now, options_.newest_format));
        return false;
    }
    log::info("format_raised", {{"from", format_.value}, {"to", now.value}});
    format_ = now;
    return true;
}

}  // namespace cmq::shard
