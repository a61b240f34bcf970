#include "cmd/json_form.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace cmq::cmd {
namespace {

using Json = nlohmann::ordered_json;

/// Null where there is nothing of that key.
Json value_at(const Json& object, std::string key) {
    std::replace(key.begin(), key.end(), '.', '/');
    const Json::json_pointer place('/' + key);
    return object.contains(place) ? object[place] : Json();
}

std::string text_of(const Json& value, Template::Shape shape) {
    if (shape == Template::Shape::text && value.is_string()) return value.get<std::string>();
    if (shape == Template::Shape::text && value.is_null()) return "-";
    return value.dump();
}

}  // namespace

std::vector<std::string> keys_of(const Json& object) {
    std::vector<std::string> keys;
    for (const auto& [name, value] : object.items()) {
        if (!value.is_object()) keys.push_back(name);
        if (!value.is_object()) continue;
        for (const auto& inner : keys_of(value)) keys.push_back(name + '.' + inner);
    }
    return keys;
}

void print(std::ostream& out, const Json& object, const Form& form) {
    if (form.format != Format::pattern) {
        out << object.dump() << '\n';
        return;
    }
    out << form.pattern.fill([&](const std::string& key, Template::Shape shape) {
        return text_of(value_at(object, key), shape);
    }) << form.pattern.end();
}

}  // namespace cmq::cmd
