#include "shard/journal_watch.h"

#include <algorithm>

namespace cmq::shard {

void encode(const JournalNote& note, Encoder& out) {
    out.u8(broker::byte_of(note.knows)).u8(broker::byte_of(note.format));
    out.u64(note.life).varint(note.start.value).varint(note.now.value);
    out.u64(note.your_life).varint(note.yours.value);
}

JournalNote decode_journal_note(Decoder& in) {
    JournalNote note;
    note.knows.value = in.u8();
    note.format.value = in.u8();
    note.life = in.u64();
    note.start.value = in.varint();
    note.now.value = in.varint();
    note.your_life = in.u64();
    note.yours.value = in.varint();
    return note;
}

JournalNote JournalWatch::note_for(raft::NodeId to) const {
    JournalNote note{{}, {}, life_, start_, now_, 0, {}};
    if (const auto known = others_.find(to); known != others_.end()) {
        note.your_life = known->second.life;
        note.yours = known->second.highest;
    }
    return note;
}

/// Messages of one life may overtake each other; those of another cannot begin below what was told.
JournalWatch::Verdict JournalWatch::heard(raft::NodeId from, const JournalNote& note) {
    if (note.your_life != 0 && note.your_life != life_ && note.yours > start_)
        return Verdict::we_lost_writes;
    auto& known = others_[from];
    if (known.life != note.life) {
        const bool lost = known.life != 0 && note.start < known.highest;
        if (!lost) known = {note.life, note.now};
        if (lost) return Verdict::ignore;
    }
    known.highest = std::max(known.highest, note.now);
    return Verdict::listen;
}

}  // namespace cmq::shard
