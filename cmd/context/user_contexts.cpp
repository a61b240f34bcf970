#include "cmd/context/user_contexts.h"

#include "cmd/nearest.h"

namespace cmq::cmd {

Result<UserContexts> read_user_contexts() {
    UserContexts user;
    user.file = CMQ_TRY(config::user_file(config::surroundings_of_process()));
    user.contexts = CMQ_TRY(config::read_contexts(user.file));
    return user;
}

Result<config::NamedContext> UserContexts::find(const std::string& name) const {
    const auto& wanted = name.empty() ? contexts.current : name;
    if (wanted.empty()) return fail(Code::not_found, "no context is in use; see: cmq context list");
    if (const auto* known = contexts.find(wanted)) return *known;
    std::vector<std::string> names;
    for (const auto& context : contexts.all) names.push_back(context.name);
    auto text = "context \"" + wanted + "\" does not exist";
    if (const auto meant = nearest(wanted, names)) text += "; did you mean \"" + *meant + "\"?";
    return fail(Code::not_found, text);
}

}  // namespace cmq::cmd
