#include "cmd/arguments.h"

namespace cmq::cmd {
namespace {

std::string upper_with(std::string_view prefix, std::string_view option) {
    std::string text(prefix);
    for (const char c : option.substr(2))
        text += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return text;
}

std::string setting_name(std::string_view option) {
    std::string text(option.substr(2));
    for (auto& c : text)
        if (c == '-') c = '_';
    return text;
}

template <class Show>
Bounds within(const broker::Range& range, Show show) {
    return {range.least, range.most, show(range.least) + " to " + show(range.most)};
}

}  // namespace

Bounds seconds_within(const broker::Range& range) {
    return within(range, [](std::int64_t seconds) {
        return config::format_duration(std::chrono::seconds{seconds});
    });
}

Bounds bytes_within(const broker::Range& range) {
    return within(range, [](std::int64_t bytes) {
        return config::format_size(static_cast<std::uint64_t>(bytes));
    });
}

Bounds count_within(const broker::Range& range) {
    return within(range, [](std::int64_t count) { return std::to_string(count); });
}

Argument& Argument::from_environment() {
    variable = upper_with("CMQ_", name);
    return *this;
}

Argument& Argument::offers(Offer what) {
    offer = what;
    return *this;
}

Argument& Argument::placeholder(std::string text) {
    value = std::move(text);
    return *this;
}

Argument& Argument::one_of(std::vector<std::string> values) {
    choices = std::move(values);
    value.clear();
    for (const auto& choice : choices)
        value += (value.empty() ? "" : "|") + choice + (choice.ends_with('=') ? "TEXT" : "");
    return *this;
}

Argument& Argument::short_name(std::string text) {
    letter = std::move(text);
    return *this;
}

Argument& Arguments::queue(std::string& name) {
    return required("queue", name, "its name").offers(Offer::queue);
}

Argument& Arguments::rest(std::string name, std::vector<std::string>& values, std::string help) {
    auto& argument = required(std::move(name), values, std::move(help));
    argument.is_repeated = true;
    return argument;
}

Argument& Arguments::words_behind(std::string name, std::vector<std::string>& values,
                                  std::string help) {
    auto& argument = optional(std::move(name), values, std::move(help));
    argument.is_repeated = true;
    return argument;
}

Argument& Arguments::flag(std::string name, bool& value, std::string help) {
    auto& argument = option(std::move(name), value, std::move(help));
    argument.kind = Argument::Kind::flag;
    argument.value.clear();
    argument.initial.clear();
    argument.assign = [&value](const std::string&) -> Status {
        value = true;
        return {};
    };
    return argument;
}

Argument& Arguments::setting(std::string name, std::string help) {
    Argument argument;
    argument.name = std::move(name);
    argument.value = "TEXT";
    argument.help = std::move(help);
    // Owned together: the arguments may be moved after they were described.
    argument.assign = [given = given_,
                       key = setting_name(argument.name)](const std::string& text) -> Status {
        if (text.empty()) return fail(Code::invalid, "a value is needed");
        given->emplace_back(key, text);
        return {};
    };
    all_.push_back(std::move(argument));
    return all_.back();
}

void Arguments::connects() {
    const auto begin = all_.size();
    setting("--context", "a context of the user file, see cmq context list")
        .placeholder("NAME")
        .offers(Offer::context);
    setting("--endpoint", "https://host:port of the broker, or several, separated by commas")
        .placeholder("URL");
    setting("--ca-file", "PEM file of the authority that signed the broker's certificate")
        .placeholder("PATH")
        .offers(Offer::file);
    setting("--secret-id", "id of the key that signs requests").placeholder("ID");
    setting("--secret-key-file", "file that holds the secret key")
        .placeholder("PATH")
        .offers(Offer::file);
    for (auto at = begin; at < all_.size(); ++at) all_[at].group = Argument::Group::connection;
}

void Arguments::output(std::initializer_list<Format> formats, std::vector<std::string> keys) {
    std::vector<std::string> names;
    for (const auto format : formats) names.emplace_back(name_of(format));
    names.emplace_back(name_of(Format::pattern));
    setting("--output", "form of the results; see cmq help output")
        .short_name("-o")
        .one_of(std::move(names));
    keys_ = std::move(keys);
}

void Arguments::general() {
    const auto begin = all_.size();
    setting("--color", "emphasis; by itself on a terminal, unless NO_COLOR is set")
        .one_of({"auto", "always", "never"});
    Argument help;  // parsing never gets to see it
    help.kind = Argument::Kind::flag;
    help.name = "--help";
    help.letter = "-h";
    help.help = "explain the command";
    help.assign = [](const std::string&) { return Status(); };
    all_.push_back(std::move(help));
    for (auto at = begin; at < all_.size(); ++at) all_[at].group = Argument::Group::general;
}

void Arguments::example(std::string line, std::string what) {
    examples_.push_back({std::move(line), std::move(what)});
}

void Arguments::about(std::string paragraph) { paragraphs_.push_back(std::move(paragraph)); }

}  // namespace cmq::cmd
