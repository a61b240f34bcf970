// log/body.h: a body file is written: what still lives of a segment, under the same number.
//
// Entries keep their checksums: the number of the segment is that of the body file. Written under a
// temporary name; a file that was not finished is removed when the log is opened.
#pragma once

#include "log/directory.h"
#include "log/rows.h"

namespace cmq::log {

class BodyWriter {
public:
    static Result<BodyWriter> make(store::Files& files, const Directory& directory,
                                   std::uint64_t number);

    /// Entries of a group come with rising indexes.
    Status add(raft::Group group, const Located& entry, std::string_view payload);
    /// Everything that was added is on disk.
    Status sync();
    /// Ends the file and gives it its name, durably. `replaced_from`: see Range.
    Result<Ranges> finish(const std::map<raft::Group, raft::Index>& replaced_from) &&;

    std::uint64_t unsynced_bytes() const { return unsynced_bytes_; }

private:
    BodyWriter(store::Files& files, Directory directory, std::uint64_t number, Rows rows)
        : files_(&files),
          directory_(std::move(directory)),
          number_(number),
          rows_(std::move(rows)) {}
    Status write_row();

    store::Files* files_;
    Directory directory_;
    std::uint64_t number_;
    std::optional<Rows> rows_;
    std::optional<store::Transaction> transaction_;
    FileIndex index_;
    Toc toc_;           // of the row that is being filled
    std::string body_;  // of that row
    std::uint64_t next_row_ = 1;
    std::uint64_t unsynced_bytes_ = 0;
};

}  // namespace cmq::log
