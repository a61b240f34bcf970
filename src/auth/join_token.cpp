#include "auth/join_token.h"

#include "auth/hmac_key.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/text.h"

namespace cmq::auth {
namespace {

constexpr std::uint8_t version = 1;
constexpr std::size_t hash_bytes = 32;
constexpr std::size_t said_bytes = 1 + join_token_id_bytes + 8 + hash_bytes;

tl::unexpected<Error> no_token(std::string_view why) {
    return fail(Code::invalid, "this is not a join token: " + std::string(why) +
                                   "; copy the whole line that `cmq cluster token` prints");
}

tl::unexpected<Error> refused(std::string_view why) {
    return fail(Code::unauthenticated, "the join token " + std::string(why) +
                                           "; ask for a new one with: cmq cluster token");
}

/// A key of its own, so that what signs tokens never signs anything else. Base64.
std::string mac_of(std::string_view secret, std::string_view said) {
    const auto key = HmacKey(secret, Digest::sha256).sign({"cmq join token"});
    return HmacKey(key, Digest::sha256).sign({said});
}

/// What the token says, and its HMAC behind it.
Result<std::string> bytes_of(std::string_view text) {
    if (!text.starts_with(join_token_prefix))
        return no_token("it does not begin with " + std::string(join_token_prefix));
    if (text.size() > join_token_text_max) return no_token("it is too long");
    text.remove_prefix(join_token_prefix.size());
    auto bytes = base64url_decode(text);
    if (!bytes) return no_token("a letter of it is wrong, or its end is missing");
    if (bytes->empty() || bytes->front() != static_cast<char>(version))
        return no_token("a cmq of another version made it");
    if (bytes->size() != said_bytes + hash_bytes) return no_token("a part of it is missing");
    return bytes;
}

JoinToken parts_of(std::string_view bytes) {
    Decoder in(bytes.substr(1));
    JoinToken token;
    token.id = in.raw(join_token_id_bytes);
    token.expires = stamp_of(in.i64());
    token.fingerprint = hex_encode(in.raw(hash_bytes));
    return token;
}

}  // namespace

std::string make_token(std::string_view secret, const JoinToken& token) {
    const auto fingerprint = hex_decode(token.fingerprint);
    CMQ_CHECK(token.id.size() == join_token_id_bytes);
    CMQ_CHECK(fingerprint && fingerprint->size() == hash_bytes);
    std::string bytes;
    Encoder(bytes).u8(version).raw(token.id).i64(milliseconds_of(token.expires)).raw(*fingerprint);
    const auto mac = base64_decode(mac_of(secret, bytes));
    return std::string(join_token_prefix) + base64url_encode(bytes + *mac);
}

Result<JoinToken> read_token(std::string_view text) { return parts_of(CMQ_TRY(bytes_of(text))); }

Result<JoinToken> check_token(std::string_view secret, std::string_view text, Stamp now) {
    const auto bytes = CMQ_TRY(bytes_of(text));
    const auto said = std::string_view(bytes).substr(0, said_bytes);
    const auto mac = base64_encode(std::string_view(bytes).substr(said_bytes));
    if (!equal_in_constant_time(mac_of(secret, said), mac))
        return refused("is not of this cluster, or was altered");
    auto token = parts_of(bytes);
    if (token.expires <= now) return refused("expired at " + to_rfc3339(token.expires));
    return token;
}

}  // namespace cmq::auth
