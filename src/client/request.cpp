#include "client/request.h"

#include "protocol/form.h"

namespace cmq::client {
namespace {

// SDKs draw 63 bits, and the broker takes no more.
constexpr std::uint64_t nonce_mask = (1ull << 63) - 1;

}  // namespace

std::string signed_form(std::string_view action, auth::Parameters parameters, const Signer& signer,
                        std::string_view host, std::string_view path, Freshness freshness) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(freshness.now);
    parameters.emplace_back("Action", action);
    parameters.emplace_back("Nonce", std::to_string(freshness.nonce & nonce_mask));
    parameters.emplace_back("RequestClient", "cmq");
    parameters.emplace_back("SecretId", signer.secret_id);
    parameters.emplace_back("SignatureMethod", "HmacSHA256");
    parameters.emplace_back("Timestamp", std::to_string(seconds.time_since_epoch().count()));
    const auto text = auth::text_to_sign("POST", host, path, parameters);
    parameters.emplace_back("Signature", auth::sign(signer.secret_key, auth::Digest::sha256, text));
    return protocol::to_form(parameters);
}

}  // namespace cmq::client
