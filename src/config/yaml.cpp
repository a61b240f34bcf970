#include "config/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <optional>
#include <sstream>

namespace cmq::config {
namespace {

Place place_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

/// Builds the tree from the parser's events. The first thing that is wrong stays.
class Builder final : public YAML::EventHandler {
public:
    explicit Builder(std::string_view name) : name_(name) {}

    Yaml root;
    std::optional<Error> error;

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        refuse_anchor(mark, anchor);
        add({Yaml::Kind::nothing, place_of(mark), {}, {}, {}});
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        wrong(place_of(mark), "aliases are not supported");
        add({});
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        refuse_anchor(mark, anchor);
        refuse_tag(mark, tag);
        add({Yaml::Kind::scalar, place_of(mark), value, {}, {}});
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        begin(Yaml::Kind::list, mark, tag, anchor);
    }
    void OnSequenceEnd() override { end(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        begin(Yaml::Kind::map, mark, tag, anchor);
    }
    void OnMapEnd() override { end(); }

private:
    void wrong(Place place, std::string_view what) {
        if (!error) error = wrong_at(name_, place, what);
    }
    void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
        if (anchor != 0) wrong(place_of(mark), "anchors are not supported");
    }
    void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
        if (!tag.empty() && tag != "?" && tag != "!")
            wrong(place_of(mark), "the tag " + tag + " is not supported");
    }

    void begin(Yaml::Kind kind, const YAML::Mark& mark, const std::string& tag,
               YAML::anchor_t anchor) {
        refuse_anchor(mark, anchor);
        refuse_tag(mark, tag);
        open_.push_back({kind, place_of(mark), {}, {}, {}});
    }

    void end() {
        auto whole = std::move(open_.back());
        open_.pop_back();
        add(std::move(whole));
    }

    void add(Yaml value) {
        if (open_.empty()) {
            root = std::move(value);
            return;
        }
        auto& parent = open_.back();
        const bool is_key =
            parent.kind == Yaml::Kind::map && parent.keys.size() == parent.items.size();
        if (is_key) {
            add_key(parent, value);
        } else {
            parent.items.push_back(std::move(value));
        }
    }

    void add_key(Yaml& map, const Yaml& key) {
        if (key.kind != Yaml::Kind::scalar) wrong(key.place, "a key must be a word");
        for (const auto& known : map.keys)
            if (known.name == key.text)
                wrong(key.place, "\"" + key.text + "\" stands here a second time (first in line " +
                                     std::to_string(known.place.line) + ')');
        map.keys.push_back({key.text, key.place});
    }

    std::string name_;
    std::vector<Yaml> open_;
};

}  // namespace

const Yaml* Yaml::find(std::string_view key) const {
    for (std::size_t at = 0; at < keys.size(); ++at)
        if (keys[at].name == key) return &items[at];
    return nullptr;
}

Result<Yaml> parse_yaml(std::string_view text, std::string_view name) {
    Builder builder(name);
    std::istringstream stream{std::string(text)};
    try {
        YAML::Parser parser(stream);
        parser.HandleNextDocument(builder);
        if (!builder.error && parser.HandleNextDocument(builder))
            builder.error = wrong_at(name, {1, 1}, "only one document is allowed in a file");
    } catch (const YAML::Exception& exception) {
        return tl::unexpected(wrong_at(name, place_of(exception.mark), exception.msg));
    }
    if (builder.error) return tl::unexpected(*builder.error);
    return std::move(builder.root);
}

Error wrong_at(std::string_view name, Place place, std::string_view what) {
    return {Code::invalid, std::string(name) + ':' + std::to_string(place.line) + ':' +
                               std::to_string(place.column) + ": " + std::string(what)};
}

std::string yaml_quoted(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7f) {
            out += "\\x";
            out += digits[byte >> 4];
            out += digits[byte & 15];
        } else {
            out += c;
        }
    }
    return out + '"';
}

}  // namespace cmq::config
