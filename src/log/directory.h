// log/directory.h: the names in the log's directory, and what they say.
//
//     7.seg 7.seg-wal    a segment             pool/3         a WAL file that waits to be used
//                                              pool/3.blank   a database file that does
//     7.body             what is left of one   mark           log/mark.h
//     7.body-new         not finished          damaged/       copies of what was found damaged
//     7.gone             nothing is left of it, and that is right
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/files.h"

namespace cmq::log {

struct Directory {
    using Path = std::filesystem::path;
    Path root;

    Path segment(std::uint64_t number) const { return named(number, ".seg"); }
    Path wal(std::uint64_t number) const { return named(number, ".seg-wal"); }
    Path body(std::uint64_t number) const { return named(number, ".body"); }
    Path new_body(std::uint64_t number) const { return named(number, ".body-new"); }
    Path gone(std::uint64_t number) const { return named(number, ".gone"); }
    Path mark() const { return root / "mark"; }
    Path pool() const { return root / "pool"; }
    Path damaged() const { return root / "damaged"; }

private:
    Path named(std::uint64_t number, const char* suffix) const {
        return root / (std::to_string(number) + suffix);
    }
};

struct Listing {
    std::set<std::uint64_t> segments, wals, bodies, new_bodies, gone;
    std::vector<std::string> others;  // neither these nor mark, pool, damaged

    bool has(std::uint64_t number) const {
        return segments.contains(number) || bodies.contains(number) || gone.contains(number);
    }
};

Result<Listing> list(store::Files& files, const Directory& directory);

/// Copies a file to damaged/, durably; not again if a copy of this size is there. The copy's path.
Result<std::filesystem::path> copy_aside(store::Files& files, const Directory& directory,
                                         const std::filesystem::path& file);

/// Makes an empty `number.gone`, durably: files of this number are missed by nobody from now on.
Status mark_gone(store::Files& files, const Directory& directory, std::uint64_t number);

}  // namespace cmq::log
