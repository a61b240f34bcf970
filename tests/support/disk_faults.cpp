// What goes wrong, and what is left of it.

#include <algorithm>

#include "tests/support/disk.h"
#include "tests/support/disk_parts.h"

namespace cmq::support {
namespace {

constexpr std::size_t sector_bytes = 512;

/// Each sector of the disk that the write touches is there or not.
void apply_torn(Content& content, const Change& change, std::mt19937_64& chance) {
    if (!change.bytes) return content.apply(change);
    const std::string_view bytes = *change.bytes;
    for (std::size_t at = 0; at < bytes.size();) {
        const auto in_sector = static_cast<std::size_t>((change.offset + at) % sector_bytes);
        const auto count = std::min(sector_bytes - in_sector, bytes.size() - at);
        if (chance() % 2 == 0) content.put(change.offset + at, bytes.substr(at, count));
        at += count;
    }
}

}  // namespace

Disk::Counts Disk::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

std::string Disk::last_call() const {
    const std::lock_guard lock(mutex_);
    return last_call_;
}

void Disk::fail_after(std::uint64_t calls, Fault fault) {
    const std::lock_guard lock(mutex_);
    fail_at_ = counts_.calls + calls + 1;
    fault_ = fault;
}

void Disk::fail_read_after(std::uint64_t reads) {
    const std::lock_guard lock(mutex_);
    fail_read_at_ = counts_.reads + reads + 1;
    read_failed_ = false;
}

Status Disk::begin_read(const Handle& handle) {
    CMQ_TRY(check(handle));
    if (++counts_.reads != fail_read_at_) return {};
    read_failed_ = true;
    return fail(Code::io, handle.path + ": a read fails on purpose");
}

void Disk::stop_after(std::uint64_t calls) {
    const std::lock_guard lock(mutex_);
    stop_at_ = counts_.calls + calls;
    if (calls == 0) stopped_ = true;
}

void Disk::clear_faults() {
    const std::lock_guard lock(mutex_);
    fail_at_ = stop_at_ = fail_read_at_ = 0;
    misplace_in_.reset();
}

void Disk::set_capacity(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    capacity_ = bytes;
}

void Disk::fill(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    capacity_ = bytes_of_files() + bytes;
}

void Disk::on_call(std::function<void()> look) {
    const std::lock_guard lock(mutex_);
    look_ = std::move(look);
}

void Disk::seed_sqlite(int seed) {
    sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, seed == 0 ? 1 : seed, nullptr);
}

std::unique_ptr<Disk> Disk::copy() const {
    const std::lock_guard lock(mutex_);
    auto other = std::make_unique<Disk>(counts_.calls);
    std::map<const Inode*, std::shared_ptr<Inode>> copies;
    const auto copy_of = [&copies](const std::shared_ptr<Inode>& inode) {
        auto& made = copies[inode.get()];
        if (inode && !made) {
            made = std::make_shared<Inode>();
            made->content = inode->content;
            made->synced = inode->synced;
            made->changes = inode->changes;
            made->scars = inode->scars;
            made->in_place = inode->in_place;
        }
        return made;
    };
    for (const auto& [path, inode] : links_) other->links_[path] = copy_of(inode);
    for (const auto& [path, inode] : durable_links_) other->durable_links_[path] = copy_of(inode);
    for (const auto& change : link_changes_)
        other->link_changes_.push_back({change.removed, change.added, copy_of(change.inode)});
    other->directories_ = directories_;
    other->changes_ = changes_;
    other->capacity_ = capacity_;
    return other;
}

void Disk::drop_processes() {
    ++generation_;
    stopped_ = failed_a_call_ = false;
    fail_at_ = stop_at_ = 0;
    for (const auto& [path, inode] : links_) {
        inode->handles.clear();
        inode->whole_lock = nullptr;
        inode->shm.clear();
    }
}

void Disk::kill() {
    const std::lock_guard lock(mutex_);
    drop_processes();
}

void Disk::power_cut(Survive what, std::uint64_t seed) {
    const std::lock_guard lock(mutex_);
    chance_.seed(seed);
    drop_processes();
    for (auto& change : link_changes_) {
        const bool stays = what == Survive::all || what == Survive::torn ||
                           (what == Survive::random && chance_() % 2 == 0);
        if (!stays) continue;
        if (!change.removed.empty()) durable_links_.erase(change.removed);
        if (!change.added.empty()) durable_links_[change.added] = change.inode;
    }
    link_changes_.clear();
    links_ = durable_links_;
    std::uint64_t last = 0;
    for (const auto& [path, inode] : links_)
        for (const auto& change : inode->changes) last = std::max(last, change.number);
    for (const auto& [path, inode] : links_) settle(*inode, what, last);
}

void Disk::settle(Inode& inode, Survive what, std::uint64_t last_change) {
    for (const auto& change : inode.changes) {
        const bool torn = what == Survive::torn ? change.number == last_change : chance_() % 4 == 0;
        switch (what) {
            case Survive::none:
                continue;
            case Survive::random:
                if (chance_() % 2 == 0) continue;
                break;
            case Survive::all:
                inode.make_durable(change);
                continue;
            case Survive::torn:
                break;
        }
        if (torn) {
            apply_torn(inode.synced, change, chance_);
        } else {
            inode.make_durable(change);
        }
    }
    inode.changes.clear();
    inode.content = inode.synced;
}

}  // namespace cmq::support
