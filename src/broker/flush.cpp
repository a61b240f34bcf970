#include "broker/flush.h"

#include <utility>

#include "base/check.h"

namespace cmq::broker {

void Flush::change(Record& record) {
    if (cut_->holds(record)) early_.push_back(give_out(record));
    dirty_->push_back(record);
}

void Flush::add(Record& record) {
    // A row of the same name that was going to be deleted is now going to be overwritten.
    if (!removed_.empty() && removed_.erase(Place{record.table, record.key}) > 0) {
        record.stored_ = true;
    }
    touch(record);
}

void Flush::loaded(Record& record) { record.stored_ = true; }

void Flush::forget(Record& record) {
    if (cut_->holds(record)) early_.push_back(give_out(record));
    RecordList::unlink(record);
    if (record.stored_) removed_.insert(Place{record.table, record.key});
}

Row Flush::give_out(Record& record) {
    record.stored_ = true;
    // Until the flush ends a block cannot be read back, so it must not leave memory.
    if (record.table == Table::block) {
        given_out_.push_back(record);
    } else {
        RecordList::unlink(record);
    }
    return Row{record.table, record.key, record.encoded()};
}

void Flush::begin(Row state) {
    CMQ_CHECK(!running_);
    running_ = true;
    std::swap(dirty_, cut_);
    cut_removed_.swap(removed_);
    early_.push_back(std::move(state));
}

bool Flush::take(std::size_t count, std::vector<Row>& out) {
    CMQ_CHECK(running_);
    for (; count > 0; --count) {
        if (!early_.empty()) {
            out.push_back(std::move(early_.back()));
            early_.pop_back();
        } else if (!cut_->empty()) {
            out.push_back(give_out(cut_->front()));
        } else if (!take_removed(out)) {
            return false;
        }
    }
    return !early_.empty() || !cut_->empty() || !cut_removed_.empty();
}

bool Flush::take_removed(std::vector<Row>& out) {
    if (cut_removed_.empty()) return false;
    const auto first = cut_removed_.begin();
    out.push_back(Row{first->table, first->key, std::nullopt});
    cut_removed_.erase(first);
    return true;
}

void Flush::end(RecordList& idle) {
    CMQ_CHECK(running_);
    CMQ_CHECK(early_.empty() && cut_->empty() && cut_removed_.empty());
    while (!given_out_.empty()) idle.push_back(given_out_.front());
    running_ = false;
}

}  // namespace cmq::broker
