#include "log/directory.h"

#include <string_view>

#include "base/text.h"

namespace cmq::log {
namespace {

constexpr std::size_t copied_at_once = 1 << 20;

Status copy(store::Files& files, const std::filesystem::path& from,
            const std::filesystem::path& to) {
    auto source = CMQ_TRY(files.open(from, store::Open::existing));
    auto target = CMQ_TRY(files.open(to, store::Open::create));
    const auto size = CMQ_TRY(source->size());
    for (std::uint64_t at = 0; at < size;) {
        const auto bytes = CMQ_TRY(source->read(at, copied_at_once));
        if (bytes.empty()) return fail(Code::io, from.string() + ": it became shorter");
        CMQ_TRY(target->write(at, bytes));
        at += bytes.size();
    }
    CMQ_TRY(target->truncate(size));
    return target->sync();
}

}  // namespace

Result<Listing> list(store::Files& files, const Directory& directory) {
    Listing listing;
    for (const auto& name : CMQ_TRY(files.list(directory.root))) {
        const auto dot = name.find('.');
        const auto number = parse_digits(std::string_view(name).substr(0, dot));
        const auto suffix = dot == name.npos ? "" : name.substr(dot);
        if (number && suffix == ".seg") {
            listing.segments.insert(*number);
        } else if (number && suffix == ".seg-wal") {
            listing.wals.insert(*number);
        } else if (number && suffix == ".body") {
            listing.bodies.insert(*number);
        } else if (number && suffix == ".body-new") {
            listing.new_bodies.insert(*number);
        } else if (number && suffix == ".gone") {
            listing.gone.insert(*number);
        } else if (name != "mark" && name != "pool" && name != "damaged") {
            listing.others.push_back(name);
        }
    }
    return listing;
}

Result<std::filesystem::path> copy_aside(store::Files& files, const Directory& directory,
                                         const std::filesystem::path& file) {
    CMQ_TRY(files.make_directory(directory.damaged()));
    auto source = CMQ_TRY(files.open(file, store::Open::existing));
    const auto size = CMQ_TRY(source->size());
    for (unsigned number = 1;; ++number) {
        auto target =
            directory.damaged() / (file.filename().string() + "." + std::to_string(number));
        if (CMQ_TRY(files.exists(target))) {
            auto there = CMQ_TRY(files.open(target, store::Open::existing));
            if (CMQ_TRY(there->size()) == size) return target;
            continue;
        }
        CMQ_TRY(copy(files, file, target));
        CMQ_TRY(files.sync_directory(directory.damaged()));
        return target;
    }
}

Status mark_gone(store::Files& files, const Directory& directory, std::uint64_t number) {
    CMQ_TRY(files.open(directory.gone(number), store::Open::create));
    return files.sync_directory(directory.root);
}

}  // namespace cmq::log
