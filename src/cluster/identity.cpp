#include "cluster/identity.h"

#include "base/text.h"
#include "store/database.h"

namespace cmq::cluster {
namespace {

namespace fs = std::filesystem;

constexpr auto schema =
    "CREATE TABLE IF NOT EXISTS node("
    "  one INTEGER PRIMARY KEY CHECK(one = 1), node INTEGER NOT NULL, incarnation INTEGER NOT NULL,"
    "  cluster TEXT NOT NULL);";

Result<std::optional<Identity>> read_identity(store::Database& database) {
    auto statement = CMQ_TRY(store::Statement::prepare(
        database, "SELECT node, incarnation, cluster FROM node WHERE one = 1"));
    if (!CMQ_TRY(statement.step())) return std::nullopt;
    Identity identity;
    identity.node = raft::NodeId{static_cast<std::uint64_t>(statement.number(0))};
    identity.incarnation = static_cast<std::uint64_t>(statement.number(1));
    identity.cluster = std::string(statement.bytes(2));
    return identity;
}

Status write_identity(store::Database& database, const Identity& identity) {
    auto statement =
        CMQ_TRY(store::Statement::prepare(database, "INSERT INTO node VALUES(1, ?, ?, ?)"));
    statement.bind(1, static_cast<std::int64_t>(identity.node.value));
    statement.bind(2, static_cast<std::int64_t>(identity.incarnation));
    statement.bind_text(3, identity.cluster);
    return statement.run();
}

/// Of a founder: the others get their numbers from it.
Identity draw_identity() {
    return identity_of(broker::node_id(1, 1), hex_encode(random_bytes(16)));
}

Result<store::Database> open_database(store::Files& files, const fs::path& file) {
    auto database = CMQ_TRY(store::Database::open(file, files.vfs(), store::Access::create));
    CMQ_TRY(database.run("PRAGMA synchronous=FULL;"));
    CMQ_TRY(database.run(schema));
    return database;
}

Result<bool> has_log(store::Files& files, const fs::path& data) {
    const auto folder = data / "log";
    if (!CMQ_TRY(files.exists(folder))) return false;
    for (const auto& name : CMQ_TRY(files.list(folder)))
        if (name.ends_with(".seg") || name.ends_with(".body")) return true;
    return false;
}

}  // namespace

Result<Identity> open_identity(store::Files& files, const fs::path& data) {
    const auto file = data / "node.db";
    const bool known = CMQ_TRY(files.exists(file));
    const bool log = CMQ_TRY(has_log(files, data));
    if (log && !known)
        return fail(Code::corrupt, file.string() +
                                       ": missing, but there is a log beside it. It belongs to a "
                                       "node that is not known here; put its node.db back");
    auto database = CMQ_TRY(open_database(files, file));
    if (auto identity = CMQ_TRY(read_identity(database))) {
        if (!log && CMQ_TRY(files.exists(data / "state" / "0001.db")))
            return fail(Code::corrupt, (data / "log").string() +
                                           ": the log is gone, but this node has been in use: its "
                                           "votes and messages were there. Put it back, or start "
                                           "in an empty directory");
        return *std::move(identity);
    }
    const auto identity = draw_identity();
    CMQ_TRY(write_identity(database, identity));
    CMQ_TRY(files.sync_directory(data));
    return identity;
}

Identity identity_of(broker::NodeId node, std::string cluster) {
    return {raft::NodeId{node.value}, broker::incarnation_of(node), std::move(cluster)};
}

Result<bool> has_identity(store::Files& files, const fs::path& data) {
    const auto file = data / "node.db";
    if (CMQ_TRY(has_log(files, data))) return true;
    if (!CMQ_TRY(files.exists(file))) return false;
    // A file without its row was left by a start that a crash cut short.
    auto database = CMQ_TRY(open_database(files, file));
    return CMQ_TRY(read_identity(database)).has_value();
}

Status adopt_identity(store::Files& files, const fs::path& data, const Identity& identity) {
    if (CMQ_TRY(has_identity(files, data)))
        return fail(Code::exists, data.string() + ": a node lives here already");
    auto database = CMQ_TRY(open_database(files, data / "node.db"));
    CMQ_TRY(write_identity(database, identity));
    return files.sync_directory(data);
}

Result<DirectoryLock> DirectoryLock::take(store::Files& files, const fs::path& data, int process) {
    CMQ_TRY(files.make_directory(data));
    auto lock = CMQ_TRY(look(files, data));
    CMQ_TRY(lock.file_->truncate(0));
    CMQ_TRY(lock.file_->write(0, std::to_string(process) + "\n"));
    return lock;
}

Result<DirectoryLock> DirectoryLock::look(store::Files& files, const fs::path& data) {
    auto file = CMQ_TRY(files.open(data / "lock", store::Open::create));
    if (const auto locked = file->lock(); !locked) {
        if (locked.error().code != Code::busy) return tl::unexpected(locked.error());
        const auto holder = CMQ_TRY(file->read(0, 20));
        return fail(Code::busy, data.string() + ": held by process " +
                                    std::string(holder.substr(0, holder.find('\n'))) +
                                    "; stop it, or use another directory");
    }
    return DirectoryLock(std::move(file));
}

}  // namespace cmq::cluster
