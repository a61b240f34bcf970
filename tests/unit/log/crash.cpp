// Power cuts, killed processes and I/O errors at every single call.

#include <doctest/doctest.h>

#include <array>

#include "tests/unit/log/model.h"

using namespace cmq;
using namespace cmq::log;
using namespace cmq::log::test;
using support::Disk;
using support::Fault;
using support::Survive;

namespace {

using Problem = std::optional<std::string>;

std::string name_of(Survive what) {
    switch (what) {
        case Survive::all:
            return "everything survives";
        case Survive::none:
            return "nothing survives";
        case Survive::random:
            return "some of it survives";
        case Survive::torn:
            return "the last write is torn";
    }
    return "";
}

/// Runs a script, and at each call looks at what a power cut would leave.
class EveryCall {
public:
    EveryCall(std::uint64_t seed, Options options)
        : script_(seed), node_(disk_, std::move(options)) {}

    Problem run(unsigned steps) {
        disk_.on_call([this] { look(); });
        Status status = node_.open();
        for (unsigned step = 0; step < steps && status && !problem_; ++step)
            status = script_.step(node_);
        disk_.on_call({});
        if (!status && !problem_) problem_ = "the script failed: " + status.error().message;
        return problem_;
    }

    std::uint64_t calls() const { return disk_.counts().calls; }

private:
    void look() {
        if (problem_) return;
        constexpr std::array others{Survive::all, Survive::random, Survive::torn};
        for (const auto what : {Survive::none, others[variant_() % others.size()]}) {
            const auto disk = disk_.copy();
            disk->power_cut(what, calls());
            problem_ = look_at(*disk);
            if (!problem_) continue;
            *problem_ = "power cut after call " + std::to_string(calls()) + " (" +
                        disk_.last_call() + "), " + name_of(what) + ": " + *problem_;
            return;
        }
    }

    /// Recovery itself may not be the end: the power may go again behind it.
    Problem look_at(Disk& disk) {
        if (const auto one = compare(disk, node_.options, node_.model, node_.in_doubt); !one)
            return text_of(one);
        if (calls() % 9 != 0) return std::nullopt;
        disk.power_cut(Survive::none, calls());
        const auto again = compare(disk, node_.options, node_.model, node_.in_doubt);
        if (!again) return "a second power cut: " + text_of(again);
        return std::nullopt;
    }

    Disk disk_;
    Script script_;
    Node node_;
    Problem problem_;
    std::mt19937_64 variant_{3};
};

/// Runs a script until something fails, and looks at what is left then.
Problem run_to_fault(std::uint64_t call, Fault fault, bool& reached) {
    Disk disk;
    Script script(11);
    Node node(disk, small_segments());
    disk.fail_after(call, fault);
    Status status = node.open();
    for (unsigned step = 0; step < 40 && status; ++step) status = script.step(node);
    reached = !status;
    if (!reached) return std::nullopt;
    const auto name = "call " + std::to_string(call) + " fails";
    disk.clear_faults();
    if (status.error().code == Code::disk_full) {
        // Nothing was written: the same call may be made again.
        if (node.in_doubt && !node.append(*node.in_doubt))
            return name + ": the append that was refused could not be made later";
    } else if (node.log && node.in_doubt && node.log->append(*node.in_doubt)) {
        return name + ": the log went on after it";
    }
    disk.kill();
    node.close();
    if (const auto found = compare(disk, node.options, node.model, node.in_doubt); !found)
        return name + ", killed: " + text_of(found);
    disk.power_cut(Survive::none);
    if (const auto found = compare(disk, node.options, node.model, node.in_doubt); !found)
        return name + ", power cut: " + text_of(found);
    return std::nullopt;
}

/// A process dies between write and fsync; the next one acknowledges what it found and appended;
/// then the power goes.
Problem killed_before_fsync(Planted planted) {
    for (std::uint64_t calls = 1; calls < 40; ++calls) {
        Disk disk;
        Node node(disk, small_segments(planted));
        if (!node.open()) return "cannot be opened";
        for (int i = 0; i < 2; ++i)
            if (!node.append(next(node.model, one, "acknowledged"))) return "cannot be written";
        disk.stop_after(calls);
        if (node.append(next(node.model, one, "written, not synced"))) return std::nullopt;
        disk.kill();
        node.close();
        if (!node.open()) return "cannot be opened after it was killed";
        const auto& groups = node.log->recovered().groups;
        if (groups.at(one).last == raft::Index{3}) node.model.apply(*node.in_doubt);
        node.in_doubt.reset();
        node.close();
        disk.power_cut(Survive::none);
        if (const auto found = compare(disk, node.options, node.model); !found)
            return "killed after " + std::to_string(calls) + " calls: " + text_of(found);
    }
    return "the append never came to its end";
}

Problem run_recycling(Planted planted) {
    Disk disk;
    Script script(5);
    Node node(disk, small_segments(planted));
    if (const auto opened = node.open(); !opened) return opened.error().message;
    for (unsigned step = 0; step < 300; ++step)
        if (const auto done = script.step(node); !done) return done.error().message;
    node.close();
    const auto found = compare(disk, node.options, node.model);
    return found ? Problem() : text_of(found);
}

}  // namespace

TEST_SUITE("unit/log") {
    TEST_CASE("nothing acknowledged is lost by a power cut, whichever call it comes after") {
        EveryCall every(1, small_segments());
        CHECK(every.run(200).value_or("") == "");
        CHECK(every.calls() > 1500);
    }

    TEST_CASE("nothing acknowledged is lost by an I/O error, whichever call it hits") {
        bool reached = true;
        std::uint64_t call = 0;
        for (; reached; ++call) {
            const auto fault = call % 2 == 0 ? Fault::io : Fault::short_write;
            CHECK(run_to_fault(call, fault, reached).value_or("") == "");
        }
        CHECK(call > 300);
    }

    TEST_CASE("a full disk never loses or breaks anything, whichever call it hits") {
        bool reached = true;
        for (std::uint64_t call = 0; reached; call += 3)
            CHECK(run_to_fault(call, Fault::disk_full, reached).value_or("") == "");
    }

    SCENARIO("killed between write and fsync, restarted, acknowledged, then the power is cut") {
        CHECK(killed_before_fsync(Planted::none).value_or("") == "");
        THEN("the tests notice when recovery syncs nothing (planted)") {
            CHECK(killed_before_fsync(Planted::no_sync_after_recovery));
        }
    }

    SCENARIO("a recycled file never brings old rows back") {
        CHECK(run_recycling(Planted::none).value_or("") == "");
        THEN("the tests notice when its header stays (planted)") {
            CHECK(run_recycling(Planted::recycled_header_kept));
        }
    }
}
