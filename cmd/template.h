// cmd/template.h: `-o template=...`: one line a record, `{key}` in place of its value.
//
//     {id}          the value as text, a body as it is
//     {body:json}   the value as JSON
//     \n \t \0 \\   control characters;  {{ is a brace
//
// A line break follows each record, but where the template itself ends with \n or \0.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cmq::cmd {

class Template {
public:
    enum class Shape { text, json };
    using ValueOf = std::function<std::string(const std::string& key, Shape shape)>;

    /// errors  invalid: an open brace, an unknown escape, a key that is not one of `keys`.
    static Result<Template> parse(std::string_view text, const std::vector<std::string>& keys);

    std::string fill(const ValueOf& value_of) const;
    /// What stands behind each record: a line break, or nothing.
    std::string_view end() const { return ends_itself_ ? "" : "\n"; }

private:
    struct Part {
        std::string text;  // as it is
        std::string key;   // behind it; empty: none
        Shape shape = Shape::text;
    };

    Status add_escape(char letter);
    Status add_key(std::string_view inner, const std::vector<std::string>& keys);

    std::vector<Part> parts_{Part{}};  // the last one is being filled
    bool ends_itself_ = false;
};

}  // namespace cmq::cmd
