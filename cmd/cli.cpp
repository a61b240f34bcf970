// The one file that knows CLI11. It only splits words into options and values: help, types,
// suggestions and exit statuses are ours, because CLI11's differ from what we promise.
#include "cmd/cli.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdlib>

#include "cmd/exit_codes.h"
#include "cmd/help_text.h"
#include "cmd/nearest.h"

namespace cmq::cmd {
namespace {

using Words = std::vector<std::string>;

bool wants_help(const Words& words) {
    const auto end = std::find(words.begin(), words.end(), "--");
    return std::any_of(words.begin(), end,
                       [](const auto& word) { return word == "--help" || word == "-h"; });
}

std::string in_quotes(std::string_view text) { return '"' + std::string(text) + '"'; }

/// Options of the broker and of the output may stand before the command, too.
std::size_t words_before_command(const Words& words) {
    Arguments general;
    general.connects();
    general.output({}, {});
    general.general();
    std::size_t at = 0;
    while (at < words.size() && words[at].starts_with('-')) {
        const bool takes_value =
            std::any_of(general.all().begin(), general.all().end(), [&](const auto& argument) {
                return argument.kind == Argument::Kind::option &&
                       (argument.name == words[at] || argument.letter == words[at]);
            });
        at += takes_value ? 2 : 1;
    }
    return std::min(at, words.size());
}

struct Match {
    Command* command = nullptr;
    std::size_t words = 0;  // of its path
};

std::size_t count_words(const std::string& path) {
    return static_cast<std::size_t>(std::count(path.begin(), path.end(), ' ')) + 1;
}

Match find_command(const Commands& commands, const Words& words, std::size_t from) {
    Match best;
    const auto fits = [&](const std::string& path) {
        std::string typed;
        const auto count = count_words(path);
        if (path.empty() || from + count > words.size()) return false;
        for (std::size_t at = 0; at < count; ++at) typed += (at == 0 ? "" : " ") + words[from + at];
        return typed == path;
    };
    for (const auto& command : commands)
        for (const auto& path : {command->path, command->alias})
            if (fits(path) && count_words(path) > best.words)
                best = {command.get(), count_words(path)};
    return best;
}

Error no_such_command(const Commands& commands, const Words& words, std::size_t from) {
    Words first, both;
    for (const auto& command : commands) {
        both.push_back(command->path);
        first.push_back(command->path.substr(0, command->path.find(' ')));
        if (!command->alias.empty()) first.push_back(command->alias);
    }
    auto typed = words[from];
    const bool is_group = std::find(first.begin(), first.end(), typed) != first.end();
    if (is_group && from + 1 < words.size()) typed += ' ' + words[from + 1];
    auto text = "there is no command " + in_quotes(typed);
    if (const auto meant = nearest(typed, is_group ? both : first))
        text += ", did you mean " + in_quotes(*meant);
    return {Code::invalid, text + "; see: cmq --help"};
}

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
        for (const auto& argument : arguments.all())
            if (argument.kind != Argument::Kind::positional) names.push_back(argument.name);
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

int report(const Context& context, const Error& error) {
    const auto color = context.color_for(context.reader_of_err());
    context.err << tinted(Tint::red, "cmq:", color) << ' ' << error.message << '\n';
    return exit_status(error.code);
}

int run_command(Command& command, const Words& words, Context& context) {
    auto arguments = describe(command);
    if (wants_help(words)) {
        context.out << help_text(command, arguments, context.color_for(context.reader_of_out()));
        const auto flushed = context.flush();
        return flushed ? exit_code::done : report(context, flushed.error());
    }
    if (const auto parsed = parse(arguments, words); !parsed)
        return report(context, {Code::invalid,
                                parsed.error().message + "; see: cmq " + command.path + " --help"});
    context.take(arguments);
    const auto ran = command.run(context);
    const auto flushed = context.flush();
    if (!ran) return report(context, ran.error());
    if (!flushed) return report(context, flushed.error());
    return context.interrupted ? exit_code::interrupted : exit_code::done;
}

bool is_group(const Commands& commands, const std::string& word) {
    return std::any_of(commands.begin(), commands.end(),
                       [&](const auto& command) { return command->path.starts_with(word + ' '); });
}

/// Help that was asked for is a result; any other is an answer to a mistake.
/// `group`: "" for all there is.
int explain(const Context& context, const Words& words, const std::string& group) {
    const bool is_result = wants_help(words);
    const auto color =
        context.color_for(is_result ? context.reader_of_out() : context.reader_of_err());
    (is_result ? context.out : context.err)
        << (group.empty() ? overview(context.commands, color)
                          : group_help(context.commands, group, color));
    return is_result ? exit_code::done : exit_code::usage;
}

}  // namespace

Arguments describe(Command& command) {
    Arguments arguments;
    command.describe(arguments);
    arguments.general();
    return arguments;
}

int run_command_line(const Commands& commands, const Words& words, std::ostream& out,
                     std::ostream& err, int in) {
    Context context(out, err, in, commands);
    const auto before = words_before_command(words);
    if (const auto match = find_command(commands, words, before); match.command) {
        Words rest(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(before));
        rest.insert(rest.end(), words.begin() + static_cast<std::ptrdiff_t>(before + match.words),
                    words.end());
        return run_command(*match.command, rest, context);
    }
    if (before < words.size()) {
        const bool alone = before + 1 == words.size() || words[before + 1].starts_with('-');
        if (!is_group(commands, words[before]) || !alone)
            return report(context, no_such_command(commands, words, before));
        return explain(context, words, words[before]);
    }
    if (std::find(words.begin(), words.end(), "--version") != words.end()) {
        out << "cmq " << version() << '\n';
        return exit_code::done;
    }
    if (!words.empty() && !wants_help(words))
        return report(context, {Code::invalid, "a command is missing; see: cmq --help"});
    return explain(context, words, {});
}

}  // namespace cmq::cmd
