#include "cmd/access.h"

#include <ostream>
#include <string_view>

namespace cmq::cmd {
namespace {

std::string in_shell_quotes(std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + '\'';
}

}  // namespace

void print_environment(std::ostream& out, const Access& access) {
    const auto print = [&out](std::string_view variable, const std::string& value) {
        if (!value.empty()) out << "export " << variable << '=' << in_shell_quotes(value) << '\n';
    };
    print("CMQ_ENDPOINT", access.endpoint);
    print("CMQ_CA_FILE", access.ca_file.string());
    print("CMQ_SECRET_ID", access.secret_id);
    print("CMQ_SECRET_KEY_FILE", access.secret_key_file.string());
    out.flush();
}

std::string context_command(const std::string& name, const Access& access) {
    return "cmq context add " + in_shell_quotes(name) + " --endpoint " + access.endpoint +
           " --ca-file " + in_shell_quotes(access.ca_file.string()) + " --secret-id " +
           access.secret_id + " --secret-key-file " +
           in_shell_quotes(access.secret_key_file.string()) + " --use";
}

}  // namespace cmq::cmd
