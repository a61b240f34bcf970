#include "node/joined.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cluster/identity.h"
#include "node/setup.h"

namespace cmq::node {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

fs::path folder_of(const fs::path& data) { return data / "identity"; }
fs::path facts_file(const fs::path& data) { return folder_of(data) / "cluster.json"; }

/// A list of keys as the file of a configured broker has it: JSON is YAML, too.
std::string keys_text(const std::vector<auth::Credential>& keys) {
    Json list = Json::array();
    for (const auto& key : keys) {
        Json entry{{"id", key.id},
                   {"secret_key", key.secret_key},
                   {"namespace", key.space.value},
                   {"enabled", key.enabled},
                   {"allow_sha1", key.allow_sha1}};
        if (!key.token.empty()) entry["token"] = key.token;
        list.push_back(std::move(entry));
    }
    return Json{{"keys", std::move(list)}}.dump(2) + '\n';
}

std::string facts_text(const cluster::JoinAnswer& answer) {
    Json nodes = Json::array();
    for (const auto& node : answer.nodes)
        nodes.push_back({{"id", std::to_string(node.node.value)},
                         {"peer_address", node.peer_address},
                         {"endpoint", node.endpoint},
                         {"zone", node.zone}});
    return Json{{"version", 1}, {"secret", base64_encode(answer.secret)}, {"nodes", nodes}}.dump(
               2) +
           '\n';
}

Joined facts_of(const Json& json) {
    Joined joined;
    joined.secret = base64_decode(json.at("secret").get<std::string>()).value_or("");
    for (const auto& node : json.at("nodes")) {
        const auto text = [&node](const char* name) { return node.at(name).get<std::string>(); };
        joined.nodes.push_back({broker::NodeId{parse_digits(text("id")).value_or(0)},
                                text("peer_address"), text("endpoint"), text("zone")});
    }
    return joined;
}

Status remove_if_there(store::Files& files, const fs::path& file) {
    if (!CMQ_TRY(files.exists(file))) return {};
    return files.remove(file);
}

Status write_identity(store::Files& files, const fs::path& folder, const std::string& key,
                      const cluster::JoinAnswer& answer) {
    CMQ_TRY(write_whole(files, folder / "ca.pem", answer.authority.certificate));
    CMQ_TRY(write_whole(files, folder / "ca_key.pem", answer.authority.key));
    CMQ_TRY(write_whole(files, folder / "node.pem", answer.certificate));
    CMQ_TRY(write_whole(files, folder / "node_key.pem", key));
    // Of another CA, if a start before this left them.
    CMQ_TRY(remove_if_there(files, folder / "certificate.pem"));
    return remove_if_there(files, folder / "key.pem");
}

Status write_keys(store::Files& files, const fs::path& folder,
                  const std::vector<auth::Credential>& keys) {
    CMQ_TRY(write_whole(files, folder / "keys.yaml", keys_text(keys)));
    if (keys.empty()) return {};
    CMQ_TRY(write_whole(files, folder / "secret_key", keys.front().secret_key + '\n'));
    return write_whole(files, folder / "secret_id", keys.front().id + '\n');
}

}  // namespace

Status write_joined(store::Files& files, const fs::path& data, const std::string& key,
                    const cluster::JoinAnswer& answer) {
    if (CMQ_TRY(cluster::has_identity(files, data)))
        return fail(Code::exists, data.string() + ": a node lives here already");
    const auto folder = folder_of(data);
    CMQ_TRY(files.make_directory(folder));
    CMQ_TRY(write_identity(files, folder, key, answer));
    CMQ_TRY(write_keys(files, folder, answer.keys));
    CMQ_TRY(write_whole(files, facts_file(data), facts_text(answer)));
    CMQ_TRY(files.sync_directory(folder));
    return cluster::adopt_identity(files, data, cluster::identity_of(answer.node, answer.cluster));
}

Result<std::optional<Joined>> read_joined(store::Files& files, const fs::path& data) {
    const auto file = facts_file(data);
    if (!CMQ_TRY(files.exists(file))) return std::nullopt;
    const auto text = CMQ_TRY(read_whole(files, file));
    try {
        return facts_of(Json::parse(text));
    } catch (const Json::exception& error) {
        return fail(Code::corrupt, file.string() + ": not what was written: " + error.what());
    }
}

fs::path joined_keys_file(const fs::path& data) { return folder_of(data) / "keys.yaml"; }

}  // namespace cmq::node
