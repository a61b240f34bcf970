#include "tests/chaos/small_disk.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace cmq::chaos {
namespace {

constexpr off_t step = 1 << 20;

}  // namespace

Result<std::unique_ptr<SmallDisk>> SmallDisk::make(unsigned megabytes) {
    std::unique_ptr<SmallDisk> disk(new SmallDisk);
    const auto size = "size=" + std::to_string(megabytes) + "m";
    if (::mount("none", disk->path().c_str(), "tmpfs", 0, size.c_str()) != 0)
        return fail(Code::unavailable, "mount tmpfs: " + std::string(std::strerror(errno)));
    disk->is_mounted_ = true;
    return disk;
}

SmallDisk::~SmallDisk() {
    if (is_mounted_) ::umount2(path().c_str(), MNT_DETACH);
}

void SmallDisk::fill(std::uint64_t but) {
    const int file = ::open((path() / "ballast").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) throw std::runtime_error("no ballast");
    off_t bytes = 0;
    for (off_t part = step; part >= 4096; part /= 2)
        while (std::filesystem::space(path()).available >= but + static_cast<std::uint64_t>(part) &&
               ::posix_fallocate(file, bytes, part) == 0)
            bytes += part;
    ::close(file);
}

void SmallDisk::free() { std::filesystem::remove(path() / "ballast"); }

}  // namespace cmq::chaos
