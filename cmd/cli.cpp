#include "cmd/cli.h"

#include <algorithm>

#include "cmd/cli_words.h"
#include "cmd/exit_codes.h"
#include "cmd/help_text.h"
#include "cmd/nearest.h"

namespace cmq::cmd {
namespace {

bool wants_help(const Words& words) {
    const auto end = std::find(words.begin(), words.end(), "--");
    return std::any_of(words.begin(), end,
                       [](const auto& word) { return word == "--help" || word == "-h"; });
}

/// Options of the broker and of the output may stand before the command, too.
Arguments before_command() {
    Arguments general;
    general.connects();
    general.output({}, {});
    general.general();
    return general;
}

const Argument* find_option(const Arguments& arguments, const std::string& word) {
    const auto name = word.substr(0, word.find('='));
    for (const auto& argument : arguments.all())
        if (argument.name == name || argument.letter == name) return &argument;
    return nullptr;
}

/// How many words the option at the front of `words` takes, with its value.
std::size_t words_of_option(const Arguments& general, const std::string& word) {
    const auto* option = find_option(general, word);
    const bool has_value = word.find('=') != std::string::npos;
    return option && option->kind == Argument::Kind::option && !has_value ? 2 : 1;
}

std::size_t words_before_command(const Words& words) {
    const auto general = before_command();
    std::size_t at = 0;
    while (at < words.size() && words[at].starts_with('-'))
        at += words_of_option(general, words[at]);
    return std::min(at, words.size());
}

/// `words` are options only.
Error no_command(const Words& words) {
    const auto general = before_command();
    for (std::size_t at = 0; at < words.size(); at += words_of_option(general, words[at]))
        if (!find_option(general, words[at]) && words[at] != "--")
            return {Code::invalid, "there is no option " +
                                       in_quotes(words[at].substr(0, words[at].find('='))) +
                                       "; see: cmq --help"};
    return {Code::invalid, "a command is missing; see: cmq --help"};
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

int report(const Context& context, const Error& error) {
    const auto color = context.color_for(context.reader_of_err());
    context.err << tinted(Tint::red, "cmq:", color) << ' ' << error.message << '\n';
    return exit_status(error.code);
}

/// An address that nobody answers to may be another than one thinks.
Error with_origin(Error error) {
    if (error.code == Code::unreachable && error.message.starts_with("cannot connect"))
        error.message += "; cmq config explain says where the address comes from";
    return error;
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
    if (!ran) return report(context, with_origin(ran.error()));
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
    if (!words.empty() && !wants_help(words)) return report(context, no_command(words));
    return explain(context, words, {});
}

}  // namespace cmq::cmd
