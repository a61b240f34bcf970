#include "cmd/help_text.h"

#include <algorithm>

#include "cmd/wrap.h"

namespace cmq::cmd {
namespace {

constexpr std::size_t option_column = 30;
constexpr std::size_t command_column = 20;

std::string upper(std::string_view text) {
    std::string out;
    for (const char c : text) out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return out;
}

/// A label that takes its column and more has a line of its own.
std::string row(std::string label, const std::string& text, std::size_t column) {
    label.insert(0, "  ");
    if (label.size() + 2 > column) return label + '\n' + row({}, text, column);
    label.resize(column, ' ');
    return label + wrapped(text, column) + '\n';
}

std::string section(std::string_view title, const std::string& text, Color color) {
    if (text.empty()) return text;
    return '\n' + tinted(Tint::bold, std::string(title) + ':', color) + '\n' + text;
}

template <class Wanted>
std::string rows(const Arguments& arguments, Wanted wanted) {
    std::string text;
    for (const auto& argument : arguments.all())
        if (wanted(argument))
            text += row(label_of(argument), explanation_of(argument), option_column);
    return text;
}

std::string rows(const Arguments& arguments, Argument::Group group) {
    return rows(arguments, [group](const Argument& argument) {
        return argument.kind != Argument::Kind::positional && argument.group == group;
    });
}

std::string example_rows(const Arguments& arguments) {
    std::string text;
    for (const auto& example : arguments.examples())
        text += "  " + example.line + "\n      " + example.what + '\n';
    return text;
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
    std::string behind;
    for (const auto& argument : arguments.all()) {
        if (argument.kind != Argument::Kind::positional) continue;
        const auto label = label_of(argument);
        if (argument.is_required) line += ' ' + label;
        if (!argument.is_required && argument.is_repeated) behind = " [-- " + label + ']';
        if (!argument.is_required && !argument.is_repeated) line += " [" + label + ']';
    }
    const bool has_options = std::any_of(
        arguments.all().begin(), arguments.all().end(),
        [](const auto& argument) { return argument.kind != Argument::Kind::positional; });
    return (has_options ? line + " [OPTIONS]" : line) + behind;
}

std::string keys_text(const Arguments& arguments) {
    std::string text, inner;
    for (const auto& key : arguments.keys()) {
        const bool is_inner = key.find('.') != key.npos;
        if (!is_inner) text += (text.empty() ? "{" : ", {") + key + '}';
        if (is_inner) inner = key;
    }
    return inner.empty() ? text : text + "; inside of the objects of -o json like {" + inner + '}';
}

std::string help_text(const Command& command, const Arguments& arguments, Color color) {
    auto text = command.summary + ".\n\n" + tinted(Tint::bold, "Usage:", color) + ' ' +
                usage_line(command, arguments) + '\n';
    if (!command.alias.empty()) text += "       (or: cmq " + command.alias + ")\n";
    for (const auto& paragraph : arguments.paragraphs())
        text += '\n' + wrapped(paragraph, 0) + '\n';
    const auto add = [&](std::string_view title, const std::string& rows) {
        text += section(title, rows, color);
    };
    add("Arguments", rows(arguments, [](const Argument& argument) {
            return argument.kind == Argument::Kind::positional;
        }));
    add("Options", rows(arguments, Argument::Group::own));
    const auto keys = keys_text(arguments);
    add("Keys of -o template=", keys.empty() ? keys : "  " + wrapped(keys, 2) + '\n');
    add("Broker", rows(arguments, Argument::Group::connection));
    add("General", rows(arguments, Argument::Group::general));
    add("Examples", example_rows(arguments));
    return text;
}

std::string group_help(const Commands& commands, const std::string& group, Color color) {
    auto text = tinted(Tint::bold, "Usage:", color) + " cmq " + group + " COMMAND\n\n";
    for (const auto& command : commands)
        if (command->path.starts_with(group + ' '))
            text += row(command->path, command->summary, command_column);
    return text;
}

std::string overview(const Commands& commands, Color color) {
    std::string rows;
    for (const auto& command : commands)
        rows += row(command->path, command->summary, command_column);
    return "cmq: a message broker that speaks the CMQ API, and its commands.\n\n" +
           tinted(Tint::bold, "Usage:", color) + " cmq COMMAND [OPTIONS]\n" +
           section("Commands", rows, color) +
           "\ncmq COMMAND --help explains one, with an example.\n" +
           section("Thirty seconds",
                   "  cmq serve --dev                 # in another terminal\n"
                   "  cmq queue create orders\n"
                   "  echo hello | cmq send orders -\n"
                   "  cmq receive orders --wait 5s\n",
                   color);
}

}  // namespace cmq::cmd
