// auth/credentials.h: who may call. A key belongs to exactly one namespace.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "broker/command.h"

namespace cmq::auth {

struct Credential {
    std::string id;
    std::string secret_key;
    broker::Namespace space{1};
    bool enabled = true;
    bool allow_sha1 = true;
    std::string token;  // when set, requests must carry it
};

/// Filled before the doors open; then read by any thread.
class Credentials {
public:
    void add(Credential credential) {
        auto id = credential.id;
        by_id_.insert_or_assign(std::move(id), std::move(credential));
    }
    const Credential* find(const std::string& id) const {
        const auto found = by_id_.find(id);
        return found == by_id_.end() ? nullptr : &found->second;
    }

private:
    std::unordered_map<std::string, Credential> by_id_;
};

}  // namespace cmq::auth
