// What a commit costs: bytes and time of the log's writer on this machine's disk. Run it with a
// directory on the disk in question; it is emptied.
//
//     log_commits DIRECTORY [seconds a line]

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/clock.h"
#include "log/archive.h"
#include "log/format.h"
#include "log/log.h"

#include <algorithm>

namespace {

using namespace cmq;

struct Line {
    std::size_t commit_bytes;
    bool prewritten;
};

int run(const std::filesystem::path& directory, Line line, double seconds) {
    std::filesystem::remove_all(directory);
    const auto files = store::system_files();
    log::Options options;
    options.directory = directory;
    options.grow_first = !line.prewritten;
    log::Archive archive(*files, options);
    auto log = log::Log::open(*files, options, archive);
    if (!log) return std::fprintf(stderr, "%s\n", log.error().message.c_str()), 1;
    while (archive.fill_pool().value()) continue;

    const SystemClock clock;
    const auto payload = make_blob(std::string(line.commit_bytes, 'x'));
    std::vector<double> micros;
    std::uint64_t index = 0, chain = 0;
    const auto begin = clock.steady();
    const auto end = begin + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                 std::chrono::duration<double>(seconds));
    for (auto now = begin; now < end;) {
        chain = raft::chain_of(raft::Kind::command, *payload, chain);
        log::Commit commit;
        commit.entries.emplace_back(
            raft::Group{1}, raft::Entry{{++index}, {1}, raft::Kind::command, chain, payload});
        auto appended = (*log)->append(commit);
        if (!appended) return std::fprintf(stderr, "%s\n", appended.error().message.c_str()), 1;
        const auto after = clock.steady();
        micros.push_back(std::chrono::duration<double, std::micro>(after - now).count());
        if (appended->sealed) {  // the keeper's work, beside the clock
            archive.adopt(std::move(appended->sealed));
            const auto dead = [](raft::Group, raft::Index, raft::Index) { return false; };
            while (archive.tidy_up({1}, {{index - 1}, {}}, dead).value()) continue;
            while (archive.fill_pool().value()) continue;
        }
        now = clock.steady();
    }
    double total = 0;
    for (const auto value : micros) total += value;
    std::sort(micros.begin(), micros.end());
    const auto cost = (*log)->cost();
    const auto count = static_cast<double>(micros.size());
    std::printf(
        "page %5llu  commit %7zu B  %-10s  %6.0f commits/s  %6.1f MB/s  p50 %5.0f us  "
        "p99 %6.0f us  max %6.0f us  bytes x %.2f  fsyncs a commit %.3f  segments %llu\n",
        static_cast<unsigned long long>(log::page_bytes), line.commit_bytes,
        line.prewritten ? "prewritten" : "growing", count / total * 1e6,
        count / total * static_cast<double>(line.commit_bytes), micros[micros.size() / 2],
        micros[micros.size() * 99 / 100], micros.back(),
        static_cast<double>(cost.bytes_written) / (count * static_cast<double>(line.commit_bytes)),
        static_cast<double>(cost.fsyncs) / count, static_cast<unsigned long long>(cost.segments));
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return std::fprintf(stderr, "log_commits DIRECTORY [seconds a line]\n"), 2;
    const double seconds = argc > 2 ? std::atof(argv[2]) : 2;
    for (const auto size : {1024u, 32u * 1024, 256u * 1024})
        for (const bool prewritten : {true, false})
            if (const int failed =
                    run(std::filesystem::path(argv[1]) / "log", {size, prewritten}, seconds))
                return failed;
    return 0;
}
