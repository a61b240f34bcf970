// tests/support/disk.h: a disk in memory that forgets what was not synced.
//
// It is a store::Files and a SQLite VFS over the same files. What was written is seen at once by
// everybody; it outlives a power cut only after a sync of its file. Creations, renames and removals
// outlive it only after a sync of the directory (SQLite's own directory syncs count); a rename is
// kept or lost as a whole. Directories themselves are durable when made. A failed sync forgets what
// it should have written, as Linux does: a second try succeeds and saves nothing.
//
// Deterministic: same seed, same calls, same disk. May be used by several threads.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "store/files.h"

struct sqlite3_vfs;

namespace cmq::support {

enum class Fault { io, disk_full, short_write };  // short_write: half of it, then an I/O error

/// What a power cut leaves of what was not synced. torn: all but the last write, of which only some
/// sectors of 512 bytes are there; random: any part of it, writes torn as well.
enum class Survive { all, none, random, torn };

/// A write that goes wrong without a word: a stale block, or a misdirected one beside it.
enum class Astray { nowhere, elsewhere };

class Disk final : public store::Files {
public:
    explicit Disk(std::uint64_t seed = 1);
    ~Disk() override;  // after all files and connections of it are closed
    Disk(const Disk&) = delete;
    Disk& operator=(const Disk&) = delete;

    Result<std::unique_ptr<store::File>> open(const Path& path, store::Open how) override;
    Result<bool> exists(const Path& path) override;
    Status rename(const Path& from, const Path& to) override;
    Status remove(const Path& path) override;
    Status make_directory(const Path& path) override;
    Status sync_directory(const Path& path) override;
    Result<std::vector<std::string>> list(const Path& path) override;
    Result<std::uint64_t> free_bytes(const Path& path) override;
    const char* vfs() const override { return vfs_name_.c_str(); }

    /// Calls that change something: writes, truncations, syncs, creations, renames, removals.
    struct Counts {
        std::uint64_t reads = 0;  // change nothing, and are no calls
        std::uint64_t calls = 0, writes = 0, syncs = 0, directory_syncs = 0, bytes_written = 0;
    };
    Counts counts() const;
    std::string last_call() const;  // "write log/1.seg-wal at 32, 24 bytes"

    /// The call after `calls` more such calls fails, once; nothing of it is done unless short.
    void fail_after(std::uint64_t calls, Fault fault);
    /// The read after `reads` more reads fails, once.
    void fail_read_after(std::uint64_t reads);
    bool read_failed() const { return read_failed_; }  // since fail_read_after
    /// After `calls` more such calls everything fails until power_cut() is called.
    void stop_after(std::uint64_t calls);
    bool stopped() const { return stopped_; }  // by stop_after
    void clear_faults();
    /// Every write fails with disk_full that would make the files larger than this in all.
    void set_capacity(std::uint64_t bytes);
    /// The same for all that is left but `bytes`.
    void fill(std::uint64_t bytes = 0);
    /// One did, or a write found no room, since the process began: a reason for it to end.
    bool failed_a_call() const { return failed_a_call_; }

    /// Files and connections that are open now fail for ever; the disk works again.
    void power_cut(Survive what, std::uint64_t seed = 1);
    /// The same for the end of a process: nothing is lost, nothing becomes durable.
    void kill();

    /// A disk with the same content, synced and not; nothing is open on it.
    std::unique_ptr<Disk> copy() const;
    /// Called after each call that changed something; may look at the disk and copy it.
    void on_call(std::function<void()> look);
    /// SQLite draws the salts of WALs from one generator of the process: begins its sequence anew.
    /// Once at the beginning of a run; disks that live through it would get salts a second time.
    static void seed_sqlite(int seed);

    /// Turns a bit on the disk and in the cache.
    void flip_bit(const Path& path, std::uint64_t byte, unsigned bit);
    /// The next write of a block after `writes` more of them is confirmed and seen until the cache
    /// is lost; on the disk it lands nowhere, or on other blocks of its file.
    void misplace_after(std::uint64_t writes, Astray where);
    bool misplaced() const { return misplaced_; }  // since misplace_after
    /// Files that hold something else than was written, by the two above: until it is written again
    /// (but a database writes back what it read: that may be what is wrong) or the file is removed.
    std::vector<Path> scars() const;
    std::uint64_t size_of(const Path& path);
    std::string content_of(const Path& path);
    std::vector<Path> paths() const;  // of all files, sorted

private:
    struct Inode;
    struct Handle;
    class OpenFile;
    struct Vfs;
    struct LinkChange;
    using Links = std::map<std::string, std::shared_ptr<Inode>>;

    // All of these are called with the mutex held.
    Status begin_call(std::string what);
    void end_call();
    Status fault_now();
    Status check(const Handle& handle) const;
    Status begin_read(const Handle& handle);
    Result<std::shared_ptr<Inode>> find(const std::string& path) const;
    std::shared_ptr<Inode> create(const std::string& path);
    Status write(Handle& handle, std::uint64_t offset, std::string_view bytes);
    Status truncate(Handle& handle, std::uint64_t size);
    Status sync(Handle& handle);
    Status remove_file(const std::string& path);
    Status sync_links(const std::string& directory);
    void change_links(LinkChange change);
    void settle(Inode& inode, Survive what, std::uint64_t last_change);
    void remember_write(Inode& inode, std::uint64_t offset, std::string_view bytes);
    bool goes_astray(std::string_view bytes);
    void misplace(Inode& inode, std::uint64_t offset, std::string_view bytes);
    void drop_processes();
    std::uint64_t used_bytes() const;
    std::uint64_t bytes_of_files() const;

    mutable std::recursive_mutex mutex_;  // on_call comes back
    std::function<void()> look_;
    std::mt19937_64 chance_;
    std::string vfs_name_;
    std::unique_ptr<Vfs> vfs_;

    Links links_;          // as seen
    Links durable_links_;  // as on disk
    std::vector<LinkChange> link_changes_;
    std::set<std::string> directories_;

    Counts counts_;
    std::string last_call_;
    std::uint64_t changes_ = 0;     // numbers them
    std::uint64_t generation_ = 0;  // of processes
    std::uint64_t capacity_ = UINT64_MAX;
    std::uint64_t fail_at_ = 0, stop_at_ = 0;  // in counts_.calls; 0: never
    std::uint64_t fail_read_at_ = 0;           // in counts_.reads; 0: never
    bool read_failed_ = false;
    Fault fault_ = Fault::io;
    std::optional<std::uint64_t> misplace_in_;  // writes of blocks
    Astray astray_ = Astray::nowhere;
    bool misplaced_ = false;
    bool stopped_ = false;
    bool failed_a_call_ = false;
    bool out_of_room_ = false;  // why SQLite could not make a file
};

}  // namespace cmq::support
