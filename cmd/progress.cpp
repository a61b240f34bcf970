#include "cmd/progress.h"

#include <cmath>

#include "config/values.h"

namespace cmq::cmd {
namespace {

constexpr std::chrono::milliseconds between{200};
constexpr auto clean_line = "\r\033[K";

std::string rate_of(std::uint64_t done, std::chrono::duration<double> time) {
    return std::to_string(std::llround(static_cast<double>(done) / time.count())) + "/s";
}

std::string left_of(double share, std::chrono::duration<double> time) {
    const std::chrono::duration<double> left = time * ((1 - share) / share);
    return config::format_duration(std::chrono::ceil<std::chrono::seconds>(left)) + " left";
}

}  // namespace

void Progress::show(std::uint64_t done, std::optional<double> share, const std::string& more) {
    if (!is_due()) return;
    const auto now = Clock::now();
    next_ = now + between;
    is_shown_ = true;
    const std::chrono::duration<double> time = now - begun_;
    err_ << clean_line << done << ' ' << what_ << ", " << rate_of(done, time);
    // The first hundredth says little about the rest.
    if (share && *share >= 0.01 && *share <= 1) err_ << ", " << left_of(*share, time);
    if (!more.empty()) err_ << ", " << more;
    err_ << std::flush;
}

std::ostream& Progress::clear() {
    if (is_shown_) err_ << clean_line << std::flush;
    is_shown_ = false;
    return err_;
}

}  // namespace cmq::cmd
