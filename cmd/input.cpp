#include "cmd/input.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace cmq::cmd {
namespace {

constexpr std::size_t chunk = 64u << 10;

/// Appends what is there; 0: the input ended.
Result<std::size_t> read_some(int descriptor, std::string& to) {
    std::array<char, chunk> bytes;
    while (true) {
        const auto count = ::read(descriptor, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0)
            return fail(Code::io, std::string("cannot read the input: ") + std::strerror(errno));
        to.append(bytes.data(), static_cast<std::size_t>(count));
        return static_cast<std::size_t>(count);
    }
}

}  // namespace

Result<std::string> read_all(int descriptor, std::size_t bytes_max) {
    std::string text;
    while (CMQ_TRY(read_some(descriptor, text)) > 0)
        if (text.size() > bytes_max)
            return fail(Code::invalid, "the input is larger than " + std::to_string(bytes_max) +
                                           " bytes, the most that a message may have");
    return text;
}

Result<bool> RecordReader::fill() {
    buffer_.erase(0, begin_);
    scanned_ -= begin_;
    begin_ = 0;
    if (buffer_.size() > record_bytes_max)
        return fail(Code::invalid, "a record of the input is longer than 4 MiB");
    return CMQ_TRY(read_some(descriptor_, buffer_)) > 0;
}

Result<std::optional<std::string>> RecordReader::next() {
    while (true) {
        const auto end = buffer_.find(delimiter_, scanned_);
        if (end != buffer_.npos) {
            auto record = buffer_.substr(begin_, end - begin_);
            begin_ = scanned_ = end + 1;
            return std::optional(std::move(record));
        }
        scanned_ = buffer_.size();
        if (!is_ended_) is_ended_ = !CMQ_TRY(fill());
        if (!is_ended_) continue;
        if (begin_ == buffer_.size()) return std::optional<std::string>{};
        auto record = buffer_.substr(begin_);
        begin_ = scanned_ = buffer_.size();
        return std::optional(std::move(record));
    }
}

std::optional<double> RecordReader::share() const {
    struct stat about {};
    if (::fstat(descriptor_, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size == 0)
        return {};
    const auto waiting = static_cast<off_t>(buffer_.size() - begin_);
    const auto read = ::lseek(descriptor_, 0, SEEK_CUR) - waiting;
    return static_cast<double>(read) / static_cast<double>(about.st_size);
}

bool RecordReader::has_more_now() {
    if (buffer_.find(delimiter_, scanned_) != buffer_.npos) return true;
    if (is_ended_) return begin_ != buffer_.size();
    pollfd watched{descriptor_, POLLIN, 0};
    return ::poll(&watched, 1, 0) > 0;
}

}  // namespace cmq::cmd
