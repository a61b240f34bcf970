// What a disk does without a word: a bit turns, a write goes astray. And looking at what is there.

#include <algorithm>

#include "base/check.h"
#include "tests/support/disk.h"
#include "tests/support/disk_parts.h"

namespace cmq::support {
namespace {

constexpr std::size_t block_bytes = 4096;

bool covers(const Change& change, const Scar& scar) {
    if (!change.bytes) return scar.offset >= change.offset;
    return change.offset <= scar.offset &&
           scar.offset + scar.size <= change.offset + change.bytes->size();
}

void turn(std::string& bytes, std::uint64_t at, unsigned bit) {
    if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
}

}  // namespace

void Disk::Inode::make_durable(const Change& change) {
    synced.apply(change);
    if (!in_place) std::erase_if(scars, [&](const Scar& scar) { return covers(change, scar); });
}

void Disk::flip_bit(const Path& path, std::uint64_t byte, unsigned bit) {
    const std::lock_guard lock(mutex_);
    auto& inode = *links_.at(path.lexically_normal().string());
    CMQ_CHECK(byte < inode.content.size());
    turn(inode.content.edit(), byte, bit);
    turn(inode.synced.edit(), byte, bit);
    for (auto& change : inode.changes)
        if (change.bytes && change.offset <= byte) turn(*change.bytes, byte - change.offset, bit);
    inode.scars.push_back({byte, 1});
}

void Disk::misplace_after(std::uint64_t writes, Astray where) {
    const std::lock_guard lock(mutex_);
    misplace_in_ = writes;
    astray_ = where;
    misplaced_ = false;
}

bool Disk::goes_astray(std::string_view bytes) {
    if (!misplace_in_ || bytes.size() < block_bytes) return false;
    if ((*misplace_in_)-- > 0) return false;
    misplace_in_.reset();
    return misplaced_ = true;
}

void Disk::remember_write(Inode& inode, std::uint64_t offset, std::string_view bytes) {
    if (goes_astray(bytes)) return misplace(inode, offset, bytes);
    inode.changes.push_back({++changes_, offset, std::string(bytes)});
}

void Disk::misplace(Inode& inode, std::uint64_t offset, std::string_view bytes) {
    inode.scars.push_back({offset, bytes.size()});
    const auto blocks = inode.content.size() / block_bytes;
    const auto at = blocks == 0 ? offset : chance_() % blocks * block_bytes;
    if (astray_ == Astray::nowhere || at == offset || at + bytes.size() > inode.content.size())
        return;
    inode.scars.push_back({at, bytes.size()});
    inode.synced.put(at, bytes);
}

std::vector<Disk::Path> Disk::scars() const {
    const std::lock_guard lock(mutex_);
    std::vector<Path> paths;
    for (const auto& [path, inode] : links_)
        if (!inode->scars.empty()) paths.emplace_back(path);
    return paths;
}

std::uint64_t Disk::size_of(const Path& path) { return content_of(path).size(); }

std::string Disk::content_of(const Path& path) {
    const std::lock_guard lock(mutex_);
    return std::string(links_.at(path.lexically_normal().string())->content.view());
}

std::vector<Disk::Path> Disk::paths() const {
    const std::lock_guard lock(mutex_);
    std::vector<Path> paths;
    for (const auto& [path, inode] : links_) paths.emplace_back(path);
    return paths;
}

}  // namespace cmq::support
