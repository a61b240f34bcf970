#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "store/files.h"

namespace cmq::store {
namespace {

Code code_of(int number) {
    switch (number) {
        case ENOSPC:
        case EDQUOT:
        case EMFILE:  // of open and list, which have done nothing then
        case ENFILE:
            return Code::disk_full;
        case ENOENT:
            return Code::not_found;
        case EWOULDBLOCK:
            return Code::busy;
        default:
            return Code::io;
    }
}

tl::unexpected<Error> failure(const std::filesystem::path& path, std::string_view what) {
    const int number = errno;
    return fail(code_of(number),
                path.string() + ": " + std::string(what) + ": " + std::strerror(number));
}

/// Nobody may try it again, also if it was for lack of room or files: what was to be made durable
/// has been done.
tl::unexpected<Error> failed_sync(const std::filesystem::path& path, std::string_view what) {
    auto error = failure(path, what);
    error.value().code = Code::io;
    return error;
}

/// A call that a signal interrupted is made again.
template <class Call>
auto uninterrupted(Call call) {
    auto result = call();
    while (result < 0 && errno == EINTR) result = call();
    return result;
}

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);  // what had to be durable was synced before
    }
    int get() const { return number_; }

private:
    int number_;
};

class SystemFile final : public File {
public:
    SystemFile(std::filesystem::path path, Descriptor descriptor)
        : path_(std::move(path)), descriptor_(std::move(descriptor)) {}

    Result<std::string> read(std::uint64_t offset, std::size_t count) override {
        std::string bytes(count, '\0');
        std::size_t done = 0;
        while (done < count) {
            const auto got = uninterrupted([&] {
                return ::pread(descriptor_.get(), bytes.data() + done, count - done,
                               static_cast<off_t>(offset + done));
            });
            if (got < 0) return failure(path_, "read");
            if (got == 0) break;
            done += static_cast<std::size_t>(got);
        }
        bytes.resize(done);
        return bytes;
    }

    Status write(std::uint64_t offset, std::string_view bytes) override {
        while (!bytes.empty()) {
            const auto put = uninterrupted([&] {
                return ::pwrite(descriptor_.get(), bytes.data(), bytes.size(),
                                static_cast<off_t>(offset));
            });
            if (put < 0) return failure(path_, "write");
            bytes.remove_prefix(static_cast<std::size_t>(put));
            offset += static_cast<std::uint64_t>(put);
        }
        return {};
    }

    Status sync() override {
        if (uninterrupted([&] { return ::fdatasync(descriptor_.get()); }) < 0)
            return failed_sync(path_, "fdatasync");
        return {};
    }

    Status drop_cache() override {
        errno = ::posix_fadvise(descriptor_.get(), 0, 0, POSIX_FADV_DONTNEED);
        if (errno != 0) return failure(path_, "posix_fadvise");
        return {};
    }

    Result<std::uint64_t> size() override {
        struct stat about {};
        if (::fstat(descriptor_.get(), &about) < 0) return failure(path_, "fstat");
        return static_cast<std::uint64_t>(about.st_size);
    }

    Status truncate(std::uint64_t size) override {
        const auto length = static_cast<off_t>(size);
        if (uninterrupted([&] { return ::ftruncate(descriptor_.get(), length); }) < 0)
            return failure(path_, "ftruncate");
        return {};
    }

    Status lock() override {
        if (uninterrupted([&] { return ::flock(descriptor_.get(), LOCK_EX | LOCK_NB); }) < 0)
            return failure(path_, "another process holds the lock");
        return {};
    }

private:
    std::filesystem::path path_;
    Descriptor descriptor_;
};

class SystemFiles final : public Files {
public:
    Result<std::unique_ptr<File>> open(const Path& path, Open how) override {
        const int flags = O_RDWR | O_CLOEXEC | (how == Open::create ? O_CREAT : 0);
        const int number = uninterrupted([&] { return ::open(path.c_str(), flags, 0600); });
        if (number < 0) return failure(path, "open");
        return std::make_unique<SystemFile>(path, Descriptor(number));
    }

    Result<bool> exists(const Path& path) override {
        struct stat about {};
        if (::stat(path.c_str(), &about) == 0) return true;
        if (errno == ENOENT) return false;
        return failure(path, "stat");
    }

    Status rename(const Path& from, const Path& to) override {
        if (::rename(from.c_str(), to.c_str()) < 0)
            return failure(from, "rename to " + to.string());
        return {};
    }

    Status remove(const Path& path) override {
        if (::unlink(path.c_str()) < 0) return failure(path, "unlink");
        return {};
    }

    Status make_directory(const Path& path) override {
        if (path.empty()) return {};
        const auto parent = path.has_parent_path() ? path.parent_path() : Path(".");
        const bool is_new = !CMQ_TRY(exists(path));
        if (is_new) {
            CMQ_TRY(make_directory(path.parent_path()));
            if (::mkdir(path.c_str(), 0700) < 0 && errno != EEXIST) return failure(path, "mkdir");
        }
        // Whoever made it may have been killed before this. One that we may not look into is not
        // where we made anything.
        const bool is_closed = ::access(parent.c_str(), R_OK) < 0 && errno == EACCES;
        return !is_new && is_closed ? Status{} : sync_directory(parent);
    }

    Status sync_directory(const Path& path) override {
        const int number =
            uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
        if (number < 0) return failed_sync(path, "open");
        const Descriptor descriptor(number);
        if (uninterrupted([&] { return ::fsync(number); }) < 0) return failed_sync(path, "fsync");
        return {};
    }

    Result<std::vector<std::string>> list(const Path& path) override {
        std::error_code error;
        std::vector<std::string> names;
        std::filesystem::directory_iterator entry(path, error);
        for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
            names.push_back(entry->path().filename().string());
        if (error) {
            errno = error.value();
            return failure(path, "list");
        }
        std::sort(names.begin(), names.end());
        return names;
    }

    Result<std::uint64_t> free_bytes(const Path& path) override {
        struct statvfs about {};
        if (::statvfs(path.c_str(), &about) < 0) return failure(path, "statvfs");
        return static_cast<std::uint64_t>(about.f_bavail) * about.f_frsize;
    }

    const char* vfs() const override { return nullptr; }
};

}  // namespace

std::unique_ptr<Files> system_files() { return std::make_unique<SystemFiles>(); }

}  // namespace cmq::store
