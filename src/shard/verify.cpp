#include "shard/verify.h"

#include <optional>
#include <string>

#include "broker/audit.h"
#include "shard/snapshot_files.h"
#include "shard/stores.h"

namespace cmq::shard {
namespace {

std::string number(raft::Index index) { return std::to_string(index.value); }

class Verifier {
public:
    Verifier(store::Files& files, const std::filesystem::path& folder, const log::Report& log,
             broker::FormatVersion newest)
        : files_(files), file_(folder / "0001.db"), log_(log) {
        options_.newest = newest;
        const auto group = log.states.find(first_group);
        if (group != log.states.end()) standing_ = &group->second;
    }

    Result<StateReport> run() {
        CMQ_TRY(open(file_));
        if (standing_ && standing_->base.index > head_.position.index) CMQ_TRY(open_incoming());
        CMQ_TRY(broker::check_format(*reader_, options_.newest));
        StateReport report;
        report.rows = CMQ_TRY(reader_->verify());
        CMQ_TRY(check_position());
        report.messages = CMQ_TRY(audit()).messages;
        return report;
    }

private:
    Status open(const std::filesystem::path& file) {
        file_ = file;
        CMQ_TRY(CheckpointWriter::open(files_, file));  // as a start would: it may be empty yet
        reader_ = CMQ_TRY(CheckpointReader::open(files_, file, [this](const Error& error) {
            if (!unread_) unread_ = error;
        }));
        head_ = CMQ_TRY(reader_->head());
        return {};
    }

    /// A start would put the snapshot in the state's place.
    Status open_incoming() {
        const auto incoming = incoming_snapshot(file_.parent_path());
        if (CMQ_TRY(files_.exists(incoming))) return open(incoming);
        return damage("was written at entry " + number(head_.position.index) +
                      ", but the log begins behind entry " + number(standing_->base.index));
    }

    Status check_position() const {
        const auto log_end = standing_ ? std::optional(standing_->last.index) : std::nullopt;
        CMQ_TRY(check_order(head_.position, log_end, file_));
        if (!standing_ || head_.position.index != standing_->last.index) return {};
        if (head_.position.chain == standing_->last.chain) return {};
        return damage("belongs to another log than the one beside it");
    }

    Result<broker::Audit> audit() {
        const auto readable = log_.readable.find(first_group);
        const bool whole_log = log_.sound();
        const auto has_body = [&](LogIndex index) {
            if (!whole_log || index <= head_.bodies_lack) return true;
            return readable != log_.readable.end() && readable->second.contains(index);
        };
        auto audited = broker::audit(first_group.value, *reader_, options_, has_body);
        if (unread_) return tl::unexpected(*unread_);
        if (!audited && audited.error().code == Code::corrupt)
            return damage(audited.error().message);
        if (audited && audited->applied > head_.position.index)
            return damage("state and position are of different flushes");
        return audited;
    }

    tl::unexpected<Error> damage(const std::string& what) const {
        return fail(Code::corrupt, file_.string() + ": " + what);
    }

    store::Files& files_;
    std::filesystem::path file_;
    const log::Report& log_;
    broker::Options options_;
    const log::GroupState* standing_ = nullptr;  // null: the log knows nothing of the group
    std::unique_ptr<CheckpointReader> reader_;
    CheckpointHead head_;
    std::optional<Error> unread_;  // the first read that failed
};

}  // namespace

Result<StateReport> verify_state(store::Files& files, const std::filesystem::path& folder,
                                 const log::Report& log, broker::FormatVersion newest) {
    return Verifier(files, folder, log, newest).run();
}

}  // namespace cmq::shard
