// The one file that knows CLI11. It only splits words into options and values: help, types,
// suggestions and exit statuses are ours, because CLI11's differ from what we promise.
#include "cmd/cli_words.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdlib>

#include "cmd/help_text.h"
#include "cmd/nearest.h"

namespace cmq::cmd {
namespace {

/// The values of one argument, as CLI11 found them.
struct Slot {
    Argument* argument;
    Words values;
    bool is_set = false;
};

void add_option(CLI::App& app, Slot& slot) {
    const auto& argument = *slot.argument;
    auto names = argument.name;
    if (!argument.letter.empty()) names = argument.letter + ',' + names;
    if (argument.kind == Argument::Kind::flag) {
        app.add_flag(names, slot.is_set);
        return;
    }
    auto* option = app.add_option(names, slot.values);
    // As often as it is typed, one value each: how often is too often is ours to say.
    const bool is_many = argument.kind == Argument::Kind::option || argument.is_repeated;
    option->expected(is_many ? -1 : 1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->allow_extra_args(argument.kind == Argument::Kind::positional && argument.is_repeated);
}

std::string shown(const Argument& argument) {
    return argument.kind == Argument::Kind::positional ? label_of(argument) : argument.name;
}

Status check_choice(const Argument& argument, const std::string& value) {
    const auto& choices = argument.choices;
    const auto fits = [&](const std::string& choice) {
        return choice.ends_with('=') ? value.starts_with(choice) : value == choice;
    };
    if (choices.empty() || std::any_of(choices.begin(), choices.end(), fits)) return {};
    auto text = argument.name + ": " + in_quotes(value) + " is not one of " + argument.value;
    if (const auto meant = nearest(value, choices)) text += ", did you mean " + in_quotes(*meant);
    return fail(Code::invalid, text);
}

Status assign(Slot& slot) {
    auto& argument = *slot.argument;
    if (argument.kind == Argument::Kind::flag) return slot.is_set ? argument.assign("") : Status{};
    if (slot.values.empty() && !argument.variable.empty())
        if (const char* value = std::getenv(argument.variable.c_str()); value && *value)
            slot.values.emplace_back(value);
    if (slot.values.empty() && argument.is_required)
        return fail(Code::invalid, label_of(argument) + " is missing: " + argument.help);
    if (slot.values.size() > 1 && !argument.is_repeated)
        return fail(Code::invalid,
                    shown(argument) + " is given " + std::to_string(slot.values.size()) + " times");
    for (const auto& value : slot.values) {
        CMQ_TRY(check_choice(argument, value));
        if (const auto assigned = argument.assign(value); !assigned)
            return fail(Code::invalid, shown(argument) + ": " + assigned.error().message);
    }
    return {};
}

/// CLI11 names neither what it did not expect nor what was meant; this does.
Error misunderstood(const Arguments& arguments, const CLI::App& app, const CLI::ParseError& error) {
    const auto remaining = app.remaining(true);
    if (!remaining.empty()) {
        const auto word = remaining.front().substr(0, remaining.front().find('='));
        Words names;
        for (const auto& argument : arguments.all())  // nobody means --help, and it is named anyhow
            if (argument.kind != Argument::Kind::positional && argument.name != "--help")
                names.push_back(argument.name);
        auto text = word.starts_with('-') && word.size() > 1
                        ? "there is no option " + in_quotes(word)
                        : in_quotes(word) + " is one argument too many";
        if (const auto meant = nearest(word, names); meant && word.starts_with('-'))
            text += ", did you mean " + in_quotes(*meant);
        return {Code::invalid, text};
    }
    const std::string text = error.what();  // "--wait: 1 required DURATION missing"
    const auto option = text.substr(0, text.find(':'));
    for (const auto& argument : arguments.all())
        if (option == argument.name || (!argument.letter.empty() && option == argument.letter))
            return {Code::invalid, argument.name + " wants a value: " + argument.value};
    return {Code::invalid, text};
}

}  // namespace

Status parse(Arguments& arguments, const Words& words) {
    CLI::App app;
    app.set_help_flag();
    app.allow_windows_style_options(false);
    std::vector<Slot> slots;
    for (auto& argument : arguments.all()) slots.push_back({&argument, {}, false});
    for (auto& slot : slots) add_option(app, slot);
    try {
        app.parse(Words(words.rbegin(), words.rend()));
    } catch (const CLI::ParseError& error) {
        return tl::unexpected(misunderstood(arguments, app, error));
    }
    for (auto& slot : slots) CMQ_TRY(assign(slot));
    return {};
}

}  // namespace cmq::cmd
