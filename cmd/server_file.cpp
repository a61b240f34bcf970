#include "cmd/server_file.h"

#include "config/server.h"

namespace cmq::cmd {

std::string server_file(const std::map<std::string_view, std::string>& chosen) {
    std::string text = "# A cmq broker; run it with: cmq serve --config cmq.yaml\n";
    std::string section;
    for (const auto& key : config::server_keys()) {
        const auto dot = key.name.find('.');
        const std::string mine(dot == key.name.npos ? "" : key.name.substr(0, dot));
        if (mine != section && !mine.empty()) text += '\n' + mine + ":\n";
        section = mine;
        const auto found = chosen.find(key.name);
        text += mine.empty() ? "\n# " : "  # ";
        text += std::string(key.help) + '\n' + (mine.empty() ? "" : "  ");
        const bool is_said = found != chosen.end();
        if (!is_said && (mine.empty() || key.initial.empty())) text += '#';
        text += std::string(mine.empty() ? key.name : key.name.substr(dot + 1)) + ": " +
                (is_said ? found->second : std::string(key.initial)) + '\n';
    }
    return text;
}

}  // namespace cmq::cmd
