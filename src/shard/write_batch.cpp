#include "shard/write_batch.h"

namespace cmq::shard {
namespace {

std::size_t bytes_of(const log::Commit& commit) {
    std::size_t bytes = 0;
    for (const auto* list : {&commit.entries, &commit.bodies})
        for (const auto& [group, entry] : *list) bytes += entry.payload->size();
    return bytes;
}

template <class List>
void append(List& to, const List& from) {
    to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

std::size_t fit_together(std::span<const WriteJob> jobs) {
    std::size_t count = 1;
    auto bytes = bytes_of(jobs.front().commit);
    for (; count < jobs.size() && jobs[count].commit.bases.empty(); ++count) {
        bytes += bytes_of(jobs[count].commit);
        if (bytes > write_batch_bytes) break;
    }
    return count;
}

log::Commit together(std::span<const WriteJob> jobs) {
    log::Commit all;
    for (const auto& job : jobs) {
        append(all.entries, job.commit.entries);
        append(all.bodies, job.commit.bodies);
        append(all.hard, job.commit.hard);
        append(all.bases, job.commit.bases);
    }
    return all;
}

}  // namespace cmq::shard
