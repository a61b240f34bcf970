// tests/unit/log/written.h: a log to damage.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>

#include "store/wal.h"
#include "tests/unit/log/model.h"

namespace cmq::log::test {

/// A log with sealed segments, body files, and some commits in the active segment; closed.
struct Written {
    support::Disk disk;
    Node node{disk, small_segments()};

    Written() {
        REQUIRE(node.open());
        append(40);
        REQUIRE(node.tidy(one, {25}));
        append(7);
        node.close();
    }
    void append(unsigned count) {
        for (unsigned done = 0; done < count; ++done)
            REQUIRE(node.append(next(node.model, one, std::string(700 + done, 'p'))));
    }

    std::filesystem::path newest(const std::string& suffix, std::size_t skip = 0) const {
        std::vector<std::uint64_t> numbers;
        for (const auto& path : disk.paths())
            if (path.string().ends_with(suffix))
                numbers.push_back(std::stoull(path.stem().string()));
        std::sort(numbers.rbegin(), numbers.rend());
        REQUIRE(numbers.size() > skip);
        return "data/log/" + std::to_string(numbers[skip]) + suffix;
    }

    store::WalScan scan(const std::filesystem::path& path) {
        auto file = disk.open(path, store::Open::existing);
        REQUIRE(file);
        const auto scan = store::scan_wal(**file);
        REQUIRE(scan);
        return *scan;
    }
};

}  // namespace cmq::log::test
