#include "auth/credentials.h"

namespace cmq::auth {
namespace {

Credentials::Known known_of(const Credential& credential) {
    return {credential.id,
            credential.space,
            credential.enabled,
            credential.allow_sha1,
            credential.token,
            HmacKey(credential.secret_key, Digest::sha1),
            HmacKey(credential.secret_key, Digest::sha256)};
}

}  // namespace

Credentials::Credentials()
    : nobody_(known_of({"", std::string(32, '-'), broker::Namespace{}, true, true, ""})) {}

void Credentials::add(const Credential& credential) {
    by_id_.insert_or_assign(credential.id, known_of(credential));
}

const Credentials::Known* Credentials::find(const std::string& id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &found->second;
}

}  // namespace cmq::auth
