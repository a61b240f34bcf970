// config/fields.h: a map of YAML to the members of a struct, one table row a key.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "config/values.h"
#include "config/yaml.h"

namespace cmq::config {

/// How the text of one key becomes a value of `Target`.
template <class Target>
struct FieldOf {
    std::string_view name;
    std::function<Status(Target&, const std::string&)> assign;
};

/// Assigns every entry of `map`, whose keys are prefixed with `section`; nested maps become
/// sections: {tls: {key: x}} is "tls.key". errors  invalid, with file, line and column.
template <class Target>
Status assign_fields(Target& target, const Yaml& map, const std::string& section,
                     const std::vector<FieldOf<Target>>& fields, std::string_view file) {
    if (map.kind == Yaml::Kind::nothing) return {};
    if (map.kind != Yaml::Kind::map)
        return tl::unexpected(wrong_at(file, map.place, "a map of settings is expected"));
    for (std::size_t at = 0; at < map.keys.size(); ++at) {
        const auto name = section + map.keys[at].name;
        const auto& value = map.items[at];
        const auto begins_section = [&](const auto& field) {
            return field.name.starts_with(name + '.');
        };
        // A dot is ours: what is written as one word could be given twice.
        const bool is_word = map.keys[at].name.find('.') == std::string::npos;
        const auto is_it = [&](const auto& field) { return is_word && field.name == name; };
        if (const auto field = std::find_if(fields.begin(), fields.end(), is_it);
            field != fields.end()) {
            if (value.kind != Yaml::Kind::scalar)
                return tl::unexpected(wrong_at(file, value.place, name + " needs one value"));
            const auto assigned = field->assign(target, value.text);
            if (!assigned)
                return tl::unexpected(
                    wrong_at(file, value.place, name + ": " + assigned.error().message));
        } else if (std::any_of(fields.begin(), fields.end(), begins_section)) {
            CMQ_TRY(assign_fields(target, value, name + '.', fields, file));
        } else {
            return tl::unexpected(
                wrong_at(file, map.keys[at].place, "\"" + name + "\" is not a known key"));
        }
    }
    return {};
}

}  // namespace cmq::config
