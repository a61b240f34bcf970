// broker/flush.h: which rows must be written, and in which version.
//
//     clean --touch--> dirty --begin--> in the cut --take or touch--> given out --end--> clean
//                        ^                                 |
//                        +------------- touch -------------+
//
// A record must be touched before each change: when it is in the cut and was not given out yet,
// its old version is encoded first. So a flush is the state at the cut although apply goes on.
#pragma once

#include <array>
#include <cstddef>
#include <unordered_set>
#include <vector>

#include "base/hash.h"
#include "broker/record.h"

namespace cmq::broker {

struct KeyHash {
    std::size_t operator()(const Key& key) const {
        const auto mixed = (key.major * 0x9E3779B97F4A7C15U) ^ key.minor;
        return static_cast<std::size_t>(mixed * 0xD6E8FEB86659FD93U);
    }
};

class Flush {
public:
    /// Call before each change of `record`.
    void touch(Record& record) {
        if (record.list_ != dirty_) change(record);
    }
    void add(Record& record);     // `record` is new
    void loaded(Record& record);  // `record` comes from its row
    void forget(Record& record);  // `record` is about to be destroyed

    /// Cuts. `state` is given out as it is. Not while another flush runs.
    void begin(Row state);
    bool take(std::size_t count, std::vector<Row>& out);
    /// All that was taken is on disk. Blocks that were not changed again go to `idle`.
    void end(RecordList& idle);

    std::size_t dirty() const { return dirty_->size() + removed_.size(); }

private:
    struct Place {
        Table table;
        Key key;
        friend bool operator==(const Place&, const Place&) = default;
    };
    struct PlaceHash {
        std::size_t operator()(const Place& place) const {
            return KeyHash{}(place.key) ^ (static_cast<std::size_t>(place.table) << 56);
        }
    };
    using Places = std::unordered_set<Place, PlaceHash>;

    void change(Record& record);
    Row give_out(Record& record);
    bool take_removed(std::vector<Row>& out);

    std::array<RecordList, 2> lists_;
    RecordList* dirty_ = &lists_[0];
    RecordList* cut_ = &lists_[1];
    RecordList given_out_;    // blocks of the running flush
    std::vector<Row> early_;  // of the running flush: encoded because a change came
    Places removed_;          // their rows are on disk and must go
    Places cut_removed_;
    bool running_ = false;
};

}  // namespace cmq::broker
