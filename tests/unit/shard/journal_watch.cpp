#include "shard/journal_watch.h"

#include <doctest/doctest.h>

using namespace cmq;
using namespace cmq::shard;
using Verdict = JournalWatch::Verdict;

namespace {

constexpr raft::NodeId one{1}, two{2};
constexpr std::uint64_t early_life = 11, late_life = 12, life_of_two = 21;

/// Node 2, which heard node 1 tell of row 100.
JournalWatch second() {
    JournalWatch first(early_life, log::Journal{40});
    JournalWatch watch(life_of_two, log::Journal{7});
    REQUIRE(watch.heard(one, first.note_for(two)) == Verdict::listen);
    first.durable(log::Journal{100});
    REQUIRE(watch.heard(one, first.note_for(two)) == Verdict::listen);
    return watch;
}

}  // namespace

TEST_SUITE("unit/shard") {
    SCENARIO("a log that begins below what it told of is not listened to, and hears of it") {
        auto watch = second();
        JournalWatch restored(late_life, log::Journal{99});
        CHECK(watch.heard(one, restored.note_for(two)) == Verdict::ignore);
        CHECK(restored.heard(two, watch.note_for(one)) == Verdict::we_lost_writes);
        THEN("also when it has written more meanwhile") {
            restored.durable(log::Journal{500});
            CHECK(watch.heard(one, restored.note_for(two)) == Verdict::ignore);
        }
    }

    SCENARIO("a log that has all it told of goes on") {
        auto watch = second();
        JournalWatch restarted(late_life, log::Journal{100});
        CHECK(restarted.heard(two, watch.note_for(one)) == Verdict::listen);
        CHECK(watch.heard(one, restarted.note_for(two)) == Verdict::listen);
    }

    SCENARIO("messages of one life overtake each other") {
        auto watch = second();
        JournalWatch slow(early_life, log::Journal{40});
        CHECK(watch.heard(one, slow.note_for(two)) == Verdict::listen);
        CHECK(watch.note_for(one).yours == log::Journal{100});
    }

    SCENARIO("a note survives the wire") {
        const auto watch = second();
        std::string bytes;
        Encoder out(bytes);
        auto told = watch.note_for(one);
        told.knows = {7};
        told.format = {5};
        encode(told, out);
        CHECK(bytes.substr(0, 2) == "\x07\x05");
        Decoder in(bytes);
        const auto note = decode_journal_note(in);
        CHECK(in.done());
        CHECK(note.knows == broker::FormatVersion{7});
        CHECK(note.format == broker::FormatVersion{5});
        CHECK(note.life == life_of_two);
        CHECK(note.start == log::Journal{7});
        CHECK(note.now == log::Journal{7});
        CHECK(note.your_life == early_life);
        CHECK(note.yours == log::Journal{100});
    }
}
