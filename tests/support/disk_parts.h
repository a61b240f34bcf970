// tests/support/disk_parts.h: what disk.cpp and disk_vfs.cpp share.
#pragma once

#include <sqlite3.h>

#include <array>
#include <optional>

#include "tests/support/disk.h"

namespace cmq::support {

/// A write or a truncation that is not synced.
struct Change {
    std::uint64_t number = 0;
    std::uint64_t offset = 0;  // of a truncation: the new size
    std::optional<std::string> bytes;
};

/// The bytes of a file; copies share them until one is edited.
class Content {
public:
    std::string_view view() const { return *bytes_; }
    std::size_t size() const { return bytes_->size(); }
    std::string& edit() {
        if (bytes_.use_count() > 1) bytes_ = std::make_shared<std::string>(*bytes_);
        return *bytes_;
    }
    void put(std::uint64_t offset, std::string_view bytes);
    void apply(const Change& change);

private:
    std::shared_ptr<std::string> bytes_ = std::make_shared<std::string>();
};

inline constexpr std::size_t shm_locks = 8;

/// Bytes that are not what was written.
struct Scar {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

struct Disk::Inode {
    Content content;  // as seen
    Content synced;   // as on disk, without `changes`
    std::vector<Change> changes;
    std::vector<Scar> scars;  // of `synced`
    bool in_place = false;    // a database: what is written there was read there
    void make_durable(const Change& change);
    std::set<const Handle*> handles;
    const Handle* whole_lock = nullptr;  // File::lock
    std::vector<std::unique_ptr<char[]>> shm;
};

/// An open file of one process.
struct Disk::Handle {
    Handle(Disk& disk_, std::string path_, std::shared_ptr<Inode> inode_);
    ~Handle();
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    Disk& disk;
    std::string path;
    std::shared_ptr<Inode> inode;
    std::uint64_t generation;
    bool sync_directory = false;  // with the first sync, as SQLite does for journals that it made
    bool delete_on_close = false;
    int lock = 0;  // SQLITE_LOCK_*
    std::array<bool, shm_locks> shm_shared{}, shm_exclusive{};
};

/// A change of names that outlives a power cut as a whole or not at all.
struct Disk::LinkChange {
    std::string removed, added;  // paths; empty: none
    std::shared_ptr<Inode> inode;
};

/// The disk as SQLite sees it: the functions are in disk_vfs.cpp.
struct Disk::Vfs {
    Vfs(Disk& disk, const char* name);
    ~Vfs();
    Vfs(const Vfs&) = delete;
    Vfs& operator=(const Vfs&) = delete;

    struct Names;  // of the file system: open, delete, access
    struct Io;     // of an open file
    struct Shm;    // shared memory of a WAL
    std::unique_ptr<sqlite3_vfs> vfs;
};

}  // namespace cmq::support
