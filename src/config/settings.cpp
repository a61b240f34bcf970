#include "config/settings.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <system_error>

#include "config/contexts.h"
#include "config/files.h"
#include "config/yaml.h"

namespace cmq::config {
namespace {

namespace fs = std::filesystem;

constexpr std::array names{
    setting::endpoint,        setting::ca_file, setting::secret_id, setting::secret_key,
    setting::secret_key_file, setting::context, setting::output,    setting::color};

using Layer = std::map<std::string, Setting>;

std::string with_prefix(std::string_view prefix, std::string_view name, char joint, bool upper) {
    std::string text(prefix);
    for (const char c : name) {
        if (c == '_') {
            text += joint;
        } else {
            text += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        }
    }
    return text;
}

Layer flag_layer(const std::map<std::string, std::string>& flags) {
    Layer layer;
    for (const auto& [name, value] : flags)
        layer[name] = {name, value, "flag " + with_prefix("--", name, '-', false)};
    return layer;
}

Layer environment_layer(const Surroundings& surroundings) {
    Layer layer;
    for (const auto name : names) {
        const auto variable = with_prefix("CMQ_", name, '_', true);
        const auto value = surroundings.variable(variable);
        if (value && !value->empty())
            layer[std::string(name)] = {std::string(name), *value, "variable " + variable};
    }
    return layer;
}

/// .cmq.yaml here or in a directory above. One that somebody else put there is not taken: it
/// could send our messages to his broker.
std::optional<fs::path> find_project_file(const fs::path& directory) {
    for (auto folder = directory; !folder.empty(); folder = folder.parent_path()) {
        const auto file = folder / ".cmq.yaml";
        struct stat about {};
        const bool there = ::stat(file.c_str(), &about) == 0;
        if (there && (about.st_uid == ::geteuid() || about.st_uid == 0)) return file;
        if (folder == folder.parent_path()) break;
    }
    return {};
}

/// A relative path in a file is meant from where the file is.
std::string from_file(const fs::path& file, std::string_view name, const std::string& value) {
    const bool is_path = name == setting::ca_file || name == setting::secret_key_file;
    return is_path ? (file.parent_path() / value).lexically_normal().string() : value;
}

Result<Layer> project_layer(const fs::path& file) {
    const auto source = file.string();
    const auto text = CMQ_TRY(read_text(file));
    const auto root = CMQ_TRY(parse_yaml(text, source));
    Layer layer;
    if (root.kind == Yaml::Kind::nothing) return layer;
    if (root.kind != Yaml::Kind::map)
        return tl::unexpected(wrong_at(source, root.place, "a map of settings is expected"));
    for (std::size_t at = 0; at < root.keys.size(); ++at) {
        const auto& key = root.keys[at];
        const auto& value = root.items[at];
        if (key.name == setting::secret_key)
            return tl::unexpected(wrong_at(source, key.place,
                                           "a project file holds no secrets; use secret_key_file"));
        if (std::find(names.begin(), names.end(), key.name) == names.end())
            return tl::unexpected(
                wrong_at(source, key.place, "\"" + key.name + "\" is not a setting"));
        if (value.kind != Yaml::Kind::scalar || value.text.empty())
            return tl::unexpected(wrong_at(source, value.place, key.name + " must be a text"));
        layer[key.name] = {key.name, from_file(file, key.name, value.text),
                           source + ':' + std::to_string(key.place.line)};
    }
    return layer;
}

Layer context_layer(const NamedContext& context, const fs::path& file) {
    const auto origin = "context " + context.name + " in " + file.string();
    Layer layer;
    const auto add = [&](std::string_view name, const std::string& value) {
        if (value.empty()) return;
        layer[std::string(name)] = {std::string(name), from_file(file, name, value), origin};
    };
    add(setting::endpoint, context.endpoint);
    add(setting::ca_file, context.ca_file);
    add(setting::secret_id, context.secret_id);
    add(setting::secret_key, context.secret_key);
    add(setting::secret_key_file, context.secret_key_file);
    return layer;
}

bool has_key(const Layer& layer) {
    return layer.contains(std::string(setting::secret_key)) ||
           layer.contains(std::string(setting::secret_key_file));
}

/// Adds what `lower` has and `upper` lacks. The two ways to give a key are one thing.
void fall_back(Layer& upper, const Layer& lower) {
    const bool key_is_given = has_key(upper);
    for (const auto& [name, value] : lower) {
        const bool is_key = name == setting::secret_key || name == setting::secret_key_file;
        if (!is_key || !key_is_given) upper.emplace(name, value);
    }
}

bool is_complete(const Layer& layer) {
    return layer.contains(std::string(setting::endpoint)) &&
           layer.contains(std::string(setting::secret_id)) && has_key(layer);
}

Status fall_back_to_context(Layer& upper, const Surroundings& surroundings,
                            const std::string& named, const std::string& origin) {
    const auto path = user_file(surroundings);
    if (!path && named.empty()) return {};  // no home, no user file
    if (!path) return tl::unexpected(path.error());
    const auto contexts = CMQ_TRY(read_contexts(*path));
    const auto name = named.empty() ? contexts.current : named;
    if (name.empty()) return {};
    const auto* context = contexts.find(name);
    if (!context)
        return fail(Code::invalid, "context \"" + name + "\" (" +
                                       (origin.empty() ? path->string() : origin) +
                                       ") does not exist; see: cmq context list");
    fall_back(upper, context_layer(*context, *path));
    const std::string setting_name(setting::context);
    upper.emplace(setting_name, Setting{setting_name, name, path->string()});
    return {};
}

}  // namespace

Surroundings surroundings_of_process() {
    std::error_code gone;  // a working directory that was removed holds no project file
    return {[](const std::string& name) -> std::optional<std::string> {
                const char* value = std::getenv(name.c_str());
                if (!value) return {};
                return value;
            },
            fs::current_path(gone)};
}

Result<Settings> Settings::resolve(const std::map<std::string, std::string>& flags,
                                   const Surroundings& surroundings, ContextFrom from) {
    std::vector<Layer> layers{flag_layer(flags), environment_layer(surroundings)};
    if (const auto file = find_project_file(surroundings.directory))
        layers.push_back(CMQ_TRY(project_layer(*file)));
    Layer merged;
    bool context_is_named = false;
    for (const auto& layer : layers) {
        fall_back(merged, layer);
        const auto named = layer.find(std::string(setting::context));
        const bool counts = from == ContextFrom::anywhere || &layer == &layers.front();
        if (named == layer.end() || context_is_named || !counts) continue;
        context_is_named = true;
        CMQ_TRY(
            fall_back_to_context(merged, surroundings, named->second.value, named->second.origin));
    }
    if (!context_is_named && from == ContextFrom::anywhere && !is_complete(merged))
        CMQ_TRY(fall_back_to_context(merged, surroundings, {}, {}));
    Settings settings;
    for (const auto name : names)
        if (const auto found = merged.find(std::string(name)); found != merged.end())
            settings.all_.push_back(found->second);
    return settings;
}

const Setting* Settings::find(std::string_view name) const {
    for (const auto& known : all_)
        if (known.name == name) return &known;
    return nullptr;
}

std::string Settings::value(std::string_view name) const {
    const auto* found = find(name);
    return found ? found->value : std::string();
}

Result<std::string> Settings::read_secret_key() const {
    if (const auto* key = find(setting::secret_key)) return key->value;
    if (const auto* file = find(setting::secret_key_file)) return read_secret(file->value);
    return std::string();
}

Result<fs::path> user_file(const Surroundings& surroundings) {
    const auto set = surroundings.variable("XDG_CONFIG_HOME");
    if (set && !set->empty()) return fs::path(*set) / "cmq" / "contexts.yaml";
    const auto home = surroundings.variable("HOME");
    if (home && !home->empty()) return fs::path(*home) / ".config" / "cmq" / "contexts.yaml";
    return fail(Code::invalid, "neither HOME nor XDG_CONFIG_HOME is set, so contexts have no file");
}

}  // namespace cmq::config
