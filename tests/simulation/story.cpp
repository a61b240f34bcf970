#include "tests/simulation/story.h"

namespace cmq::simulation {

using namespace std::chrono_literals;

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

Story::Story(std::uint64_t seed, Faults faults, log::Planted planted)
    : chance_(seed),
      faults_(faults),
      disk_(seed),
      settings_(small_settings(planted)),
      clients_(seed + 1, clock_) {
    support::Disk::seed_sqlite(static_cast<int>(seed & 0x7fffffff));
}

std::optional<std::string> Story::run(unsigned lives, unsigned steps) {
    auto& promises = clients_.promises;
    if (!restart()) return promises.problem();
    clients_.create_queue(*machine_);
    for (unsigned life = 0; life < lives && !promises.problem(); ++life) {
        live(steps);
        crash();
        if (restart() && life % 4 == 3) (void)promises.drain(*machine_, clock_, orders);
    }
    if (promises.problem()) return promises.problem();
    return promises.drain(*machine_, clock_, orders);
}

void Story::live(unsigned steps) {
    const auto calls = 1 + draw(40 + 4ull * steps);
    if (faults_.io_errors && draw(2) == 0) {
        disk_.fail_after(calls, draw(2) == 0 ? support::Fault::io : support::Fault::short_write);
    } else {
        disk_.stop_after(calls);
    }
    for (unsigned step = 0; step < steps; ++step) {
        if (machine_->failed() || clients_.promises.problem()) return;
        clients_.act(*machine_);
        for (auto work = draw(4); work > 0; --work) machine_->step();
    }
}

void Story::crash() {
    judge_end();
    flushes_ += machine_->figures().flushes;
    const auto dead = std::move(machine_);  // goes after its files: nothing of it reaches the disk
    disk_.clear_faults();
    ++crashes_;
    const bool cut = faults_.power_cuts && (!faults_.kills || draw(2) == 0);
    if (!cut) return disk_.kill();
    constexpr support::Survive kinds[] = {support::Survive::none, support::Survive::random,
                                          support::Survive::torn, support::Survive::all};
    disk_.power_cut(kinds[draw(4)], chance_());
}

/// A process may end before it is killed: at a call of its disk that failed, and with that error.
void Story::judge_end() {
    if (!machine_->failed() || disk_.stopped()) return;
    const auto& failure = machine_->failure();
    if (failure.code == Code::io && disk_.failed_a_call()) return;
    clients_.promises.wrong("ends by itself: " + failure.message);
}

bool Story::restart() {
    clock_.pass(std::chrono::milliseconds{draw(5'000)});
    clients_.forget_leases();
    machine_ = std::make_unique<Machine>(disk_, clock_, settings_, chance_());
    if (machine_->start()) return true;
    clients_.promises.wrong("does not start again: " + machine_->failure().message);
    return false;
}

}  // namespace cmq::simulation
