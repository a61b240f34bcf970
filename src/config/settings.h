// config/settings.h: what a client command is told, and by whom.
//
//     flag > environment > project file .cmq.yaml > user file (contexts) > default
//
// A context stands as high as whoever named it: `--context prod` beats CMQ_ENDPOINT, and
// CMQ_CONTEXT does not. The user's current context is asked only for what an address with its
// key lacks, so a broken user file cannot hinder who needs none.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cmq::config {

/// Names of settings, as in files; the flag is `--ca-file`, the variable CMQ_CA_FILE.
namespace setting {
inline constexpr std::string_view endpoint = "endpoint";
inline constexpr std::string_view ca_file = "ca_file";
inline constexpr std::string_view secret_id = "secret_id";
inline constexpr std::string_view secret_key = "secret_key";  // environment and user file only
inline constexpr std::string_view secret_key_file = "secret_key_file";
inline constexpr std::string_view context = "context";
inline constexpr std::string_view output = "output";
inline constexpr std::string_view color = "color";
}  // namespace setting

struct Setting {
    std::string name;
    std::string value;
    std::string origin;  // "flag --endpoint", "variable CMQ_ENDPOINT", "/home/a/.cmq.yaml:1", ...
};

/// Where a command finds itself.
struct Surroundings {
    std::function<std::optional<std::string>(const std::string&)> variable;
    std::filesystem::path directory;  // working directory
};
Surroundings surroundings_of_process();

/// Which context counts: any that is named or in use, or only one that a flag names.
enum class ContextFrom { anywhere, flag };

class Settings {
public:
    /// `flags` by setting name. errors  invalid: a file is wrong, or the context does not exist.
    static Result<Settings> resolve(const std::map<std::string, std::string>& flags,
                                    const Surroundings& surroundings,
                                    ContextFrom from = ContextFrom::anywhere);

    const Setting* find(std::string_view name) const;
    std::string value(std::string_view name) const;  // "" when nobody gave one
    const std::vector<Setting>& all() const { return all_; }

    /// From the file or as it stands; "" when nobody gave one.
    Result<std::string> read_secret_key() const;

private:
    std::vector<Setting> all_;
};

/// $XDG_CONFIG_HOME/cmq/contexts.yaml, else below $HOME/.config.
/// errors  invalid: neither variable is set.
Result<std::filesystem::path> user_file(const Surroundings& surroundings);

}  // namespace cmq::config
