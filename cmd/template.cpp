#include "cmd/template.h"

#include <algorithm>

#include "cmd/nearest.h"

namespace cmq::cmd {
namespace {

constexpr std::string_view as_json = ":json";

tl::unexpected<Error> unknown(const std::string& key, const std::vector<std::string>& keys) {
    auto text = "template: {" + key + "} is not a key";
    if (const auto meant = nearest(key, keys))
        return fail(Code::invalid, text + ", did you mean {" + *meant + "}?");
    text += "; there are";
    for (const auto& known : keys) text += " {" + known + '}';
    return fail(Code::invalid, text);
}

}  // namespace

Result<Template> Template::parse(std::string_view text, const std::vector<std::string>& keys) {
    if (text.empty()) return fail(Code::invalid, "template: is empty");
    Template parsed;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool is_last = at + 1 == text.size();
        if (text[at] == '\\') {
            if (is_last) return fail(Code::invalid, "template: ends with a backslash");
            CMQ_TRY(parsed.add_escape(text[++at]));
        } else if (text[at] == '{' && !is_last && text[at + 1] == '{') {
            parsed.parts_.back().text += text[at++];
        } else if (text[at] == '{') {
            const auto end = text.find('}', at);
            if (end == text.npos) return fail(Code::invalid, "template: { without }");
            CMQ_TRY(parsed.add_key(text.substr(at + 1, end - at - 1), keys));
            at = end;
        } else {
            parsed.parts_.back().text += text[at];
        }
    }
    const auto& last = parsed.parts_.back().text;
    parsed.ends_itself_ = last.ends_with('\n') || last.ends_with('\0');
    return parsed;
}

Status Template::add_escape(char letter) {
    constexpr std::string_view letters = "nt0\\", meant{"\n\t\0\\", 4};
    const auto at = letters.find(letter);
    if (at == letters.npos)
        return fail(Code::invalid,
                    std::string("template: \\") + letter + " is not \\n, \\t, \\0 or \\\\");
    parts_.back().text += meant[at];
    return {};
}

Status Template::add_key(std::string_view inner, const std::vector<std::string>& keys) {
    auto& part = parts_.back();
    if (inner.ends_with(as_json)) {
        part.shape = Shape::json;
        inner.remove_suffix(as_json.size());
    }
    part.key = inner;
    if (std::find(keys.begin(), keys.end(), part.key) == keys.end()) return unknown(part.key, keys);
    parts_.emplace_back();
    return {};
}

std::string Template::fill(const ValueOf& value_of) const {
    std::string text;
    for (const auto& part : parts_) {
        text += part.text;
        if (!part.key.empty()) text += value_of(part.key, part.shape);
    }
    return text;
}

}  // namespace cmq::cmd
