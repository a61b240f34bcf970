// What happens to nodes of a story: they die, stand still, hand over.

#include <doctest/doctest.h>

#include <thread>

#include "tests/chaos/story.h"

namespace cmq::chaos {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto progress_max = 10s;  // once a majority is whole again

void expect_progress(Story& story) {
    const auto took = story.pulse.next_after(Clock::now());
    CHECK(took < progress_max);
}

}  // namespace

/// Any node, sometimes a second one with it: then nothing goes on until one is back.
void kill_nodes(Story& story, unsigned times) {
    unsigned killed = 0;
    while (killed < times) {
        story.rest(0ms, 300ms);
        const auto node = story.any_node();
        const bool both = story.chance.one_in(10);
        const auto second = story.nodes.other(node, 1 + story.chance.below(2));
        story.nodes.kill(node);
        if (both) story.nodes.kill(second);
        story.rest(0ms, 1'000ms);
        story.nodes.start(node);
        if (both) story.nodes.start(second);
        killed += both ? 2 : 1;
        if (!story.chance.one_in(4)) story.nodes.await_in_sync();
        expect_progress(story);
    }
    say(std::to_string(killed) + " nodes killed");
}

void kill_leaders(Story& story, unsigned times) {
    Figures gaps("leader killed until the next acknowledged send");
    for (unsigned time = 0; time < times; ++time) {
        story.nodes.await_in_sync();
        story.rest(100ms, 400ms);
        const auto leader = story.nodes.await_leader();
        const auto begin = Clock::now();
        story.nodes.kill(leader);
        gaps.add(story.pulse.next_after(begin));
        story.nodes.start(leader);
    }
    say(gaps.text());
    CHECK(gaps.percentile(99) < progress_max);
}

void pause_leaders(Story& story, unsigned times) {
    Figures gaps("leader paused until the next acknowledged send");
    for (unsigned time = 0; time < times; ++time) {
        story.nodes.await_in_sync();
        const auto leader = story.nodes.await_leader();
        const auto begin = Clock::now();
        story.nodes.pause(leader);
        const bool is_long = !story.chance.one_in(4);  // else it may lead on
        if (is_long) gaps.add(story.pulse.next_after(begin));
        story.rest(10ms, is_long ? 2'000ms : 400ms);
        story.nodes.resume(leader);
        expect_progress(story);
    }
    say(gaps.text());
}

/// A term each, when nobody else stood for election: gives that. A machine that stands still may
/// cost a few more; many are hand-overs that end in elections.
bool judge_errors(Story& story, std::uint64_t before, unsigned hand_overs) {
    const auto errors = story.pulse.take_errors();
    const auto terms = before + hand_overs;
    if (const auto term = story.nodes.term(); term != terms) {
        CHECK(term <= terms + 1 + hand_overs / 10);
        say("elections that nobody planned, in term " + std::to_string(term) + " instead of " +
            std::to_string(terms) + "; errors seen by a client: " + std::to_string(errors.size()));
        return false;
    }
    for (const auto& error : errors) FAIL_CHECK("a client saw: " << error);
    return true;
}

void hand_over(Story& story, unsigned times) {
    auto client = client::Client::open(story.nodes.broker());
    REQUIRE(client);
    Figures took("hand-over, as the command takes"),
        gaps("longest gap of sends around a hand-over");
    story.nodes.await_in_sync();
    story.pulse.take_errors();
    const auto term = story.nodes.term();
    for (unsigned time = 0; time < times; ++time) {
        story.nodes.await_in_sync();
        const auto leader = story.nodes.await_leader();
        const auto to = story.nodes.other(leader, 1 + story.chance.below(2));
        story.pulse.take_longest_gap();
        const auto begin = Clock::now();
        const auto done = client->transfer_lead(story.nodes.id(to));
        CHECK_MESSAGE(done, done.error().message);
        took.add(std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin));
        story.pulse.next_after(begin);
        story.rest(50ms, 200ms);
        gaps.add(story.pulse.take_longest_gap());
    }
    say(took.text());
    say(gaps.text());
    judge_errors(story, term, times);
}

void wipe_followers(Story& story, unsigned times) {
    Figures back("disk lost until three copies are in sync again");
    auto client = client::Client::open(story.nodes.broker({0}));
    REQUIRE(client);
    for (unsigned time = 0; time < times; ++time) {
        const auto node = 1 + story.chance.below(story.nodes.count() - 1);
        story.nodes.await_in_sync();
        for (int tries = 0; story.nodes.await_leader() == node && tries < 20; ++tries)
            (void)client->transfer_lead(story.nodes.id(0));  // looked at above
        const auto begin = Clock::now();
        story.nodes.kill(node);
        story.nodes.replace(node);
        story.nodes.await_in_sync();
        back.add(std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin));
        expect_progress(story);
    }
    say(back.text());
}

bool restart_nodes(Story& story, unsigned times) {
    Figures leader_gaps("longest gap of sends around the planned restart of a leader"),
        follower_gaps("longest gap of sends around the planned restart of a follower");
    story.nodes.await_in_sync();
    story.pulse.take_errors();
    const auto term = story.nodes.term();
    for (unsigned time = 0; time < times; ++time) {
        const bool leads = time % 2 == 0;
        const auto node = story.nodes.other(story.nodes.await_leader(), leads ? 0 : 1);
        story.pulse.take_longest_gap();
        story.nodes.stop(node);
        story.nodes.start(node);
        story.nodes.await_in_sync();
        expect_progress(story);
        (leads ? leader_gaps : follower_gaps).add(story.pulse.take_longest_gap());
    }
    say(leader_gaps.text());
    say(follower_gaps.text());
    return judge_errors(story, term, (times + 1) / 2);
}

}  // namespace cmq::chaos
