#include "node/offline.h"

#include "cluster/identity.h"

namespace cmq::node {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t copy_bytes = 1u << 20;

Status check_directory(store::Files& files, const fs::path& data) {
    if (CMQ_TRY(files.exists(data / "log"))) return {};
    return fail(Code::not_found, data.string() + ": no data directory of a broker");
}

Status copy(store::Files& files, const fs::path& from, const fs::path& to) {
    if (!CMQ_TRY(files.exists(from))) return {};
    const auto source = CMQ_TRY(files.open(from, store::Open::existing));
    const auto target = CMQ_TRY(files.open(to, store::Open::create));
    for (std::uint64_t at = 0;; at += copy_bytes) {
        const auto bytes = CMQ_TRY(source->read(at, copy_bytes));
        if (bytes.empty()) return {};
        CMQ_TRY(target->write(at, bytes));
    }
}

/// A copy to look at, because SQLite would recover the original; gone with this object.
class StateCopy {
public:
    explicit StateCopy(fs::path folder) : folder_(std::move(folder)) {}
    ~StateCopy() {
        std::error_code ignored;  // what is left lies in the temporary directory
        fs::remove_all(folder_, ignored);
    }
    StateCopy(const StateCopy&) = delete;
    StateCopy& operator=(const StateCopy&) = delete;

    /// Errors name the files of `original`.
    Result<shard::StateReport> verify(store::Files& files, const fs::path& original,
                                      const log::Report& log) {
        CMQ_TRY(files.make_directory(folder_));
        for (const auto* name : {"0001.db", "0001.db-wal", "incoming.db"})
            CMQ_TRY(copy(files, original / name, folder_ / name));
        auto report = shard::verify_state(files, folder_, log);
        if (report) return report;
        auto error = report.error();
        const auto at = error.message.find(folder_.string());
        if (at == std::string::npos)
            error.message = (original / "0001.db").string() + ": " + error.message;
        else
            error.message.replace(at, folder_.string().size(), original.string());
        return tl::unexpected(std::move(error));
    }

private:
    fs::path folder_;
};

}  // namespace

Result<VerifyReport> verify(store::Files& files, const fs::path& data) {
    CMQ_TRY(check_directory(files, data));
    const auto lock = CMQ_TRY(cluster::DirectoryLock::look(files, data));
    VerifyReport report;
    report.log = CMQ_TRY(log::verify(files, data / "log"));
    const auto state = data / "state";
    if (!CMQ_TRY(files.exists(state / "0001.db"))) return report;
    const auto found =
        StateCopy(fs::temp_directory_path() / ("cmq-verify-" + std::to_string(random_number())))
            .verify(files, state, report.log);
    if (found) {
        report.state = *found;
    } else if (found.error().code == Code::corrupt) {
        report.state_damage.push_back(found.error().message);
    } else {
        return tl::unexpected(found.error());
    }
    return report;
}

Result<log::RepairPlan> plan_repair(store::Files& files, const fs::path& data) {
    CMQ_TRY(check_directory(files, data));
    const auto lock = CMQ_TRY(cluster::DirectoryLock::look(files, data));
    log::Options options;
    options.directory = data / "log";
    options.incarnation = CMQ_TRY(cluster::open_identity(files, data)).incarnation;
    return log::plan_repair(files, options);
}

Status apply_repair(store::Files& files, const fs::path& data, const log::RepairPlan& plan) {
    const auto lock = CMQ_TRY(cluster::DirectoryLock::look(files, data));
    return log::apply_repair(files, plan);
}

}  // namespace cmq::node
