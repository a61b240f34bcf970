// A script of 200 operations on a whole broker, cut short at every single call of its disk.

#include <doctest/doctest.h>

#include <array>

#include "tests/simulation/damage.h"
#include "tests/simulation/story.h"

using namespace cmq;
using namespace cmq::simulation;
using support::Disk;
using support::Fault;
using support::Survive;

namespace {

constexpr unsigned operations = 200;
using Problem = std::optional<std::string>;

/// A machine that does the script. Its disk says when to look.
class Script {
public:
    explicit Script(log::Planted planted = {}) : settings(small_settings(planted)) {
        Disk::seed_sqlite(17);
    }

    void run() {
        machine_ = std::make_unique<Machine>(disk, clock, settings, 5);
        if (!machine_->start()) return;
        clients.create_queue(*machine_);
        for (unsigned done = 0; done < operations && !machine_->failed(); ++done) {
            clients.act(*machine_);
            while (chance_() % 3 != 0 && machine_->step()) continue;
        }
        machine_->settle();
    }
    const Machine& machine() const { return *machine_; }
    void end() { machine_.reset(); }

    Disk disk;
    VirtualClock clock;
    Machine::Settings settings;
    Clients clients{3, clock};

private:
    std::mt19937_64 chance_{11};
    std::unique_ptr<Machine> machine_;
};

/// What the next process on `disk` gives its clients.
Problem look_at(Disk& disk, const Script& script, Promises promises) {
    auto clock = script.clock;
    Machine machine(disk, clock, script.settings, disk.counts().calls);
    if (!machine.start()) return "does not start: " + machine.failure().message;
    return promises.drain(machine, clock, orders);
}

/// The next process acknowledges one message more before the power goes.
Problem acknowledge_and_cut(Disk& disk, const Script& script) {
    auto clock = script.clock;
    auto promises = script.clients.promises;
    {
        Machine machine(disk, clock, script.settings, 1);
        if (!machine.start()) return "does not start: " + machine.failure().message;
        const std::string body = "after the restart";
        promises.asked({body});
        machine.put(broker::Send{orders, 0, {}, {body}}, [&](const broker::Answer& answer) {
            promises.answered({body}, answer.outcome.has_value());
        });
        machine.settle();
        disk.power_cut(Survive::none);
    }
    return look_at(disk, script, promises);
}

/// Runs the script and looks at a copy of the disk after each of its calls.
template <class Look>
Problem at_every_call(Script& script, Look look) {
    Problem problem;
    script.disk.on_call([&] {
        if (problem) return;
        const auto copy = script.disk.copy();
        problem = look(*copy, script.disk.counts().calls);
        if (problem)
            *problem = "after call " + std::to_string(script.disk.counts().calls) + " (" +
                       script.disk.last_call() + "): " + *problem;
    });
    script.run();
    script.disk.on_call({});
    if (!problem && script.machine().failed()) problem = script.machine().failure().message;
    return problem;
}

Problem kill_acknowledge_cut(log::Planted planted) {
    Script script(planted);
    return at_every_call(script, [&](Disk& copy, std::uint64_t) -> Problem {
        copy.kill();
        return acknowledge_and_cut(copy, script);
    });
}

/// Call `call` of the script fails; then the process ends, by itself or with the power.
Problem run_to_fault(std::uint64_t call, Fault fault) {
    const auto name = "call " + std::to_string(call) + " fails, then ";
    Script script;
    script.disk.fail_after(call, fault);
    script.run();
    if (!script.machine().failed()) return name + "the broker goes on";
    script.disk.clear_faults();
    script.disk.kill();
    script.end();
    const auto cut = script.disk.copy();
    cut->power_cut(Survive::none);
    if (auto found = look_at(script.disk, script, script.clients.promises))
        return name + "a restart: " + *found;
    if (auto found = look_at(*cut, script, script.clients.promises))
        return name + "a power cut: " + *found;
    return std::nullopt;
}

/// Read `read` of a restart fails: what could not be read is not taken for what is not there.
/// Nothing: the restart has no such read.
std::optional<Problem> restart_past_read(const Disk& left, std::uint64_t read,
                                         const Script& script) {
    const auto disk = left.copy();
    disk->fail_read_after(read);
    auto clock = script.clock;
    {
        Machine machine(*disk, clock, script.settings, read);
        const bool started = machine.start();
        if (!disk->read_failed()) return std::nullopt;
        auto promises = script.clients.promises;
        if (started) return promises.drain(machine, clock, orders);
        if (machine.failure().code != Code::io) return Problem{machine.failure().message};
    }
    disk->kill();
    return look_at(*disk, script, script.clients.promises);
}

}  // namespace

TEST_SUITE("simulation") {
    SCENARIO("nothing acknowledged is lost by a power cut after any call of a broker's disk") {
        Script script;
        constexpr std::array kinds{Survive::none, Survive::torn, Survive::random, Survive::all};
        const auto problem = at_every_call(script, [&](Disk& copy, std::uint64_t call) {
            for (const auto kind : kinds) {
                const auto cut = copy.copy();
                cut->power_cut(kind, call);
                if (auto found = damage_on(*cut)) return found;
                if (auto found = look_at(*cut, script, script.clients.promises)) return found;
            }
            return Problem{};
        });
        CHECK(problem.value_or("") == "");
        CHECK(script.disk.counts().calls > 900);
        CHECK(script.machine().figures().flushes > 0);
        MESSAGE(script.disk.counts().calls << " calls");
    }

    SCENARIO("kill, restart, acknowledge, then power cut: after any call of a broker's disk") {
        CHECK(kill_acknowledge_cut(log::Planted::none).value_or("") == "");
        THEN("the tests notice when recovery syncs nothing (planted)") {
            CHECK(kill_acknowledge_cut(log::Planted::no_sync_after_recovery));
        }
    }

    SCENARIO("nothing acknowledged is lost by an I/O error at any call of a broker's disk") {
        Script without_faults;
        without_faults.run();
        const auto calls = without_faults.disk.counts().calls;
        CHECK(calls > 900);
        for (std::uint64_t call = 0; call < calls; ++call) {
            const auto fault = call % 2 == 0 ? Fault::io : Fault::short_write;
            CHECK(run_to_fault(call, fault).value_or("") == "");
        }
    }

    SCENARIO("nothing acknowledged is lost when a read of a restart fails, whichever") {
        Script script;
        script.run();
        script.end();
        for (const bool cut : {false, true}) {
            const auto left = script.disk.copy();
            cut ? left->power_cut(Survive::random, 3) : left->kill();
            std::uint64_t read = 0;
            for (; const auto problem = restart_past_read(*left, read, script); ++read)
                if (*problem) FAIL_CHECK("read " << read << ": " << **problem);
            CHECK(read > 50);
            MESSAGE(read << " reads");
        }
    }
}
