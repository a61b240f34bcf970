#include "config/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace cmq::config {
namespace {

namespace fs = std::filesystem;

/// An open file, closed when it goes out of scope.
class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    int number() const { return number_; }

private:
    int number_;
};

tl::unexpected<Error> failed(std::string_view what, const fs::path& file) {
    const auto code = errno == ENOENT   ? Code::not_found
                      : errno == ENOSPC ? Code::disk_full
                                        : Code::io;
    return fail(code,
                "cannot " + std::string(what) + ' ' + file.string() + ": " + std::strerror(errno));
}

Status write_all(int descriptor, std::string_view text, const fs::path& file) {
    while (!text.empty()) {
        const auto written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failed("write", file);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(descriptor) != 0) return failed("write", file);
    return {};
}

Status make_directories(const fs::path& directory) {
    if (directory.empty() || fs::exists(directory)) return {};
    CMQ_TRY(make_directories(directory.parent_path()));
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
        return failed("make directory", directory);
    return {};
}

}  // namespace

Result<std::string> read_text(const fs::path& file) {
    const Descriptor open{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
    if (open.number() < 0) return failed("read", file);
    std::string text;
    std::array<char, 16384> buffer;
    while (true) {
        const auto count = ::read(open.number(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed("read", file);
        if (count == 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(count));
        if (text.size() > file_bytes_max)
            return fail(Code::invalid, file.string() + " is larger than 4 MiB");
    }
}

Result<std::string> read_secret(const fs::path& file) {
    auto text = CMQ_TRY(read_text(file));
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    if (text.empty()) return fail(Code::invalid, file.string() + " is empty; a secret is expected");
    if (text.find_first_of("\r\n") != text.npos)
        return fail(Code::invalid, file.string() + " has several lines; one secret is expected");
    return text;
}

Status check_private(const fs::path& file) {
    struct stat about {};
    if (::stat(file.c_str(), &about) != 0) return failed("read", file);
    if ((about.st_mode & 077) != 0 && S_ISREG(about.st_mode))
        return fail(Code::invalid, file.string() +
                                       " holds secrets and others may read it; run: chmod 600 " +
                                       file.string());
    return {};
}

Status write_private(const fs::path& file, std::string_view text) {
    CMQ_TRY(make_directories(file.parent_path()));
    auto temporary = file;
    temporary += ".new." + std::to_string(::getpid());
    // What an earlier process of the same number left may have another mode; its absence is fine.
    ::unlink(temporary.c_str());
    {
        const Descriptor open{
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
        if (open.number() < 0) return failed("write", temporary);
        CMQ_TRY(write_all(open.number(), text, temporary));
    }
    if (::rename(temporary.c_str(), file.c_str()) != 0) return failed("write", file);
    return {};
}

}  // namespace cmq::config
