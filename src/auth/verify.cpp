#include "auth/verify.h"

#include <algorithm>
#include <vector>

namespace cmq::auth {
namespace {

constexpr std::size_t sha1_text_bytes = 28;  // base64 of 20 bytes
constexpr std::size_t sha256_text_bytes = 44;

/// As received; without a default port; with one, which Java leaves out of the header but signs.
std::vector<std::string> hosts_of(std::string_view host) {
    std::vector<std::string> hosts{std::string(host)};
    const auto colon = host.rfind(':');
    if (colon == host.npos || host.ends_with(']')) {
        hosts.push_back(std::string(host) + ":80");
        hosts.push_back(std::string(host) + ":443");
    } else if (host.substr(colon) == ":80" || host.substr(colon) == ":443") {
        hosts.emplace_back(host.substr(0, colon));
    }
    return hosts;
}

/// PHP doubles the path of a GET and signs the single form.
std::vector<std::string_view> paths_of(std::string_view path) {
    std::vector<std::string_view> paths{path};
    const auto half = path.size() / 2;
    if (path.size() % 2 == 0 && half > 1 && path.substr(0, half) == path.substr(half))
        paths.push_back(path.substr(half));
    return paths;
}

/// Python and PHP leave values that begin with '@' out of what they sign for a POST.
std::vector<std::string> queries_of(const Claim& claim) {
    std::vector<std::string> queries{query_to_sign(*claim.signed_)};
    const auto begins_with_at = [](const auto& parameter) {
        return parameter.second.starts_with('@');
    };
    if (claim.method == "POST" && std::ranges::any_of(*claim.signed_, begins_with_at))
        queries.push_back(query_to_sign(*claim.signed_, AtValues::left_out));
    return queries;
}

const HmacKey* key_for(std::string_view signature, const Credentials::Known& known) {
    if (signature.size() == sha256_text_bytes) return &known.sha256;
    return signature.size() == sha1_text_bytes && known.allow_sha1 ? &known.sha1 : nullptr;
}

bool signature_matches(const Claim& claim, const Credentials::Known& known) {
    std::string_view given = claim.signature;
    while (given.ends_with('\n') || given.ends_with('\r')) given.remove_suffix(1);
    const auto* key = key_for(given, known);
    if (!key) return false;
    for (const auto& query : queries_of(claim))
        for (const auto path : paths_of(claim.path))
            for (const auto& host : hosts_of(claim.host))
                if (equal_in_constant_time(key->sign({claim.method, host, path, query}), given))
                    return true;
    return false;
}

bool is_stale(const Claim& claim, Stamp now, std::chrono::seconds window) {
    if (window.count() == 0) return false;
    const auto seconds = milliseconds_of(now) / 1000;
    const auto apart =
        claim.timestamp > seconds ? claim.timestamp - seconds : seconds - claim.timestamp;
    return apart > window.count();
}

}  // namespace

tl::expected<Caller, Denial> verify(const Claim& claim, const Credentials& credentials, Stamp now,
                                    std::chrono::seconds window) {
    const auto* known = credentials.find(claim.secret_id);
    const bool matches = signature_matches(claim, known ? *known : credentials.nobody());
    if (!known)
        return tl::unexpected(claim.secret_id.starts_with("AKID") ? Denial::unknown_id
                                                                  : Denial::malformed_id);
    if (!matches) return tl::unexpected(Denial::failed);
    if (!known->enabled) return tl::unexpected(Denial::disabled);
    if (!known->token.empty() && !equal_in_constant_time(known->token, claim.token))
        return tl::unexpected(Denial::failed);
    if (is_stale(claim, now, window)) return tl::unexpected(Denial::stale);
    return Caller{known->id, known->space};
}

}  // namespace cmq::auth
