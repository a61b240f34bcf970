#include "tests/support/disk.h"

#include <algorithm>

#include "base/check.h"
#include "tests/support/disk_parts.h"

namespace cmq::support {
namespace {

std::string plain(const std::filesystem::path& path) { return path.lexically_normal().string(); }

std::string directory_of(const std::string& path) {
    return std::filesystem::path(path).parent_path().string();
}

}  // namespace

void Content::put(std::uint64_t offset, std::string_view bytes) {
    auto& content = edit();
    if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size());
    bytes.copy(content.data() + offset, bytes.size());
}

void Content::apply(const Change& change) {
    if (change.bytes) {
        put(change.offset, *change.bytes);
    } else {
        edit().resize(change.offset);
    }
}

Disk::Handle::Handle(Disk& disk_, std::string path_, std::shared_ptr<Inode> inode_)
    : disk(disk_), path(std::move(path_)), inode(std::move(inode_)), generation(disk_.generation_) {
    inode->handles.insert(this);
}

Disk::Handle::~Handle() {
    inode->handles.erase(this);
    if (inode->whole_lock == this) inode->whole_lock = nullptr;
}

class Disk::OpenFile final : public store::File {
public:
    OpenFile(Disk& disk, const std::string& path, std::shared_ptr<Inode> inode)
        : disk_(disk), handle_(std::make_unique<Handle>(disk, path, std::move(inode))) {}
    ~OpenFile() override {
        const std::lock_guard lock(disk().mutex_);
        handle_.reset();
    }

    Result<std::string> read(std::uint64_t offset, std::size_t count) override {
        const std::lock_guard lock(disk().mutex_);
        CMQ_TRY(disk().begin_read(*handle_));
        const auto content = handle_->inode->content.view();
        if (offset >= content.size()) return std::string();
        return std::string(content.substr(static_cast<std::size_t>(offset), count));
    }
    Status write(std::uint64_t offset, std::string_view bytes) override {
        const std::lock_guard lock(disk().mutex_);
        return disk().write(*handle_, offset, bytes);
    }
    Status sync() override {
        const std::lock_guard lock(disk().mutex_);
        return disk().sync(*handle_);
    }
    Status drop_cache() override {
        const std::lock_guard lock(disk().mutex_);
        CMQ_TRY(disk().check(*handle_));
        auto& inode = *handle_->inode;
        if (inode.changes.empty()) inode.content = inode.synced;
        return {};
    }
    Result<std::uint64_t> size() override {
        const std::lock_guard lock(disk().mutex_);
        CMQ_TRY(disk().check(*handle_));
        return static_cast<std::uint64_t>(handle_->inode->content.size());
    }
    Status truncate(std::uint64_t size) override {
        const std::lock_guard lock(disk().mutex_);
        return disk().truncate(*handle_, size);
    }
    Status lock() override {
        const std::lock_guard lock(disk().mutex_);
        CMQ_TRY(disk().check(*handle_));
        auto*& holder = handle_->inode->whole_lock;
        if (holder && holder != handle_.get())
            return fail(Code::busy, handle_->path + ": another process holds the lock");
        holder = handle_.get();
        return {};
    }

private:
    Disk& disk() { return disk_; }

    Disk& disk_;
    std::unique_ptr<Handle> handle_;
};

Disk::Disk(std::uint64_t seed)
    : chance_(seed), vfs_name_("disk-" + std::to_string(reinterpret_cast<std::uintptr_t>(this))) {
    vfs_ = std::make_unique<Vfs>(*this, vfs_name_.c_str());
    directories_ = {"", ".", "/"};
}

Disk::~Disk() = default;

Status Disk::begin_call(std::string what) {
    last_call_ = std::move(what);
    if (stopped_) return fail(Code::io, last_call_ + ": the power is off");
    if (++counts_.calls == fail_at_) return fault_now();
    return {};
}

Status Disk::fault_now() {
    failed_a_call_ = true;
    switch (fault_) {
        case Fault::io:
            return fail(Code::io, last_call_ + ": injected I/O error");
        case Fault::disk_full:
            return fail(Code::disk_full, last_call_ + ": injected full disk");
        case Fault::short_write:
            return fail(Code::io, last_call_ + ": injected short write");
    }
    return fail(Code::internal, "a fault that does not exist");
}

void Disk::end_call() {
    if (counts_.calls == stop_at_) stopped_ = true;
    if (look_) look_();
}

Status Disk::check(const Handle& handle) const {
    if (stopped_ || handle.generation != generation_)
        return fail(Code::io, handle.path + ": the process or the power is gone");
    return {};
}

Result<std::shared_ptr<Disk::Inode>> Disk::find(const std::string& path) const {
    const auto found = links_.find(path);
    if (found == links_.end()) return fail(Code::not_found, path + ": no such file");
    return found->second;
}

std::shared_ptr<Disk::Inode> Disk::create(const std::string& path) {
    auto inode = std::make_shared<Inode>();
    change_links({"", path, inode});
    return inode;
}

void Disk::change_links(LinkChange change) {
    if (!change.removed.empty()) links_.erase(change.removed);
    if (!change.added.empty()) {
        links_[change.added] = change.inode;
        if (change.added.ends_with(".db")) change.inode->in_place = true;
    }
    link_changes_.push_back(std::move(change));
}

Status Disk::write(Handle& handle, std::uint64_t offset, std::string_view bytes) {
    CMQ_TRY(check(handle));
    const auto begun = begin_call("write " + handle.path + " at " + std::to_string(offset) + ", " +
                                  std::to_string(bytes.size()) + " bytes");
    if (!begun) {
        if (stopped_ || fault_ != Fault::short_write) return begun;
        bytes = bytes.substr(0, bytes.size() / 2);
    }
    auto& inode = *handle.inode;
    const auto grows = offset + bytes.size() > inode.content.size()
                           ? offset + bytes.size() - inode.content.size()
                           : 0;
    if (grows > 0 && used_bytes() + grows > capacity_) {
        failed_a_call_ = true;
        return fail(Code::disk_full, handle.path + ": the disk is full");
    }
    ++counts_.writes;
    counts_.bytes_written += bytes.size();
    inode.content.put(offset, bytes);
    remember_write(inode, offset, bytes);
    end_call();
    return begun;
}

Status Disk::truncate(Handle& handle, std::uint64_t size) {
    CMQ_TRY(check(handle));
    CMQ_TRY(begin_call("truncate " + handle.path + " to " + std::to_string(size)));
    handle.inode->content.edit().resize(size);
    handle.inode->changes.push_back({++changes_, size, std::nullopt});
    end_call();
    return {};
}

Status Disk::sync(Handle& handle) {
    CMQ_TRY(check(handle));
    auto& inode = *handle.inode;
    if (auto begun = begin_call("sync " + handle.path); !begun) {
        if (!stopped_) inode.changes.clear();
        begun.error().code = Code::io;  // as on the machine's disk, also for lack of room
        return begun;
    }
    ++counts_.syncs;
    for (const auto& change : inode.changes) inode.make_durable(change);
    inode.changes.clear();
    end_call();
    if (!handle.sync_directory) return {};
    handle.sync_directory = false;
    return sync_links(directory_of(handle.path));
}

Result<std::unique_ptr<store::File>> Disk::open(const Path& path, store::Open how) {
    const std::lock_guard lock(mutex_);
    const auto name = plain(path);
    if (stopped_) return fail(Code::io, name + ": the power is off");
    if (!directories_.contains(directory_of(name)))
        return fail(Code::not_found, name + ": no such directory");
    if (!links_.contains(name)) {
        if (how == store::Open::existing) return fail(Code::not_found, name + ": no such file");
        CMQ_TRY(begin_call("create " + name));
        create(name);
        end_call();
    }
    return std::make_unique<OpenFile>(*this, name, links_.at(name));
}

Result<bool> Disk::exists(const Path& path) {
    const std::lock_guard lock(mutex_);
    if (stopped_) return fail(Code::io, path.string() + ": the power is off");
    const auto name = plain(path);
    return links_.contains(name) || directories_.contains(name);
}

Status Disk::rename(const Path& from, const Path& to) {
    const std::lock_guard lock(mutex_);
    const auto old_name = plain(from), new_name = plain(to);
    auto inode = CMQ_TRY(find(old_name));
    if (!directories_.contains(directory_of(new_name)))
        return fail(Code::not_found, new_name + ": no such directory");
    CMQ_TRY(begin_call("rename " + old_name + " to " + new_name));
    change_links({old_name, new_name, std::move(inode)});
    end_call();
    return {};
}

Status Disk::remove(const Path& path) {
    const std::lock_guard lock(mutex_);
    return remove_file(plain(path));
}

Status Disk::remove_file(const std::string& path) {
    CMQ_TRY(find(path));
    CMQ_TRY(begin_call("remove " + path));
    change_links({path, "", nullptr});
    end_call();
    return {};
}

Status Disk::make_directory(const Path& path) {
    const std::lock_guard lock(mutex_);
    if (stopped_) return fail(Code::io, path.string() + ": the power is off");
    for (auto part = plain(path); !part.empty() && directories_.insert(part).second;)
        part = directory_of(part);
    return {};
}

Status Disk::sync_directory(const Path& path) {
    const std::lock_guard lock(mutex_);
    return sync_links(plain(path));
}

Status Disk::sync_links(const std::string& directory) {
    if (auto begun = begin_call("sync directory " + directory); !begun) {
        begun.error().code = Code::io;
        return begun;
    }
    ++counts_.directory_syncs;
    const auto concerns = [&](const LinkChange& change) {
        return (!change.removed.empty() && directory_of(change.removed) == directory) ||
               (!change.added.empty() && directory_of(change.added) == directory);
    };
    for (const auto& change : link_changes_) {
        if (!concerns(change)) continue;
        if (!change.removed.empty()) durable_links_.erase(change.removed);
        if (!change.added.empty()) durable_links_[change.added] = change.inode;
    }
    std::erase_if(link_changes_, concerns);
    end_call();
    return {};
}

Result<std::vector<std::string>> Disk::list(const Path& path) {
    const std::lock_guard lock(mutex_);
    const auto name = plain(path);
    if (stopped_) return fail(Code::io, name + ": the power is off");
    if (!directories_.contains(name)) return fail(Code::not_found, name + ": no such directory");
    std::vector<std::string> names;
    const auto take = [&](const std::string& entry) {
        if (!entry.empty() && entry != name && directory_of(entry) == name)
            names.push_back(std::filesystem::path(entry).filename().string());
    };
    for (const auto& [file, inode] : links_) take(file);
    for (const auto& directory : directories_) take(directory);
    std::sort(names.begin(), names.end());
    return names;
}

std::uint64_t Disk::used_bytes() const { return capacity_ == UINT64_MAX ? 0 : bytes_of_files(); }

std::uint64_t Disk::bytes_of_files() const {
    std::uint64_t sum = 0;
    for (const auto& [path, inode] : links_) sum += inode->content.size();
    return sum;
}

Result<std::uint64_t> Disk::free_bytes(const Path&) {
    const std::lock_guard lock(mutex_);
    const auto used = used_bytes();
    return capacity_ > used ? capacity_ - used : 0;
}

}  // namespace cmq::support
