#include "tests/simulation/clients.h"

#include <memory>

#include "base/hash.h"

namespace cmq::simulation {

namespace {

/// The lead was lost meanwhile: it may have been done, or be done yet.
bool is_unknown(const broker::Answer& answer) {
    return !answer.outcome && answer.outcome.error().reason == broker::Reason::unknown_outcome;
}

}  // namespace

void Clients::note(std::string_view what) { hash_ = xxh3(what, hash_); }

void Clients::create_queue(Machine& machine) {
    machine.put(broker::CreateQueue{orders, {}}, [](const broker::Answer&) {});
    machine.settle();
}

void Clients::act(Machine& machine) {
    if (draw(3) == 0) clock_.pass(std::chrono::milliseconds{draw(400)});
    const auto chosen = draw(8);
    if (chosen < 3) return send(machine);
    if (chosen < 5) return receive(machine);
    remove(machine);
}

void Clients::send(Machine& machine) {
    broker::Send send{orders, draw(6) == 0 ? 1 : 0, {}, {}};
    auto bodies = std::make_shared<std::vector<std::string>>();
    const auto count = draw(4) == 0 ? 1 + draw(16) : 1;
    for (std::uint64_t at = 0; at < count; ++at)
        bodies->push_back("m" + std::to_string(++bodies_) + std::string(draw(2'000), '.'));
    for (const auto& body : *bodies) send.bodies.push_back(body);
    promises.asked(*bodies);
    machine.put(send, [this, bodies](const broker::Answer& answer) {
        if (is_unknown(answer)) return;
        promises.answered(*bodies, answer.outcome.has_value());
        counts_.sent += bodies->size();
        note(bodies->front());
    });
}

void Clients::receive(Machine& machine) {
    machine.put(
        broker::Receive{orders, static_cast<std::uint32_t>(1 + draw(16))},
        [this](const broker::Answer& answer) {
            for (auto& lease : promises.received(answer)) {
                note(lease.body);
                leases_.push_back(std::move(lease));
                ++counts_.received;
            }
        },
        std::chrono::seconds(draw(3)));
}

void Clients::remove(Machine& machine) {
    if (leases_.empty()) return;
    const auto chosen = leases_.begin() + static_cast<std::ptrdiff_t>(draw(leases_.size()));
    const auto lease = *chosen;
    leases_.erase(chosen);
    promises.asked_to_delete(lease.body);
    machine.put(broker::DeleteMessages{orders, {lease.handle}},
                [this, lease](const broker::Answer& answer) {
                    if (!answer.outcome) return;
                    const auto& deleted = std::get<broker::Deleted>(*answer.outcome);
                    if (!deleted.failed.empty()) return;
                    promises.deleted(lease.body);
                    note(lease.body);
                    ++counts_.deleted;
                });
}

}  // namespace cmq::simulation
