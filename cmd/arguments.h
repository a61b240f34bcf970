// cmd/arguments.h: what may follow a command. One description makes the parser, `--help`, the
// manual pages and the shell completions.
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "broker/limits.h"
#include "cmd/form.h"
#include "config/values.h"

namespace cmq::cmd {

/// A number of bytes: `64KiB`.
struct Size {
    std::uint64_t bytes = 0;
};

// How text becomes a value. errors  invalid: it does not.
inline Status parse_value(const std::string& text, std::string& value) {
    value = text;
    return {};
}
inline Status parse_value(const std::string& text, std::filesystem::path& value) {
    if (text.empty()) return fail(Code::invalid, "a path is needed");
    value = text;
    return {};
}
inline Status parse_value(const std::string& text, std::chrono::milliseconds& value) {
    value = CMQ_TRY(config::parse_duration(text));
    return {};
}
inline Status parse_value(const std::string& text, std::chrono::seconds& value) {
    value = CMQ_TRY(config::parse_seconds(text));
    return {};
}
inline Status parse_value(const std::string& text, Size& value) {
    value.bytes = CMQ_TRY(config::parse_size(text));
    return {};
}
template <std::integral Number>
Status parse_value(const std::string& text, Number& value) {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<Number>::max());
    const auto number = CMQ_TRY(config::parse_whole(text));
    if (number > most) return fail(Code::invalid, text + " is more than " + std::to_string(most));
    value = static_cast<Number>(number);
    return {};
}
template <class Value>
Status parse_value(const std::string& text, std::optional<Value>& value) {
    return parse_value(text, value.emplace());
}
template <class Value>
Status parse_value(const std::string& text, std::vector<Value>& values) {
    return parse_value(text, values.emplace_back());
}

/// What numbers are allowed, and how people write that.
struct Bounds {
    std::int64_t least = 0;
    std::int64_t most = 0;
    std::string text;  // "1m to 15d"
};
Bounds seconds_within(const broker::Range& range);
Bounds bytes_within(const broker::Range& range);
Bounds count_within(const broker::Range& range);

// What is held to bounds.
inline std::int64_t number_in(std::chrono::seconds value) { return value.count(); }
inline std::int64_t number_in(Size value) {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::min<std::uint64_t>(value.bytes, most));
}
inline std::int64_t number_in(std::int64_t value) { return value; }
template <class Value>
std::int64_t number_in(const std::optional<Value>& value) {
    return number_in(*value);
}

// How a default is shown; "" shows none.
inline std::string show_value(const std::string& value) { return value; }
inline std::string show_value(const std::filesystem::path& value) { return value.string(); }
inline std::string show_value(std::chrono::milliseconds value) {
    return config::format_duration(value);
}
inline std::string show_value(Size value) { return config::format_size(value.bytes); }
template <std::integral Number>
std::string show_value(Number value) {
    return std::to_string(value);
}
template <class Value>
std::string show_value(const std::optional<Value>& value) {
    return value ? show_value(*value) : std::string();
}
template <class Value>
std::string show_value(const std::vector<Value>&) {
    return {};
}

// What stands for a value in usage lines.
template <class Value>
struct Placeholder {
    static constexpr auto text = std::integral<Value> ? "N" : "TEXT";
};
template <>
struct Placeholder<std::filesystem::path> {
    static constexpr auto text = "PATH";
};
template <>
struct Placeholder<std::chrono::milliseconds> {
    static constexpr auto text = "DURATION";
};
template <>
struct Placeholder<std::chrono::seconds> {
    static constexpr auto text = "DURATION";
};
template <>
struct Placeholder<Size> {
    static constexpr auto text = "SIZE";
};
template <class Value>
struct Placeholder<std::optional<Value>> : Placeholder<Value> {};
template <class Value>
struct Placeholder<std::vector<Value>> : Placeholder<Value> {};

/// What a shell may offer in place of a value.
enum class Offer { nothing, file, directory, queue, context };

struct Argument {
    enum class Kind { positional, option, flag };
    enum class Group { own, connection, general };  // of its command, or of many
    Kind kind = Kind::option;
    Group group = Group::own;
    std::string name;    // "queue", "--wait"
    std::string letter;  // "-o"; empty: none
    std::string value;   // "DURATION"; empty for flags
    std::string help;
    std::string initial;  // shown as default; empty: none
    bool is_required = false;
    bool is_repeated = false;
    std::vector<std::string> choices;  // nothing: any value
    Offer offer = Offer::nothing;
    std::string variable;  // environment variable that is taken when the option is absent
    std::function<Status(const std::string&)> assign;

    Argument& from_environment();  // CMQ_ and the option's name
    Argument& offers(Offer what);
    Argument& placeholder(std::string text);
    Argument& one_of(std::vector<std::string> values);
    Argument& short_name(std::string text);
};

struct Example {
    std::string line;
    std::string what;
};

/// Filled while parsing: connection settings and the output, by setting name.
using GivenSettings = std::vector<std::pair<std::string, std::string>>;

class Arguments {
public:
    /// The values live in the command, and outlive this.
    template <class Value>
    Argument& required(std::string name, Value& value, std::string help) {
        auto& argument = add(Argument::Kind::positional, std::move(name), value, std::move(help));
        argument.is_required = true;
        argument.initial.clear();
        return argument;
    }
    template <class Value>
    Argument& optional(std::string name, Value& value, std::string help) {
        return add(Argument::Kind::positional, std::move(name), value, std::move(help));
    }
    /// The first positional value of most commands: the name of a queue that is there.
    Argument& queue(std::string& name);
    /// One or more positional values; the last positional argument.
    Argument& rest(std::string name, std::vector<std::string>& values, std::string help);
    /// Any number of words that stand behind `--`.
    Argument& words_behind(std::string name, std::vector<std::string>& values, std::string help);
    template <class Value>
    Argument& option(std::string name, Value& value, std::string help) {
        return add(Argument::Kind::option, std::move(name), value, std::move(help));
    }
    /// The same; the help ends with the bounds. errors  invalid: a value beyond them.
    template <class Value>
    Argument& option(std::string name, Value& value, const std::string& help, Bounds bounds) {
        auto& argument = option(std::move(name), value, help + ", " + bounds.text);
        argument.assign = [&value, bounds = std::move(bounds)](const std::string& text) -> Status {
            CMQ_TRY(parse_value(text, value));
            if (const auto number = number_in(value);
                bounds.least <= number && number <= bounds.most)
                return {};
            return fail(Code::invalid, text + " is not within " + bounds.text);
        };
        return argument;
    }
    Argument& flag(std::string name, bool& value, std::string help);

    /// The options by which every client command finds its broker.
    void connects();
    /// `-o`, with `keys` for templates. Read what was chosen with Context::form.
    void output(std::initializer_list<Format> formats, std::vector<std::string> keys);
    /// What every command has.
    void general();

    /// Shown in --help and the manual; each stands there ready to be pasted.
    void example(std::string line, std::string what);
    void about(std::string paragraph);

    std::vector<Argument>& all() { return all_; }
    const std::vector<Argument>& all() const { return all_; }
    const std::vector<Example>& examples() const { return examples_; }
    const std::vector<std::string>& paragraphs() const { return paragraphs_; }
    const std::vector<std::string>& keys() const { return keys_; }  // of templates
    const GivenSettings& given() const { return *given_; }

private:
    template <class Value>
    Argument& add(Argument::Kind kind, std::string name, Value& value, std::string help) {
        Argument argument;
        argument.kind = kind;
        argument.name = std::move(name);
        argument.value = Placeholder<Value>::text;
        argument.help = std::move(help);
        argument.initial = show_value(value);
        argument.assign = [&value](const std::string& text) { return parse_value(text, value); };
        all_.push_back(std::move(argument));
        return all_.back();
    }
    Argument& setting(std::string name, std::string help);

    std::vector<Argument> all_;
    std::vector<Example> examples_;
    std::vector<std::string> paragraphs_;
    std::vector<std::string> keys_;
    std::shared_ptr<GivenSettings> given_ = std::make_shared<GivenSettings>();
};

}  // namespace cmq::cmd
