#include "tests/simulation/story.h"

#include "base/hash.h"

namespace cmq::simulation {
namespace {

using namespace std::chrono_literals;
constexpr std::string_view queue = "orders";

Machine::Settings small_settings(log::Planted planted) {
    Machine::Settings settings;
    settings.log.segment_bytes = 256 << 10;
    settings.log.pool_files = 1;
    settings.log.planted = planted;
    settings.core.flush_interval = 2s;
    settings.core.flush_log_bytes = 64 << 10;
    settings.core.cold_cache_bytes = 16 << 10;
    settings.core.disk_reserve_bytes = 0;
    return settings;
}

}  // namespace

Story::Story(std::uint64_t seed, Faults faults, log::Planted planted)
    : chance_(seed), faults_(faults), disk_(seed), settings_(small_settings(planted)) {
    support::Disk::seed_sqlite(static_cast<int>(seed & 0x7fffffff));
}

void Story::wrong(std::string what) {
    if (!problem_) problem_ = std::move(what);
}

void Story::note(std::string_view what) { hash_ = xxh3(what, hash_); }

std::optional<std::string> Story::run(unsigned lives, unsigned steps) {
    if (!restart()) return problem_;
    machine_->put(broker::CreateQueue{queue, {}}, [](const broker::Answer&) {});
    machine_->settle();
    for (unsigned life = 0; life < lives && !problem_; ++life) {
        live(steps);
        crash();
        if (restart() && life % 4 == 3) drain();
    }
    if (!problem_) drain();
    return problem_;
}

void Story::live(unsigned steps) {
    const auto calls = 1 + draw(40 + 4ull * steps);
    if (faults_.io_errors && draw(2) == 0) {
        disk_.fail_after(calls, draw(2) == 0 ? support::Fault::io : support::Fault::short_write);
    } else {
        disk_.stop_after(calls);
    }
    for (unsigned step = 0; step < steps && !machine_->failed() && !problem_; ++step) {
        act();
        for (auto work = draw(4); work > 0; --work) machine_->step();
    }
}

void Story::act() {
    if (draw(3) == 0) clock_.pass(std::chrono::milliseconds{draw(400)});
    switch (draw(8)) {
        case 0:
        case 1:
        case 2:
            return send();
        case 3:
        case 4:
            return receive();
        default:
            return remove();
    }
}

void Story::send() {
    broker::Send send{queue, draw(6) == 0 ? 1 : 0, {}, {}};
    auto bodies = std::make_shared<std::vector<std::string>>();
    const auto count = draw(4) == 0 ? 1 + draw(16) : 1;
    for (std::uint64_t at = 0; at < count; ++at)
        bodies->push_back("m" + std::to_string(++bodies_) + std::string(draw(2'000), '.'));
    for (const auto& body : *bodies) {
        send.bodies.push_back(body);
        sent_[body] = Fate::asked;
    }
    machine_->put(send, [this, bodies](const broker::Answer& answer) {
        for (const auto& body : *bodies)
            sent_[body] = answer.outcome ? Fate::acknowledged : Fate::refused;
        counts_.sent += bodies->size();
        note(bodies->front());
    });
}

void Story::receive() {
    machine_->put(
        broker::Receive{queue, static_cast<std::uint32_t>(1 + draw(16))},
        [this](const broker::Answer& answer) { on_received(answer); },
        std::chrono::seconds(draw(3)));
}

void Story::on_received(const broker::Answer& answer) {
    if (!answer.outcome) {
        // While faults are on, a read may fail like any other call.
        if (draining_ && answer.outcome.error().reason == broker::Reason::body_damaged)
            wrong("a body that was acknowledged cannot be read");
        return;
    }
    const auto& received = std::get<broker::Received>(*answer.outcome);
    for (std::size_t at = 0; at < received.deliveries.size(); ++at) {
        const std::string body(answer.bodies[at].text);
        note(body);
        const auto known = sent_.find(body);
        if (known == sent_.end()) return wrong("invented: " + body.substr(0, 40));
        if (known->second == Fate::refused)
            return wrong("refused, yet there: " + body.substr(0, 40));
        if (deleted_.contains(body)) return wrong("deleted, yet there: " + body.substr(0, 40));
        seen_.insert(body);
        leases_.push_back({body, received.deliveries[at].handle.value});
        ++counts_.received;
    }
}

void Story::remove() {
    if (leases_.empty()) return;
    const auto chosen = leases_.begin() + static_cast<std::ptrdiff_t>(draw(leases_.size()));
    const auto lease = *chosen;
    leases_.erase(chosen);
    maybe_deleted_.insert(lease.body);
    machine_->put(broker::DeleteMessages{queue, {lease.handle}},
                  [this, lease](const broker::Answer& answer) {
                      const auto& deleted = std::get<broker::Deleted>(*answer.outcome);
                      if (!deleted.failed.empty()) return;
                      deleted_.insert(lease.body);
                      note(lease.body);
                      ++counts_.deleted;
                  });
}

void Story::crash() {
    counts_.flushes += machine_->figures().flushes;
    const auto dead = std::move(machine_);  // goes after its files: nothing of it reaches the disk
    disk_.clear_faults();
    ++counts_.crashes;
    const bool cut = faults_.power_cuts && (!faults_.kills || draw(2) == 0);
    if (!cut) return disk_.kill();
    constexpr support::Survive kinds[] = {support::Survive::none, support::Survive::random,
                                          support::Survive::torn, support::Survive::all};
    disk_.power_cut(kinds[draw(4)], chance_());
}

bool Story::restart() {
    clock_.pass(std::chrono::milliseconds{draw(5'000)});
    leases_.clear();
    machine_ = std::make_unique<Machine>(disk_, clock_, settings_, chance_());
    if (machine_->start()) return true;
    wrong("does not start again: " + machine_->failure().message);
    return false;
}

/// Everything that was acknowledged and not deleted is received once all leases have lapsed.
bool Story::drain() {
    clock_.pass(1min);
    seen_.clear();
    draining_ = true;
    for (bool more = true; more && !problem_;) {
        more = false;
        machine_->put(broker::Receive{queue, 16}, [&](const broker::Answer& answer) {
            more = answer.outcome.has_value();
            on_received(answer);
        });
        machine_->settle();
        if (machine_->failed()) wrong("failed: " + machine_->failure().message);
    }
    for (const auto& [body, fate] : sent_) {
        if (fate == Fate::asked) ++counts_.in_doubt;
        if (fate == Fate::acknowledged && !maybe_deleted_.contains(body) && !seen_.contains(body))
            wrong("lost: " + body.substr(0, 40));
    }
    draining_ = false;
    clock_.pass(1min);  // and comes back for the rest of the story
    return !problem_;
}

}  // namespace cmq::simulation
