#include "shard/stores.h"

#include <algorithm>

#include "shard/entry.h"
#include "shard/snapshot_files.h"

namespace cmq::shard {
namespace {

std::string number(raft::Index index) { return std::to_string(index.value); }

Status open_checkpoint(store::Files& files, const std::filesystem::path& file,
                       const std::function<void(const Error&)>& fatal, Stores& stores) {
    stores.checkpoint =
        std::make_unique<CheckpointWriter>(CMQ_TRY(CheckpointWriter::open(files, file)));
    stores.reader = CMQ_TRY(CheckpointReader::open(files, file, fatal));
    return {};
}

Result<raft::Base> base_of(store::Files& files, const std::filesystem::path& checkpoint) {
    const auto reader = CMQ_TRY(CheckpointReader::open(files, checkpoint, {}));
    auto head = CMQ_TRY(reader->head());
    const auto& [index, term, chain] = head.position;
    return raft::Base{index, term, chain, std::move(head.configuration)};
}

/// The log begins behind the state: the state that belongs there came from a leader and lies beside
/// it. In its place after one rename, so a crash finds either.
Status install(store::Files& files, const std::filesystem::path& file, const raft::Base& base,
               Stores& stores) {
    const auto incoming = incoming_snapshot(file.parent_path());
    const auto standing = CMQ_TRY(base_of(files, file)).index;
    if (!CMQ_TRY(files.exists(incoming)))
        return fail(Code::corrupt, file.string() + ": was written at entry " + number(standing) +
                                       ", but the log begins behind entry " + number(base.index));
    const auto offered = CMQ_TRY(base_of(files, incoming));
    if (offered != base)
        return fail(Code::corrupt, incoming.string() + ": stands at entry " +
                                       number(offered.index) +
                                       ", but the log begins behind entry " + number(base.index));
    CMQ_TRY(stores.checkpoint->settle());
    stores.reader.reset();
    stores.checkpoint.reset();
    CMQ_TRY(files.rename(incoming, file));
    return files.sync_directory(file.parent_path());
}

Status load_state(Stores& stores, const broker::Options& options) {
    stores.state = std::make_unique<broker::State>(first_group.value, *stores.reader, options);
    CMQ_TRY(stores.state->load());
    return stores.reader->check_whole(*stores.state);
}

}  // namespace

Status check_order(const Position& position, std::optional<raft::Index> log_end,
                   const std::filesystem::path& log) {
    if (!log_end && position.index == raft::Index{}) return {};
    if (!log_end)
        return fail(Code::corrupt, log.string() +
                                       ": the log is missing or empty, but the state was "
                                       "written at entry " +
                                       number(position.index));
    if (*log_end < position.index)
        return fail(Code::corrupt, log.string() + ": the log ends at entry " + number(*log_end) +
                                       ", but the state was written at entry " +
                                       number(position.index));
    return {};
}

Result<Stores> open_stores(store::Files& files, const std::filesystem::path& directory,
                           raft::NodeId self, raft::Configuration first, log::Options log_options,
                           std::function<void(const Error&)> fatal, broker::Options options) {
    Stores stores;
    const auto state_file = directory / "state" / "0001.db";
    CMQ_TRY(files.make_directory(state_file.parent_path()));
    CMQ_TRY(open_checkpoint(files, state_file, fatal, stores));
    CMQ_TRY(broker::check_format(*stores.reader, options.newest));  // before the log is touched

    log_options.directory = directory / "log";
    stores.archive = std::make_unique<log::Archive>(files, log_options);
    stores.log = CMQ_TRY(log::Log::open(files, log_options, *stores.archive));
    const auto& groups = stores.log->recovered().groups;
    const auto group = groups.find(first_group);
    const auto* tail = group == groups.end() ? nullptr : &group->second;
    const auto standing = CMQ_TRY(stores.checkpoint->head()).position.index;
    if (tail && tail->base.index > standing) {
        CMQ_TRY(install(files, state_file, tail->base, stores));
        CMQ_TRY(open_checkpoint(files, state_file, fatal, stores));
    }
    CMQ_TRY(remove_snapshots(files, state_file.parent_path()));
    CMQ_TRY(load_state(stores, options));
    auto head = CMQ_TRY(stores.reader->head());
    const auto position = head.position;
    const auto log_end = tail ? std::optional(tail->last) : std::nullopt;
    CMQ_TRY(check_order(position, log_end, log_options.directory));

    auto& start = stores.start;
    start.self = self;
    start.complete = head.bodies_lack == raft::Index{};
    stores.found = {head.bodies_lack, stores.log->recovered().journal};
    auto configuration =
        position.index == raft::Index{} ? std::move(first) : std::move(head.configuration);
    start.base =
        raft::Base{position.index, position.term, position.chain, std::move(configuration)};
    if (!tail) return stores;
    start.hard = tail->hard;
    const auto take = [&start, newest = options.newest](const raft::Entry& entry) -> Status {
        if (entry.kind == raft::Kind::command) CMQ_TRY(check_format(*entry.payload, newest));
        start.entries.push_back(entry);
        return {};
    };
    CMQ_TRY(stores.log->replay(first_group, raft::Index{position.index.value + 1}, take));
    return stores;
}

Status Stores::remember_active(Core& core) {
    CMQ_TRY(log->replay_active(log::bodies_of(first_group),
                               [&](const raft::Entry& body) { core.remember_body(body); }));
    return log->replay_active(first_group, [&](const raft::Entry& entry) { core.remember(entry); });
}

Result<bool> tidy_up(log::Archive& archive, const Tidy& tidy) {
    auto last = tidy.durable_applied;
    if (tidy.keep_log_bytes > 0)
        last = std::min(last, archive.behind(first_group, tidy.keep_log_bytes));
    if (tidy.needed_behind) last = std::min(last, *tidy.needed_behind);
    const auto live = [&](raft::Group, raft::Index from, raft::Index to) {
        return tidy.live.any(from, to);
    };
    return archive.tidy_up(first_group, {last, tidy.durable_applied}, live);
}

/// What is missing in the middle was dropped: then the follower needs a snapshot.
Result<raft::Loaded> read_range(log::Archive& archive, const ReadRange& range) {
    const auto& wanted = range.what;
    raft::Loaded loaded{wanted.peer, wanted.previous, {}, {}, false};
    auto previous_term = range.previous_term;
    if (!previous_term) {
        const auto before = archive.read(first_group, wanted.previous);
        if (!before && before.error().code == Code::disk_full)
            return tl::unexpected(before.error());
        if (before) previous_term = before->term;
    }
    std::size_t bytes = 0;
    for (auto index = raft::next(wanted.previous);
         previous_term && bytes < wanted.entries_bytes_max; index = raft::next(index)) {
        auto entry = archive.read(first_group, index);
        // It is not gone.
        if (!entry && loaded.entries.empty() && entry.error().code == Code::disk_full)
            return tl::unexpected(entry.error());
        if (!entry) break;
        bytes += raft::weight_of(*entry);
        loaded.entries.push_back(*std::move(entry));
    }
    loaded.previous_term = previous_term.value_or(raft::Term{});
    loaded.gone = loaded.entries.empty();
    return loaded;
}

Result<MissingFound> find_missing(log::Archive& archive, const FindMissing& wanted) {
    MissingFound found;
    for (const auto first : wanted.stripes)
        for (auto index = first; index.value < first.value + live_stripe && index <= wanted.last;
             ++index.value)
            if (index.value > 0 && !CMQ_TRY(archive.holds(first_group, index)))
                found.indexes.push_back(index);
    return found;
}

std::optional<Damaged> answer(log::Archive& archive, const ReadBodies& wanted) {
    auto found = read_bodies(archive, wanted);
    std::optional<Damaged> damaged;
    if (!found && found.error().code == Code::corrupt)
        damaged = Damaged{wanted.indexes.front(), found.error(), false};
    wanted.reply(std::move(found));
    return damaged;
}

Result<BodiesFound> read_bodies(log::Archive& archive, const ReadBodies& wanted) {
    BodiesFound found{wanted.applied, 0, {}};
    std::size_t bytes = 0;
    auto at_hand = wanted.at_hand.begin();
    for (const auto index : wanted.indexes) {
        if (bytes >= bodies_bytes_max) break;
        ++found.looked_at;
        while (at_hand != wanted.at_hand.end() && at_hand->index < index) ++at_hand;
        auto entry = at_hand != wanted.at_hand.end() && at_hand->index == index
                         ? Result<raft::Entry>(*at_hand)
                         : archive.read(first_group, index);
        if (!entry && entry.error().code == Code::not_found) continue;  // dead
        if (!entry && found.looked_at > 1) {  // up to here it is well; the rest is asked again
            --found.looked_at;
            break;
        }
        found.entries.push_back(CMQ_TRY(std::move(entry)));
        bytes += raft::weight_of(found.entries.back());
    }
    return found;
}

}  // namespace cmq::shard
