#include "auth/verify.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace cmq::auth {
namespace {

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Digest named_digest(std::string_view method) {
    const auto name = lower(method);
    return name == "hmacsha256" || name == "sha256" ? Digest::sha256 : Digest::sha1;
}

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
std::vector<Parameters> parameters_of(const Claim& claim) {
    std::vector<Parameters> variants{*claim.signed_};
    if (claim.method != "POST") return variants;
    Parameters kept;
    for (const auto& parameter : *claim.signed_)
        if (!parameter.second.starts_with('@')) kept.push_back(parameter);
    if (kept.size() != claim.signed_->size()) variants.push_back(std::move(kept));
    return variants;
}

bool signature_matches(const Claim& claim, const Credential& credential) {
    std::string_view given = claim.signature;
    while (given.ends_with('\n') || given.ends_with('\r')) given.remove_suffix(1);
    const auto named = named_digest(claim.signature_method);
    const auto other = named == Digest::sha1 ? Digest::sha256 : Digest::sha1;
    const auto variants = parameters_of(claim);
    for (const auto digest : {named, other}) {
        if (digest == Digest::sha1 && !credential.allow_sha1) continue;
        for (const auto& parameters : variants)
            for (const auto path : paths_of(claim.path))
                for (const auto& host : hosts_of(claim.host)) {
                    const auto text = text_to_sign(claim.method, host, path, parameters);
                    if (equal_in_constant_time(sign(credential.secret_key, digest, text), given))
                        return true;
                }
    }
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

tl::expected<Credential, Denial> verify(const Claim& claim, const Credentials& credentials,
                                        Stamp now, std::chrono::seconds window) {
    static const Credential nobody{"", std::string(32, '-'), {}, true, true, ""};
    const auto* credential = credentials.find(claim.secret_id);
    const bool matches = signature_matches(claim, credential ? *credential : nobody);
    if (!credential)
        return tl::unexpected(claim.secret_id.starts_with("AKID") ? Denial::unknown_id
                                                                  : Denial::malformed_id);
    if (!matches) return tl::unexpected(Denial::failed);
    if (!credential->enabled) return tl::unexpected(Denial::disabled);
    if (!credential->token.empty() && !equal_in_constant_time(credential->token, claim.token))
        return tl::unexpected(Denial::failed);
    if (is_stale(claim, now, window)) return tl::unexpected(Denial::stale);
    return *credential;
}

}  // namespace cmq::auth
