#include "cmd/help_text.h"

#include <algorithm>

namespace cmq::cmd {
namespace {

constexpr std::size_t column = 30;

std::string upper(std::string_view text) {
    std::string out;
    for (const char c : text) out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return out;
}

std::string row(std::string label, const std::string& text) {
    label = "  " + label;
    label.resize(std::max(column, label.size() + 2), ' ');
    return label + text + '\n';
}

template <class Wanted>
std::string rows(const std::string& title, const Arguments& arguments, Wanted wanted) {
    std::string text;
    for (const auto& argument : arguments.all())
        if (wanted(argument)) text += row(label_of(argument), explanation_of(argument));
    return text.empty() ? text : '\n' + title + ":\n" + text;
}

}  // namespace

std::string label_of(const Argument& argument) {
    if (argument.kind == Argument::Kind::positional)
        return upper(argument.name) + (argument.is_repeated ? "..." : "");
    auto label = argument.letter.empty() ? argument.name : argument.letter + ", " + argument.name;
    if (!argument.value.empty()) label += ' ' + argument.value;
    return label;
}

std::string explanation_of(const Argument& argument) {
    auto text = argument.help;
    if (!argument.initial.empty()) text += " (default: " + argument.initial + ')';
    if (!argument.variable.empty()) text += " [" + argument.variable + ']';
    return text;
}

std::string usage_line(const Command& command, const Arguments& arguments) {
    auto line = "cmq " + command.path;
    for (const auto& argument : arguments.all()) {
        if (argument.kind != Argument::Kind::positional) continue;
        const auto label = label_of(argument);
        line += argument.is_required ? ' ' + label : " [" + label + ']';
    }
    const bool has_options = std::any_of(
        arguments.all().begin(), arguments.all().end(),
        [](const auto& argument) { return argument.kind != Argument::Kind::positional; });
    return has_options ? line + " [OPTIONS]" : line;
}

std::string help_text(const Command& command, const Arguments& arguments) {
    auto text = command.summary + ".\n\nUsage: " + usage_line(command, arguments) + '\n';
    if (!command.alias.empty()) text += "       (or: cmq " + command.alias + ")\n";
    for (const auto& paragraph : arguments.paragraphs()) text += '\n' + paragraph + '\n';
    text += rows("Arguments", arguments, [](const Argument& argument) {
        return argument.kind == Argument::Kind::positional;
    });
    text += rows("Options", arguments, [](const Argument& argument) {
        return argument.kind != Argument::Kind::positional && !argument.is_of_connection;
    });
    text += rows("Broker", arguments,
                 [](const Argument& argument) { return argument.is_of_connection; });
    if (!arguments.examples().empty()) text += "\nExamples:\n";
    for (const auto& example : arguments.examples())
        text += "  " + example.line + "\n      " + example.what + '\n';
    return text;
}

std::string group_help(const Commands& commands, const std::string& group) {
    std::string text = "Usage: cmq " + group + " COMMAND\n\n";
    for (const auto& command : commands)
        if (command->path.starts_with(group + ' ')) text += row(command->path, command->summary);
    return text;
}

std::string overview(const Commands& commands) {
    std::string text =
        "cmq: a message broker that speaks the CMQ API, and its commands.\n\n"
        "Usage: cmq COMMAND [OPTIONS]\n\nCommands:\n";
    for (const auto& command : commands) text += row(command->path, command->summary);
    return text +
           "\ncmq COMMAND --help explains one, with an example.\n"
           "\nThirty seconds:\n"
           "  cmq serve --dev                 # in another terminal\n"
           "  cmq queue create orders\n"
           "  echo hello | cmq send orders -\n"
           "  cmq receive orders --wait 5s\n";
}

}  // namespace cmq::cmd
