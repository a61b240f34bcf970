// chaos/small_disk.h: a disk in memory that can be filled. Needs root.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "tests/support/temporary.h"

namespace cmq::chaos {

class SmallDisk {
public:
    /// errors  unavailable: this machine does not let us, and why.
    static Result<std::unique_ptr<SmallDisk>> make(unsigned megabytes);
    SmallDisk(const SmallDisk&) = delete;
    ~SmallDisk();

    const std::filesystem::path& path() const { return directory_.path(); }
    void fill(std::uint64_t but = 0);  // to the last byte, or with so many left
    void free();                       // what `fill` took

private:
    SmallDisk() = default;

    support::TemporaryDirectory directory_;
    bool is_mounted_ = false;
};

}  // namespace cmq::chaos
