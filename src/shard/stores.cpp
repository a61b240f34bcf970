#include "shard/stores.h"

namespace cmq::shard {
namespace {

std::string number(raft::Index index) { return std::to_string(index.value); }

/// A checkpoint is written only after its entries were on disk: beyond the log's end it is damage.
Status check_order(const Position& position, const log::Tail* tail,
                   const std::filesystem::path& log) {
    if (!tail && position.index == raft::Index{}) return {};
    if (!tail)
        return fail(Code::corrupt, log.string() +
                                       ": the log is missing or empty, but the state was "
                                       "written at entry " +
                                       number(position.index));
    if (tail->last < position.index)
        return fail(Code::corrupt, log.string() + ": the log ends at entry " + number(tail->last) +
                                       ", but the state was written at entry " +
                                       number(position.index));
    return {};
}

}  // namespace

Result<Stores> open_stores(store::Files& files, const std::filesystem::path& directory,
                           raft::NodeId self, raft::Configuration first, log::Options log_options,
                           std::function<void(const Error&)> fatal) {
    Stores stores;
    const auto state_file = directory / "state" / "0001.db";
    CMQ_TRY(files.make_directory(state_file.parent_path()));
    stores.checkpoint =
        std::make_unique<CheckpointWriter>(CMQ_TRY(CheckpointWriter::open(files, state_file)));
    stores.reader = CMQ_TRY(CheckpointReader::open(files, state_file, std::move(fatal)));
    stores.state = std::make_unique<broker::State>(first_group.value, *stores.reader);
    CMQ_TRY(stores.state->load());
    CMQ_TRY(stores.reader->check_whole(*stores.state));
    auto head = CMQ_TRY(stores.reader->head());
    const auto position = head.position;

    log_options.directory = directory / "log";
    stores.archive = std::make_unique<log::Archive>(files, log_options);
    stores.log = CMQ_TRY(log::Log::open(files, log_options, *stores.archive));
    const auto& groups = stores.log->recovered().groups;
    const auto group = groups.find(first_group);
    const auto* tail = group == groups.end() ? nullptr : &group->second;
    CMQ_TRY(check_order(position, tail, log_options.directory));

    auto& start = stores.start;
    start.self = self;
    auto configuration =
        position.index == raft::Index{} ? std::move(first) : std::move(head.configuration);
    start.base =
        raft::Base{position.index, position.term, position.chain, std::move(configuration)};
    if (!tail) return stores;
    start.hard = tail->hard;
    CMQ_TRY(stores.log->replay(first_group, raft::Index{position.index.value + 1},
                               [&start](const raft::Entry& entry) {
                                   start.entries.push_back(entry);
                                   return Status{};
                               }));
    return stores;
}

Status Stores::remember_active(Core& core) {
    const auto& groups = log->recovered().groups;
    const auto group = groups.find(first_group);
    if (group == groups.end()) return {};
    return log->replay(first_group, group->second.active, [&](const raft::Entry& entry) {
        core.remember(entry);
        return Status{};
    });
}

/// What is missing in the middle was dropped: then the follower needs a snapshot.
raft::Loaded read_range(log::Archive& archive, const ReadRange& range) {
    const auto& wanted = range.what;
    raft::Loaded loaded{wanted.peer, wanted.previous, {}, {}, false};
    auto previous_term = range.previous_term;
    if (!previous_term)
        if (const auto before = archive.read(first_group, wanted.previous))
            previous_term = before->term;
    std::size_t bytes = 0;
    for (auto index = raft::next(wanted.previous);
         previous_term && bytes < wanted.entries_bytes_max; index = raft::next(index)) {
        auto entry = archive.read(first_group, index);
        if (!entry) break;
        bytes += raft::weight_of(*entry);
        loaded.entries.push_back(*std::move(entry));
    }
    loaded.previous_term = previous_term.value_or(raft::Term{});
    loaded.gone = loaded.entries.empty();
    return loaded;
}

}  // namespace cmq::shard
