#include "tests/simulation/promises.h"

namespace cmq::simulation {

using namespace std::chrono_literals;

void Promises::wrong(std::string what) {
    if (!problem_) problem_ = std::move(what);
}

void Promises::asked(const std::vector<std::string>& bodies) {
    for (const auto& body : bodies) sent_[body] = Fate::asked;
}

void Promises::answered(const std::vector<std::string>& bodies, bool acknowledged) {
    for (const auto& body : bodies) sent_[body] = acknowledged ? Fate::acknowledged : Fate::refused;
}

std::vector<Promises::Lease> Promises::received(const broker::Answer& answer) {
    if (!answer.outcome) {
        // While faults are on, a read may fail like any other call.
        if (draining_ && answer.outcome.error().reason == broker::Reason::body_damaged)
            wrong("a body that was acknowledged cannot be read");
        return {};
    }
    const auto& received = std::get<broker::Received>(*answer.outcome);
    std::vector<Lease> leases;
    for (std::size_t at = 0; at < received.deliveries.size(); ++at) {
        leases.push_back(
            {std::string(answer.bodies[at].text), received.deliveries[at].handle.value});
        check(leases.back().body);
    }
    return leases;
}

void Promises::check(const std::string& body) {
    const auto known = sent_.find(body);
    const auto name = body.substr(0, 40);
    if (known == sent_.end()) return wrong("invented: " + name);
    if (known->second == Fate::refused) return wrong("refused, yet there: " + name);
    if (deleted_.contains(body)) return wrong("deleted, yet there: " + name);
    seen_.insert(body);
}

std::optional<std::string> Promises::drain(Machine& machine, VirtualClock& clock,
                                           const std::string& queue) {
    clock.pass(1min);
    (void)drain([&](shard::Continuation done) {
        machine.put(broker::Receive{queue, 16}, std::move(done));
        machine.settle();
        if (machine.failed()) wrong("failed: " + machine.failure().message);
    });
    clock.pass(1min);  // and what was received comes back
    return problem_;
}

std::optional<std::string> Promises::drain(
    const std::function<void(shard::Continuation)>& receive) {
    seen_.clear();
    draining_ = true;
    for (bool more = true; more && !problem_;) {
        more = false;
        receive([&](const broker::Answer& answer) {
            more = answer.outcome.has_value();
            (void)received(answer);
        });
    }
    for (const auto& [body, fate] : sent_)
        if (fate == Fate::acknowledged && !maybe_deleted_.contains(body) && !seen_.contains(body))
            wrong("lost: " + body.substr(0, 40));
    draining_ = false;
    return problem_;
}

}  // namespace cmq::simulation
