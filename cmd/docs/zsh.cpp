// Completions for zsh. Queue names come from the broker itself, which answers in milliseconds.
#include "cmd/docs/shell_words.h"

namespace cmq::cmd {
namespace {

/// A text that zsh's _arguments and _describe take as it is.
std::string zsh_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == ':' || c == '[' || c == ']' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

std::string zsh_action(const Argument& argument) {
    if (!argument.choices.empty()) return '(' + joined(argument.choices, ' ') + ')';
    switch (argument.offer) {
        case Offer::file:
            return "_files";
        case Offer::directory:
            return "_files -/";
        case Offer::queue:
            return "_cmq_queues";
        case Offer::context:
            return "_cmq_contexts";
        case Offer::nothing:
            return " ";
    }
    return " ";
}

std::string zsh_specs(const Arguments& arguments) {
    std::string text;
    for (const auto& argument : arguments.all()) {
        const auto help = '[' + zsh_text(argument.help) + ']';
        const auto value = ':' + zsh_text(argument.value) + ':' + zsh_action(argument);
        if (argument.kind == Argument::Kind::positional) {
            const std::string place = argument.is_repeated ? "*:" : ":";
            text += " \\\n            " +
                    in_quotes(place + zsh_text(argument.name) + ':' + zsh_action(argument));
            continue;
        }
        const auto tail = argument.kind == Argument::Kind::flag ? help : help + value;
        text += " \\\n            " + in_quotes(argument.name + tail);
        if (!argument.letter.empty())
            text += " \\\n            " + in_quotes(argument.letter + tail);
    }
    return text;
}

std::string zsh_commands(const Commands& commands) {
    std::string text;
    for (const auto& word : first_words(commands)) {
        const auto summary = zsh_text(summary_of(commands, word));
        text += "            " + in_quotes(word + ':' + summary) + '\n';
    }
    return text;
}

std::string zsh_groups(const Commands& commands) {
    std::string text;
    for (const auto& word : first_words(commands)) {
        const auto verbs = second_words(commands, word);
        if (!verbs.empty()) text += "        " + word + ") verbs=(" + joined(verbs, ' ') + ");;\n";
    }
    return text;
}

}  // namespace

Page zsh_page(const Commands& commands) {
    std::string text = std::string("#compdef cmq\n") + completions_note;
    text +=
        "_cmq_queues() {\n"
        "    local -a names=(${(f)\"$(cmq queue list -o plain 2>/dev/null)\"})\n"
        "    compadd -a names\n}\n"
        "_cmq_contexts() {\n"
        "    local -a names=(${(f)\"$(cmq context list -o plain 2>/dev/null)\"})\n"
        "    compadd -a names\n}\n"
        "_cmq() {\n"
        "    local -a commands verbs\n"
        "    local command_path=\"${words[2]}\"\n"
        "    if ((CURRENT == 2)); then\n"
        "        commands=(\n" +
        zsh_commands(commands) +
        "        )\n"
        "        _describe command commands\n"
        "        return\n"
        "    fi\n"
        "    case \"$command_path\" in\n" +
        zsh_groups(commands) +
        "    esac\n"
        "    if ((${#verbs} && CURRENT == 3)); then\n"
        "        compadd -a verbs\n"
        "        return\n"
        "    fi\n"
        "    shift words; ((CURRENT--))\n"
        "    if ((${verbs[(Ie)${words[2]}]})); then\n"
        "        command_path=\"$command_path ${words[2]}\"\n"
        "        shift words; ((CURRENT--))\n"
        "    fi\n"
        "    case \"$command_path\" in\n";
    for (const auto& described : describe_all(commands))
        text += "        " + pattern_of(*described.command) + ") _arguments" +
                zsh_specs(described.arguments) + ";;\n";
    return {"_cmq", text + "    esac\n}\n_cmq \"$@\"\n"};
}

}  // namespace cmq::cmd
