// Bodies of answers: from the cache at once, else from the keeper.

#include "base/log.h"
#include "shard/core.h"

namespace cmq::shard {
namespace {

std::vector<broker::BodyAt> places_of(const broker::Outcome& outcome) {
    std::vector<broker::BodyAt> places;
    if (!outcome) return places;
    if (const auto* received = std::get_if<broker::Received>(&*outcome))
        for (const auto& delivery : received->deliveries) places.push_back(delivery.body);
    if (const auto* peeked = std::get_if<broker::Peeked>(&*outcome))
        for (const auto& item : peeked->items) places.push_back(item.body);
    return places;
}

}  // namespace

void Core::answer(broker::Outcome outcome, Continuation done) {
    const auto fetch = std::make_shared<Fetch>();
    fetch->answer.outcome = std::move(outcome);
    fetch->done = std::move(done);
    fetch->places = places_of(fetch->answer.outcome);
    fetch->answer.bodies.resize(fetch->places.size());
    for (std::size_t at = 0; at < fetch->places.size(); ++at) {
        auto body = cache_.find(fetch->places[at]);
        if (!body) return refuse(fetch->done, broker::Reason::body_damaged);
        if (*body) {
            fetch->answer.bodies[at] = **std::move(body);
        } else {
            await_entry(fetch, fetch->places[at].index);
        }
    }
    if (fetch->missing == 0) fetch->done(std::move(fetch->answer));
}

void Core::await_entry(const std::shared_ptr<Fetch>& fetch, raft::Index index) {
    auto& line = fetches_[index.value];
    if (!line.empty() && line.back() == fetch) return;
    if (line.empty()) {
        ++figures_.cold_reads;
        ports_.keep(ReadEntry{index});
    }
    line.push_back(fetch);
    ++fetch->missing;
}

/// Takes from the cache what has just come; bodies are kept, because the cache may let go of one
/// entry before the next one of the same answer has come.
bool Core::fill(Fetch& fetch, raft::Index index) {
    for (std::size_t at = 0; at < fetch.places.size(); ++at) {
        if (fetch.places[at].index != index) continue;
        auto body = cache_.find(fetch.places[at]);
        if (!body || !*body) return false;
        fetch.answer.bodies[at] = **std::move(body);
    }
    return true;
}

void Core::on(EntryRead event) {
    const bool good = event.entry && cache_.add_cold(*event.entry);
    if (good || !repair(event.index)) give_body(event.index, good);
}

void Core::give_body(raft::Index index, bool good) {
    const auto line = fetches_.extract(index.value);
    if (line.empty()) return;
    for (const auto& fetch : line.mapped()) {
        if (!fetch->done) continue;  // answered already: another entry of it is damaged
        if (!good || !fill(*fetch, index)) {
            refuse(std::exchange(fetch->done, {}), broker::Reason::body_damaged);
        } else if (--fetch->missing == 0) {
            std::exchange(fetch->done, {})(std::move(fetch->answer));
        }
    }
}

void Core::on(Damaged event) {
    if (!state_.live(event.index) || repairs_.contains(event.index)) return;
    if (cache_.is_active(event.index)) return;  // repaired, and not sealed yet
    log::error("entry_damaged", {{"detail", event.error.message}});
    if (!repair(event.index) && event.stops_alone) ports_.fatal(event.error);
}

/// Asks the others for it, one after the other. False: there is nobody left to ask.
bool Core::repair(raft::Index index) {
    auto others = raft_.configuration().voters;
    std::erase(others, raft_.self);
    auto& asked = repairs_[index];
    if (asked >= others.size()) {
        repairs_.erase(index);
        return false;
    }
    ask(others[asked++], BodiesWanted{{index}},
        [this, index](const Result<BulkAnswer>& answer) { take_repair(index, answer); });
    return true;
}

void Core::take_repair(raft::Index index, const Result<BulkAnswer>& answer) {
    const auto* found = answer ? std::get_if<BodiesFound>(&*answer) : nullptr;
    const bool has = found && found->entries.size() == 1 && found->entries[0].index == index;
    if (has && cache_.add_cold(found->entries[0])) {
        log::info("entry_repaired", {{"entry", index.value}});
        ++figures_.bodies_repaired;
        repairs_.erase(index);
        write_bodies(found->entries);
        return give_body(index, true);
    }
    if (repair(index)) return;
    log::error("entry_not_repaired", {{"entry", index.value}});
    give_body(index, false);
}

}  // namespace cmq::shard
