// config/yaml.h: YAML text to a tree that knows its lines; hides yaml-cpp.
//
// A careful subset: one document, maps, lists and scalars. Anchors, aliases and tags are refused,
// and so is a key that stands twice. Scalars stay text; who reads one says what it must be, so
// that `010` is never eight and `no` is never false.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace cmq::config {

struct Place {
    int line = 1;  // from 1
    int column = 1;
};

struct Yaml {
    enum class Kind { nothing, scalar, list, map };
    Kind kind = Kind::nothing;
    Place place;
    std::string text;         // of a scalar
    std::vector<Yaml> items;  // of a list; of a map: the values
    struct Key {
        std::string name;
        Place place;
    };
    std::vector<Key> keys;  // of a map, in order; keys[i] belongs to items[i]

    const Yaml* find(std::string_view key) const;
};

/// errors  invalid: "name:line:column: what is wrong".
Result<Yaml> parse_yaml(std::string_view text, std::string_view name);

/// The same form for those who find a value wrong later.
Error wrong_at(std::string_view name, Place place, std::string_view what);

/// A scalar that reads back as `text`, whatever it holds.
std::string yaml_quoted(std::string_view text);

}  // namespace cmq::config
