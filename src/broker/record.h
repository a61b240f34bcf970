// broker/record.h: what is written behind, row by row.
//
// Every piece of state that has a row of its own derives from Record. A record is in at most one
// list at a time: changed since the last cut, in the flush being taken, given out to it but not on
// disk yet (blocks), or idle (blocks that may leave memory).
#pragma once

#include <cstddef>
#include <string>

#include "broker/state.h"

namespace cmq::broker {

class RecordList;

class Record {
public:
    Record(Table table_, Key key_) : table(table_), key(key_) {}
    Record(const Record&) = delete;
    Record& operator=(const Record&) = delete;
    virtual ~Record() = default;

    virtual std::string encoded() const = 0;  // the row's value

    const Table table;
    const Key key;

private:
    friend class RecordList;
    friend class Flush;
    bool stored_ = false;  // a row of it is on disk, or on its way there
    RecordList* list_ = nullptr;
    Record* before_ = nullptr;
    Record* after_ = nullptr;
};

/// Links records without owning them; every step takes constant time.
class RecordList {
public:
    RecordList() = default;
    RecordList(const RecordList&) = delete;
    RecordList& operator=(const RecordList&) = delete;

    bool empty() const { return first_ == nullptr; }
    std::size_t size() const { return size_; }
    Record& front() const { return *first_; }
    bool holds(const Record& record) const { return record.list_ == this; }

    /// Takes `record` out of whatever list it is in.
    static void unlink(Record& record) {
        if (record.list_ != nullptr) record.list_->remove(record);
    }

    void push_back(Record& record) {
        unlink(record);
        record.list_ = this;
        record.before_ = last_;
        record.after_ = nullptr;
        (last_ != nullptr ? last_->after_ : first_) = &record;
        last_ = &record;
        ++size_;
    }

private:
    void remove(Record& record) {
        (record.before_ != nullptr ? record.before_->after_ : first_) = record.after_;
        (record.after_ != nullptr ? record.after_->before_ : last_) = record.before_;
        record.list_ = nullptr;
        --size_;
    }

    Record* first_ = nullptr;
    Record* last_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace cmq::broker
