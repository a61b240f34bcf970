#include "config/contexts.h"

#include <algorithm>
#include <array>
#include <utility>

#include "config/files.h"
#include "config/yaml.h"

namespace cmq::config {
namespace {

struct Field {
    std::string_view key;
    std::string NamedContext::*value;
};
constexpr std::array fields{Field{"endpoint", &NamedContext::endpoint},
                            Field{"ca_file", &NamedContext::ca_file},
                            Field{"secret_id", &NamedContext::secret_id},
                            Field{"secret_key_file", &NamedContext::secret_key_file},
                            Field{"secret_key", &NamedContext::secret_key}};

Result<NamedContext> context_of(const Yaml::Key& key, const Yaml& map, std::string_view file) {
    NamedContext context;
    context.name = key.name;
    if (map.kind != Yaml::Kind::map)
        return tl::unexpected(wrong_at(file, map.place, "a context is a map of its settings"));
    for (std::size_t at = 0; at < map.keys.size(); ++at) {
        const auto& name = map.keys[at].name;
        const auto* field = std::find_if(fields.begin(), fields.end(),
                                         [&](const Field& known) { return known.key == name; });
        if (field == fields.end())
            return tl::unexpected(
                wrong_at(file, map.keys[at].place, "\"" + name + "\" is not a key of a context"));
        if (map.items[at].kind != Yaml::Kind::scalar)
            return tl::unexpected(wrong_at(file, map.items[at].place, name + " must be a text"));
        context.*(field->value) = map.items[at].text;
    }
    return context;
}

Status read_all(Contexts& contexts, const Yaml& map, std::string_view file) {
    if (map.kind == Yaml::Kind::nothing) return {};
    if (map.kind != Yaml::Kind::map)
        return tl::unexpected(wrong_at(file, map.place, "contexts must be a map of names"));
    for (std::size_t at = 0; at < map.keys.size(); ++at)
        contexts.all.push_back(CMQ_TRY(context_of(map.keys[at], map.items[at], file)));
    return {};
}

}  // namespace

const NamedContext* Contexts::find(std::string_view name) const {
    for (const auto& context : all)
        if (context.name == name) return &context;
    return nullptr;
}

void Contexts::put(NamedContext context) {
    for (auto& known : all)
        if (known.name == context.name) {
            known = std::move(context);
            return;
        }
    all.push_back(std::move(context));
}

Result<Contexts> read_contexts(const std::filesystem::path& file) {
    const auto text = read_text(file);
    if (!text && text.error().code == Code::not_found) return Contexts{};
    if (!text) return tl::unexpected(text.error());
    CMQ_TRY(check_private(file));
    const auto name = file.string();
    const auto root = CMQ_TRY(parse_yaml(*text, name));
    if (root.kind == Yaml::Kind::nothing) return Contexts{};
    if (root.kind != Yaml::Kind::map)
        return tl::unexpected(wrong_at(name, root.place, "a map with \"contexts\" is expected"));
    Contexts contexts;
    for (std::size_t at = 0; at < root.keys.size(); ++at) {
        const auto& key = root.keys[at];
        const auto& value = root.items[at];
        if (key.name == "contexts") {
            CMQ_TRY(read_all(contexts, value, name));
        } else if (key.name == "current" && value.kind == Yaml::Kind::scalar) {
            contexts.current = value.text;
        } else {
            return tl::unexpected(
                wrong_at(name, key.place, "\"" + key.name + "\" is not a key of this file"));
        }
    }
    return contexts;
}

Status write_contexts(const std::filesystem::path& file, const Contexts& contexts) {
    std::string text = "# Brokers that cmq knows; see: cmq context --help\n";
    if (!contexts.current.empty()) text += "current: " + yaml_quoted(contexts.current) + '\n';
    text += "contexts:\n";
    for (const auto& context : contexts.all) {
        text += "  " + yaml_quoted(context.name) + ":\n";
        for (const auto& field : fields)
            if (const auto& value = context.*(field.value); !value.empty())
                text += "    " + std::string(field.key) + ": " + yaml_quoted(value) + '\n';
    }
    return write_private(file, text);
}

Status check_context_name(std::string_view name) {
    constexpr std::string_view allowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    if (name.empty() || name.size() > 64 || name.find_first_not_of(allowed) != name.npos)
        return fail(Code::invalid, "context name \"" + std::string(name) +
                                       "\": 1 to 64 letters, digits, '-', '_' or '.' are needed");
    return {};
}

}  // namespace cmq::config
