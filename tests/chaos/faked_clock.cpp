#include "tests/chaos/faked_clock.h"

#include <fstream>

namespace cmq::chaos {
namespace {

// Where Debian's package `faketime` has it.
constexpr auto* library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

}  // namespace

Result<FakedClock> FakedClock::make(std::filesystem::path file) {
    if (!std::filesystem::exists(library))
        return fail(Code::unavailable, std::string(library) + " is not there");
    FakedClock clock(std::move(file));
    support::ProcessOptions options;
    options.environment = clock.place().environment;
    const auto tried = support::run({support::cmq_binary(), "version"}, options);
    if (tried.status == 0) return clock;
    return fail(Code::unavailable, "libfaketime does not go with this build: " + tried.err);
}

/// Whole at once: the node may look at any time.
void FakedClock::move(std::chrono::hours from_ours) const {
    const auto fresh = file_.string() + ".new";
    std::ofstream(fresh) << std::showpos << from_ours.count() << "h\n";
    std::filesystem::rename(fresh, file_);
}

Place FakedClock::place() const {
    Place place;
    place.environment = {{"LD_PRELOAD", library},
                         {"FAKETIME_TIMESTAMP_FILE", file_.string()},
                         {"FAKETIME_NO_CACHE", "1"},
                         {"DONT_FAKE_MONOTONIC", "1"}};
    return place;
}

}  // namespace cmq::chaos
