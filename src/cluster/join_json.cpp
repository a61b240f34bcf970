// The joining exchange as JSON.

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "broker/limits.h"
#include "cluster/join.h"

namespace cmq::cluster {
namespace {

using Json = nlohmann::ordered_json;

constexpr int version = 1;
constexpr std::size_t pem_bytes_max = 64 << 10;
constexpr std::size_t csr_bytes_max = 8 << 10;
constexpr std::size_t keys_max = 10'000;
constexpr std::size_t word_bytes_max = 1'024;  // ids, keys, tokens of clients
constexpr std::size_t cluster_digits = 32;
constexpr std::size_t secret_bytes = 32;

/// Reads members of one object; the first that is wrong is remembered.
class Members {
public:
    explicit Members(const Json& object) : object_(object) {
        if (!object.is_object()) wrong("it");
    }

    std::string text(const char* name, std::size_t bytes_max, std::size_t bytes_min = 1) {
        const auto* member = find(name);
        if (!member || !member->is_string()) return wrong(name), "";
        auto value = member->get<std::string>();
        if (value.size() < bytes_min || value.size() > bytes_max) return wrong(name), "";
        return value;
    }
    bool truth(const char* name) {
        const auto* member = find(name);
        if (!member || !member->is_boolean()) return wrong(name), false;
        return member->get<bool>();
    }
    /// Decimal digits in a text (D12); `least` is what an absent one may be.
    std::uint64_t number(const char* name, std::uint64_t least) {
        const auto value = parse_digits(text(name, 20));
        if (!value || *value < least || *value > INT64_MAX) return wrong(name), 0;
        return *value;
    }
    broker::NodeId node(const char* name) {
        const broker::NodeId id{number(name, 1)};
        if (!broker::is_node_id(id)) wrong(name);
        return id;
    }
    /// An element that `read` makes of each; at most `most`.
    template <class T>
    std::vector<T> list(const char* name, std::size_t most, T (*read)(Members& element)) {
        const auto* member = find(name);
        std::vector<T> elements;
        if (!member || !member->is_array() || member->size() > most) return wrong(name), elements;
        for (const auto& item : *member) {
            Members element(item);
            elements.push_back(read(element));
            if (!element.wrong_.empty()) wrong(name);
        }
        return elements;
    }

    void wrong(std::string_view name) {
        if (wrong_.empty()) wrong_ = name;
    }
    const std::string& first_wrong() const { return wrong_; }

private:
    const Json* find(const char* name) const {
        const auto at = object_.is_object() ? object_.find(name) : object_.end();
        return at == object_.end() ? nullptr : &*at;
    }
    const Json& object_;
    std::string wrong_;
};

Json to_json(const auth::Credential& key) {
    return {{"id", key.id},
            {"secret_key", key.secret_key},
            {"namespace", std::to_string(key.space.value)},
            {"enabled", key.enabled},
            {"allow_sha1", key.allow_sha1},
            {"token", key.token}};
}

auth::Credential key_of(Members& key) {
    auth::Credential credential;
    credential.id = key.text("id", word_bytes_max);
    credential.secret_key = key.text("secret_key", word_bytes_max);
    credential.space.value = key.number("namespace", 1);
    credential.enabled = key.truth("enabled");
    credential.allow_sha1 = key.truth("allow_sha1");
    credential.token = key.text("token", word_bytes_max, 0);
    return credential;
}

Json to_json(const broker::NodeEntry& node) {
    return {{"id", std::to_string(node.node.value)},
            {"peer_address", node.peer_address},
            {"endpoint", node.endpoint},
            {"zone", node.zone}};
}

broker::NodeEntry node_of(Members& node) {
    broker::NodeEntry entry;
    entry.node = node.node("id");
    entry.peer_address = node.text("peer_address", broker::node_address_bytes_max);
    entry.endpoint = node.text("endpoint", broker::node_address_bytes_max);
    entry.zone = node.text("zone", broker::zone_bytes_max, 0);
    return entry;
}

/// What is no JSON, or is too long to be looked at, has no members.
Json parsed(std::string_view body, std::size_t bytes_max) {
    if (body.size() > bytes_max) return {};
    return Json::parse(body, nullptr, false);
}

bool is_hex(std::string_view text) { return hex_decode(text).has_value(); }

std::string read_secret(Members& members) {
    const auto secret = base64_decode(members.text("secret", word_bytes_max));
    if (secret && secret->size() == secret_bytes) return *secret;
    members.wrong("secret");
    return {};
}

}  // namespace

std::string encode(const JoinRequest& request) {
    const Json json{{"version", version},
                    {"token", request.token},
                    {"csr", request.csr},
                    {"peer_address", request.peer_address},
                    {"endpoint", request.endpoint},
                    {"zone", request.zone},
                    {"replaces", std::to_string(request.replaces.value)},
                    {"knows", std::to_string(request.knows.value)}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<JoinRequest> decode_join_request(std::string_view body) {
    const auto json = parsed(body, join_request_bytes_max);
    Members members(json);
    JoinRequest request;
    request.token = members.text("token", auth::join_token_text_max);
    request.csr = members.text("csr", csr_bytes_max);
    request.peer_address = members.text("peer_address", broker::node_address_bytes_max);
    request.endpoint = members.text("endpoint", broker::node_address_bytes_max);
    request.zone = members.text("zone", broker::zone_bytes_max, 0);
    request.replaces.value = members.number("replaces", 0);
    request.knows.value = members.number("knows", broker::oldest_format.value);
    if (members.first_wrong().empty()) return request;
    return fail(Code::invalid,
                "not a request to join: " + members.first_wrong() + " is missing or wrong");
}

std::string encode(const JoinAnswer& answer) {
    Json json{{"version", version},
              {"node", std::to_string(answer.node.value)},
              {"cluster", answer.cluster},
              {"certificate", answer.certificate},
              {"ca", answer.authority.certificate},
              {"ca_key", answer.authority.key},
              {"keys", Json::array()},
              {"nodes", Json::array()},
              {"secret", base64_encode(answer.secret)}};
    for (const auto& key : answer.keys) json["keys"].push_back(to_json(key));
    for (const auto& node : answer.nodes) json["nodes"].push_back(to_json(node));
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<JoinAnswer> decode_join_answer(std::string_view body) {
    const auto json = parsed(body, join_answer_bytes_max);
    Members members(json);
    JoinAnswer answer;
    answer.node = members.node("node");
    answer.cluster = members.text("cluster", cluster_digits, cluster_digits);
    if (!is_hex(answer.cluster)) members.wrong("cluster");
    answer.certificate = members.text("certificate", pem_bytes_max);
    answer.authority.certificate = members.text("ca", pem_bytes_max);
    answer.authority.key = members.text("ca_key", pem_bytes_max);
    answer.keys = members.list("keys", keys_max, key_of);
    answer.nodes = members.list("nodes", broker::nodes_max, node_of);
    answer.secret = read_secret(members);
    if (members.first_wrong().empty()) return answer;
    return fail(Code::internal, "not the answer of a cluster to a new node: " +
                                    members.first_wrong() + " is missing or wrong");
}

}  // namespace cmq::cluster
