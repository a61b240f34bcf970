// store/files.h: the disk, as far as it is not reached through SQLite. The seam of the simulator:
// tests pass a disk of their own that loses what was not synced and fails when told to.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cmq::store {

/// An open file. errors of all calls  io, disk_full; with the path. To open or list is disk_full
/// also where too many files are open: nothing was done then, and later it may go. A sync that
/// fails is io, whatever the reason: what it should have saved may be gone, and a second would not
/// tell.
class File {
public:
    virtual ~File() = default;
    virtual Result<std::string> read(std::uint64_t offset, std::size_t count) = 0;  // short at end
    virtual Status write(std::uint64_t offset, std::string_view bytes) = 0;         // all of it
    virtual Status sync() = 0;                                                      // fdatasync
    virtual Status drop_cache() = 0;  // after sync: the next read comes from the disk
    virtual Result<std::uint64_t> size() = 0;
    virtual Status truncate(std::uint64_t size) = 0;
    virtual Status lock() = 0;  // whole file, this process; errors  busy
};

enum class Open { existing, create };  // create: also opens what is there

class Files {
public:
    using Path = std::filesystem::path;
    virtual ~Files() = default;
    virtual Result<std::unique_ptr<File>> open(const Path& path, Open how) = 0;  // read and write
    virtual Result<bool> exists(const Path& path) = 0;
    virtual Status rename(const Path& from, const Path& to) = 0;  // replaces `to`
    virtual Status remove(const Path& path) = 0;                  // errors  not_found
    virtual Status make_directory(const Path& path) = 0;          // with parents; fine if there
    virtual Status sync_directory(const Path& path) = 0;
    virtual Result<std::vector<std::string>> list(const Path& path) = 0;  // names, sorted
    virtual Result<std::uint64_t> free_bytes(const Path& path) = 0;
    /// Name of the SQLite VFS that sees the same files; nullptr: SQLite's own.
    virtual const char* vfs() const = 0;
};

/// The machine's disk.
std::unique_ptr<Files> system_files();

}  // namespace cmq::store
