// log/mark.h: how far the log was durable once, told apart from the log itself (D3b).
//
// A log that ends before the mark has lost something. Written after each fsync of the log, synced
// by the keeper about once a second (Archive::sync_mark), and with each new segment. Two slots take
// turns, 4 KiB apart, so that a torn write leaves the other:
//
//     u8 version | u64 incarnation | u64 journal number | u32 CRC32C of these
#pragma once

#include <memory>
#include <optional>

#include "log/commit.h"
#include "log/directory.h"

namespace cmq::log {

class Mark {
public:
    struct Value {
        std::uint64_t incarnation = 0;
        Journal journal;
    };

    /// The newer readable slot; nothing: there is no mark, or none can be read.
    static Result<std::optional<Value>> read(store::Files& files, const Directory& directory);
    /// Opens or makes the file; both slots say `value`, durably.
    static Result<Mark> make(store::Files& files, const Directory& directory, Value value);

    Status write(Journal journal);
    Status sync() { return file_->sync(); }

private:
    Mark(std::unique_ptr<store::File> file, std::uint64_t incarnation)
        : file_(std::move(file)), incarnation_(incarnation) {}
    Status write_slot(unsigned slot, Journal journal);

    std::unique_ptr<store::File> file_;
    std::uint64_t incarnation_;
    unsigned next_slot_ = 0;
};

}  // namespace cmq::log
