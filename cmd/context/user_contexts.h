// cmd/context/user_contexts.h: the user's file of contexts, as the context commands need it.
#pragma once

#include <filesystem>
#include <string>

#include "config/contexts.h"
#include "config/settings.h"

namespace cmq::cmd {

struct UserContexts {
    std::filesystem::path file;
    config::Contexts contexts;

    /// The one of that name; "" means the current one. errors  not_found, with the nearest name.
    Result<config::NamedContext> find(const std::string& name) const;
};

Result<UserContexts> read_user_contexts();

}  // namespace cmq::cmd
