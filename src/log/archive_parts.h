// log/archive_parts.h: what archive.cpp (reading, room) and settle.cpp (tidying) share.
#pragma once

#include <algorithm>
#include <map>
#include <optional>

#include "log/archive.h"
#include "log/body.h"
#include "log/segment.h"

namespace cmq::log {

/// A sealed segment or a body file.
struct ArchiveFile {
    bool is_body = false;
    std::optional<Rows> rows;  // a body file's is opened when it is needed
    Ranges ranges;             // the last of each is lowered where a newer file replaces entries
    std::uint64_t bytes = 0;
    std::optional<FileIndex> index;  // loaded when it is needed
    std::uint64_t used_at = 0;       // in Parts::uses

    bool holds(raft::Group group, raft::Index wanted) const {
        const auto range = ranges.find(group);
        return range != ranges.end() && range->second.first <= wanted &&
               wanted <= range->second.last;
    }
};

/// A file that is being copied into a body file, over several calls.
struct Settling {
    std::uint64_t number;
    BodyWriter writer;
    FileIndex index;  // of what it is copied from
    FileIndex::const_iterator group;
    std::size_t next = 0;  // in the group's entries
};

/// What lies before it was read in this round of scrubbing.
struct ScrubCursor {
    std::uint64_t file = 0;
    raft::Group group;
    raft::Index index;
};

struct Archive::Parts {
    Parts(store::Files& files_, Options options_)
        : files(files_),
          options(std::move(options_)),
          directory{options.directory},
          pool(files, options) {}

    // archive.cpp
    struct Place {
        std::uint64_t number = 0;
        ArchiveFile* file = nullptr;
        Located located;
    };
    Result<std::optional<Place>> locate(raft::Group group, raft::Index index);
    void insert(std::uint64_t number, ArchiveFile file);
    Result<std::optional<raft::Entry>> read(raft::Group group, raft::Index index);
    Status open_body(std::uint64_t number);
    Result<Rows*> rows_of(std::uint64_t number, ArchiveFile& file);
    Result<const FileIndex*> index_of(std::uint64_t number, ArchiveFile& file);
    void close_least_used(std::uint64_t but);

    // settle.cpp
    struct Wanted {
        raft::Group group;
        Settled settled;
        const Live& live;
    };
    Result<bool> tidy_up(const Wanted& wanted);
    bool is_settled(const ArchiveFile& file) const;
    std::uint64_t live_bytes(const ArchiveFile& file, const Wanted& wanted) const;
    Result<bool> tidy_file(std::uint64_t number, ArchiveFile& file, const Wanted& wanted);
    Status begin_settling(std::uint64_t number, ArchiveFile& file);
    Status settle_slice(const Wanted& wanted);
    Status whole_or_none(Status settled);
    Status give_up(raft::Group group, raft::Index index, const Error& error);
    Status finish_settling();
    Status drop(std::uint64_t number);
    Status remove_files_of_segment(std::uint64_t number);
    Status forget_gone(const std::set<std::uint64_t>& listed);

    // scrub.cpp
    using Places = std::vector<std::pair<raft::Group, raft::Index>>;
    Status scrub_file(std::uint64_t number, ArchiveFile& file, std::uint64_t& bytes_left,
                      Places& damaged);

    store::Files& files;
    const Options options;
    const Directory directory;
    Pool pool;
    std::map<std::uint64_t, ArchiveFile> all;
    std::map<raft::Group, raft::Index> settled_up_to;  // of fetched bodies under their own name
    std::optional<Settling> settling;
    std::optional<raft::Index> unsettled;  // that could not be read
    ScrubCursor scrubbed;
    std::optional<std::set<std::uint64_t>> listed;  // by the newest segment that is known of
    std::unique_ptr<store::File> mark;
    std::uint64_t uses = 0;
};

}  // namespace cmq::log
