// Bodies of answers: from the cache at once, else from the keeper.

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
    Fetch fetch{{std::move(outcome), {}}, {}, std::move(done)};
    fetch.places = places_of(fetch.answer.outcome);
    if (gather(fetch)) return fetch.done(std::move(fetch.answer));
    await_bodies(std::move(fetch));
}

/// Takes the bodies from the cache; false: not all are there. A damaged entry ends the answer.
bool Core::gather(Fetch& fetch) {
    fetch.answer.bodies.clear();
    for (const auto place : fetch.places) {
        const auto body = cache_.find(place);
        if (!body) {
            fetch.answer = {tl::unexpected(broker::Refusal{broker::Reason::body_damaged, {}}), {}};
            return true;
        }
        if (!*body) return false;
        fetch.answer.bodies.push_back(**body);
    }
    return true;
}

void Core::await_bodies(Fetch fetch) {
    const auto shared = std::make_shared<Fetch>(std::move(fetch));
    for (const auto place : shared->places) {
        const auto body = cache_.find(place);
        if (body && *body) continue;
        auto& line = fetches_[place.index.value];
        if (!line.empty() && line.back() == shared) continue;
        if (line.empty()) {
            ++figures_.cold_reads;
            ports_.keep(ReadEntry{place.index});
        }
        line.push_back(shared);
        ++shared->missing;
    }
}

void Core::on(EntryRead event) {
    const auto line = fetches_.extract(event.index.value);
    const bool good = event.entry && cache_.add_cold(*event.entry);
    if (line.empty()) return;
    for (const auto& fetch : line.mapped()) {
        if (!fetch->done) continue;  // answered already: another entry of it is damaged
        --fetch->missing;
        if (!good) {
            refuse(std::exchange(fetch->done, {}), broker::Reason::body_damaged);
        } else if (fetch->missing == 0) {
            if (gather(*fetch)) {
                std::exchange(fetch->done, {})(std::move(fetch->answer));
            } else {
                await_bodies(std::move(*fetch));  // the cache had to let one go meanwhile
            }
        }
    }
}

}  // namespace cmq::shard
