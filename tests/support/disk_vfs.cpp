// The disk as a SQLite VFS: sqlite.org/vfs.html. Shared memory is heap memory of the inode, locks
// are those of sqlite3_io_methods between connections of one process.

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "tests/support/disk.h"
#include "tests/support/disk_parts.h"

namespace cmq::support {
namespace {

/// 2026-01-01 in milliseconds since the Julian epoch; here time stands still.
constexpr sqlite3_int64 julian_now = 210'866'760'000'000 + 1'767'225'600'000;

int code_of(const Status& status, int io_code) {
    if (status) return SQLITE_OK;
    return status.error().code == Code::disk_full ? SQLITE_FULL : io_code;
}

}  // namespace

struct Disk::Vfs::Io {
    sqlite3_file base;
    Handle* handle;

    static Io& of(sqlite3_file* file) { return *reinterpret_cast<Io*>(file); }
    static bool alive(const Handle& handle) { return handle.disk.check(handle).has_value(); }

    static int close(sqlite3_file* file) {
        auto& disk = of(file).handle->disk;
        const std::lock_guard lock(disk.mutex_);
        const std::unique_ptr<Handle> handle(std::exchange(of(file).handle, nullptr));
        int result = SQLITE_OK;
        if (handle->delete_on_close && alive(*handle))
            result = code_of(disk.remove_file(handle->path), SQLITE_IOERR_DELETE);
        return result;
    }

    static int read(sqlite3_file* file, void* out, int count, sqlite3_int64 offset) {
        auto& handle = *of(file).handle;
        const std::lock_guard lock(handle.disk.mutex_);
        if (!handle.disk.begin_read(handle)) return SQLITE_IOERR_READ;
        const auto content = handle.inode->content.view();
        const auto want = static_cast<std::size_t>(count);
        const auto from = std::min(static_cast<std::size_t>(offset), content.size());
        const auto got = content.substr(from, want);
        got.copy(static_cast<char*>(out), got.size());
        if (got.size() == want) return SQLITE_OK;
        std::memset(static_cast<char*>(out) + got.size(), 0, want - got.size());
        return SQLITE_IOERR_SHORT_READ;
    }

    static int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
        auto& handle = *of(file).handle;
        const std::lock_guard lock(handle.disk.mutex_);
        const std::string_view view(static_cast<const char*>(bytes),
                                    static_cast<std::size_t>(count));
        return code_of(handle.disk.write(handle, static_cast<std::uint64_t>(offset), view),
                       SQLITE_IOERR_WRITE);
    }

    static int truncate(sqlite3_file* file, sqlite3_int64 size) {
        auto& handle = *of(file).handle;
        const std::lock_guard lock(handle.disk.mutex_);
        return code_of(handle.disk.truncate(handle, static_cast<std::uint64_t>(size)),
                       SQLITE_IOERR_TRUNCATE);
    }

    static int sync(sqlite3_file* file, int) {
        auto& handle = *of(file).handle;
        const std::lock_guard lock(handle.disk.mutex_);
        return code_of(handle.disk.sync(handle), SQLITE_IOERR_FSYNC);
    }

    static int size(sqlite3_file* file, sqlite3_int64* size) {
        auto& handle = *of(file).handle;
        const std::lock_guard lock(handle.disk.mutex_);
        if (!alive(handle)) return SQLITE_IOERR_FSTAT;
        *size = static_cast<sqlite3_int64>(handle.inode->content.size());
        return SQLITE_OK;
    }

    /// The highest lock of other connections.
    static int others(const Handle& handle) {
        int highest = SQLITE_LOCK_NONE;
        for (const auto* other : handle.inode->handles)
            if (other != &handle) highest = std::max(highest, other->lock);
        return highest;
    }

    static int lock(sqlite3_file* file, int level) {
        auto& handle = *of(file).handle;
        const std::lock_guard lock(handle.disk.mutex_);
        if (!alive(handle)) return SQLITE_IOERR_LOCK;
        if (handle.lock >= level) return SQLITE_OK;
        const int highest = others(handle);
        if (level == SQLITE_LOCK_SHARED && highest >= SQLITE_LOCK_PENDING) return SQLITE_BUSY;
        if (level >= SQLITE_LOCK_RESERVED && highest >= SQLITE_LOCK_RESERVED) return SQLITE_BUSY;
        if (level == SQLITE_LOCK_EXCLUSIVE && highest >= SQLITE_LOCK_SHARED) {
            handle.lock = SQLITE_LOCK_PENDING;
            return SQLITE_BUSY;
        }
        handle.lock = level;
        return SQLITE_OK;
    }

    static int unlock(sqlite3_file* file, int level) {
        auto& handle = *of(file).handle;
        const std::lock_guard lock(handle.disk.mutex_);
        handle.lock = std::min(handle.lock, level);
        return SQLITE_OK;
    }

    static int check_reserved(sqlite3_file* file, int* reserved) {
        auto& handle = *of(file).handle;
        const std::lock_guard lock(handle.disk.mutex_);
        *reserved = std::max(others(handle), handle.lock) >= SQLITE_LOCK_RESERVED ? 1 : 0;
        return SQLITE_OK;
    }

    static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
    static int sector_size(sqlite3_file*) { return 4096; }
    /// As SQLite's own on Unix: a torn write leaves the bytes around it as they were.
    static int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }
};

struct Disk::Vfs::Shm {
    static int map(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
        auto& handle = *Io::of(file).handle;
        const std::lock_guard lock(handle.disk.mutex_);
        *out = nullptr;
        if (!Io::alive(handle)) return SQLITE_IOERR_SHMMAP;
        auto& regions = handle.inode->shm;
        const auto at = static_cast<std::size_t>(region);
        if (at >= regions.size() && extend == 0) return SQLITE_OK;
        while (regions.size() <= at)
            regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
        *out = regions[at].get();
        return SQLITE_OK;
    }

    static bool in_the_way(const Handle& handle, std::size_t at, bool exclusive) {
        const auto blocks = [&](const Handle* other) {
            return other != &handle &&
                   (other->shm_exclusive[at] || (exclusive && other->shm_shared[at]));
        };
        const auto& all = handle.inode->handles;
        return std::any_of(all.begin(), all.end(), blocks);
    }

    static int lock(sqlite3_file* file, int offset, int count, int flags) {
        auto& handle = *Io::of(file).handle;
        const std::lock_guard lock(handle.disk.mutex_);
        const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
        const bool locks = (flags & SQLITE_SHM_LOCK) != 0;
        const auto first = static_cast<std::size_t>(offset);
        const auto end = first + static_cast<std::size_t>(count);
        if (locks && !Io::alive(handle)) return SQLITE_IOERR_SHMLOCK;
        for (auto at = first; locks && at < end; ++at)
            if (in_the_way(handle, at, exclusive)) return SQLITE_BUSY;
        auto& held = exclusive ? handle.shm_exclusive : handle.shm_shared;
        for (auto at = first; at < end; ++at) held[at] = locks;
        return SQLITE_OK;
    }

    static void barrier(sqlite3_file* file) {
        const std::lock_guard lock(Io::of(file).handle->disk.mutex_);
    }

    static int unmap(sqlite3_file* file, int) {
        auto& handle = *Io::of(file).handle;
        const std::lock_guard lock(handle.disk.mutex_);
        handle.shm_shared = handle.shm_exclusive = {};
        return SQLITE_OK;
    }
};

struct Disk::Vfs::Names {
    static Disk& disk(sqlite3_vfs* vfs) { return *static_cast<Disk*>(vfs->pAppData); }

    static const sqlite3_io_methods* methods() {
        static const sqlite3_io_methods methods = {2,
                                                   Io::close,
                                                   Io::read,
                                                   Io::write,
                                                   Io::truncate,
                                                   Io::sync,
                                                   Io::size,
                                                   Io::lock,
                                                   Io::unlock,
                                                   Io::check_reserved,
                                                   Io::control,
                                                   Io::sector_size,
                                                   Io::characteristics,
                                                   Shm::map,
                                                   Shm::lock,
                                                   Shm::barrier,
                                                   Shm::unmap,
                                                   nullptr,
                                                   nullptr};
        return &methods;
    }

    static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags,
                    int* out_flags) {
        auto& self = disk(vfs);
        const std::lock_guard lock(self.mutex_);
        file->pMethods = nullptr;
        const std::string path = name ? name : "temporary-" + std::to_string(++self.changes_);
        if (self.stopped_) return SQLITE_CANTOPEN;
        const bool made = !self.links_.contains(path);
        if (made) {
            if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
            const auto begun = self.begin_call("create " + path);
            self.out_of_room_ = !begun && begun.error().code == Code::disk_full;
            if (!begun) return SQLITE_CANTOPEN;
            self.create(path);
            self.end_call();
        }
        auto handle = std::make_unique<Handle>(self, path, self.links_.at(path));
        constexpr int journals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
        handle->sync_directory = made && (flags & journals) != 0;
        handle->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
        Io::of(file).handle = handle.release();
        file->pMethods = methods();
        if (out_flags) *out_flags = flags;
        return SQLITE_OK;
    }

    static int remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
        auto& self = disk(vfs);
        const std::lock_guard lock(self.mutex_);
        const auto removed = self.remove_file(name);
        if (!removed && removed.error().code == Code::not_found) return SQLITE_IOERR_DELETE_NOENT;
        if (!removed) return SQLITE_IOERR_DELETE;
        if (sync_directory == 0) return SQLITE_OK;
        return code_of(self.sync_links(Path(name).parent_path().string()), SQLITE_IOERR_DIR_FSYNC);
    }

    /// As SQLite's own on Unix, an empty file does not exist when asked for existence.
    static int access(sqlite3_vfs* vfs, const char* name, int flags, int* out) {
        auto& self = disk(vfs);
        const std::lock_guard lock(self.mutex_);
        if (self.stopped_) return SQLITE_IOERR_ACCESS;
        const auto found = self.links_.find(name);
        *out = found != self.links_.end() &&
               (flags != SQLITE_ACCESS_EXISTS || found->second->content.size() > 0);
        return SQLITE_OK;
    }

    static int full_name(sqlite3_vfs*, const char* name, int size, char* out) {
        const auto path = Path(name).lexically_normal().string();
        if (path.size() >= static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
        std::memcpy(out, path.c_str(), path.size() + 1);
        return SQLITE_OK;
    }

    static int randomness(sqlite3_vfs* vfs, int count, char* out) {
        auto& self = disk(vfs);
        const std::lock_guard lock(self.mutex_);
        for (int at = 0; at < count; ++at) out[at] = static_cast<char>(self.chance_());
        return count;
    }

    static int sleep(sqlite3_vfs*, int microseconds) { return microseconds; }
    static int now_julian(sqlite3_vfs*, double* now) {
        *now = static_cast<double>(julian_now) / 86'400'000.0;
        return SQLITE_OK;
    }
    static int now(sqlite3_vfs*, sqlite3_int64* now) {
        *now = julian_now;
        return SQLITE_OK;
    }
    static int last_error(sqlite3_vfs* vfs, int, char*) {
        return disk(vfs).out_of_room_ ? ENOSPC : 0;
    }
};

Disk::Vfs::Vfs(Disk& disk, const char* name) : vfs(std::make_unique<sqlite3_vfs>()) {
    *vfs = {};
    vfs->iVersion = 2;
    vfs->szOsFile = sizeof(Io);
    vfs->mxPathname = 1024;
    vfs->zName = name;
    vfs->pAppData = &disk;
    vfs->xOpen = Names::open;
    vfs->xDelete = Names::remove;
    vfs->xAccess = Names::access;
    vfs->xFullPathname = Names::full_name;
    vfs->xRandomness = Names::randomness;
    vfs->xSleep = Names::sleep;
    vfs->xCurrentTime = Names::now_julian;
    vfs->xCurrentTimeInt64 = Names::now;
    vfs->xGetLastError = Names::last_error;
    sqlite3_vfs_register(vfs.get(), 0);
}

Disk::Vfs::~Vfs() { sqlite3_vfs_unregister(vfs.get()); }

}  // namespace cmq::support
