// Completions for bash, zsh and fish. Each shell gets the same table: path, options, what to offer.
// Queue names come from the broker itself, which answers in milliseconds.
#include <algorithm>
#include <set>

#include "cmd/docs/pages.h"

namespace cmq::cmd {
namespace {

constexpr const char* note = "# Written by cmq docs completions; do not edit.\n";

std::string joined(const std::vector<std::string>& words, char between) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : std::string(1, between)) + word;
    return text;
}

/// For shells: between single quotes.
std::string in_quotes(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') {
            out += "'\\''";
        } else {
            out += c;
        }
    }
    return out + '\'';
}

std::vector<std::string> option_names(const Arguments& arguments) {
    std::vector<std::string> names;
    for (const auto& argument : arguments.all()) {
        if (argument.kind == Argument::Kind::positional) continue;
        names.push_back(argument.name);
        if (!argument.letter.empty()) names.push_back(argument.letter);
    }
    return names;
}

const Argument* first_positional(const Arguments& arguments) {
    for (const auto& argument : arguments.all())
        if (argument.kind == Argument::Kind::positional) return &argument;
    return nullptr;
}

/// First words of all paths, and per group its second words.
std::vector<std::string> first_words(const Commands& commands) {
    std::set<std::string> words;
    for (const auto& command : commands) {
        words.insert(command->path.substr(0, command->path.find(' ')));
        if (!command->alias.empty()) words.insert(command->alias);
    }
    return {words.begin(), words.end()};
}

std::vector<std::string> second_words(const Commands& commands, const std::string& group) {
    std::vector<std::string> words;
    for (const auto& command : commands)
        if (command->path.starts_with(group + ' '))
            words.push_back(command->path.substr(group.size() + 1));
    return words;
}

std::string pattern_of(const Command& command) {
    auto pattern = in_quotes(command.path);
    if (!command.alias.empty()) pattern += '|' + in_quotes(command.alias);
    return pattern;
}

/// How bash makes the candidates of an argument.
std::string bash_candidates(const Argument& argument) {
    if (!argument.choices.empty()) return "-W " + in_quotes(joined(argument.choices, ' '));
    switch (argument.offer) {
        case Offer::file:
            return "-f";
        case Offer::directory:
            return "-d";
        case Offer::queue:
            return "-W \"$(cmq queue list -o plain 2>/dev/null)\"";
        case Offer::context:
            return "-W \"$(cmq context list -o plain 2>/dev/null)\"";
        case Offer::nothing:
            return "-W ''";
    }
    return "-W ''";
}

/// `path:option) candidates` and `path:) candidates` for the first positional argument.
std::string bash_cases(const Described& described) {
    const auto& [command, arguments] = described;
    std::string inner;
    for (const auto& argument : arguments.all()) {
        if (argument.kind != Argument::Kind::option) continue;
        inner += "                " + argument.name +
                 (argument.letter.empty() ? "" : '|' + argument.letter) +
                 ") COMPREPLY=($(compgen " + bash_candidates(argument) +
                 " -- \"$word\")); return;;\n";
    }
    const auto* positional = first_positional(arguments);
    std::string text = "        " + pattern_of(*command) + ")\n";
    if (!inner.empty()) text += "            case \"$before\" in\n" + inner + "            esac\n";
    text += "            if [[ \"$word\" == -* ]]; then\n                COMPREPLY=($(compgen -W " +
            in_quotes(joined(option_names(arguments), ' ')) + " -- \"$word\"))\n";
    if (positional)
        text += "            else\n                COMPREPLY=($(compgen " +
                bash_candidates(*positional) + " -- \"$word\"))\n";
    return text + "            fi;;\n";
}

std::string bash_groups(const Commands& commands) {
    std::string text;
    for (const auto& word : first_words(commands)) {
        const auto verbs = second_words(commands, word);
        if (!verbs.empty())
            text += "        " + word + ") verbs=" + in_quotes(joined(verbs, ' ')) + ";;\n";
    }
    return text;
}

Page bash_page(const Commands& commands) {
    std::string text = note;
    text +=
        "_cmq() {\n"
        "    local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
        "    local first=\"${COMP_WORDS[1]}\" second=\"${COMP_WORDS[2]}\" verbs='' path\n"
        "    if ((COMP_CWORD == 1)); then\n"
        "        COMPREPLY=($(compgen -W " +
        in_quotes(joined(first_words(commands), ' ')) +
        " -- \"$word\"))\n"
        "        return\n"
        "    fi\n"
        "    case \"$first\" in\n" +
        bash_groups(commands) +
        "    esac\n"
        "    if [[ -n \"$verbs\" ]] && ((COMP_CWORD == 2)); then\n"
        "        COMPREPLY=($(compgen -W \"$verbs\" -- \"$word\"))\n"
        "        return\n"
        "    fi\n"
        "    path=\"$first\"\n"
        "    [[ -n \"$verbs\" && \" $verbs \" == *\" $second \"* ]] && path=\"$first $second\"\n"
        "    case \"$path\" in\n";
    for (const auto& described : describe_all(commands)) text += bash_cases(described);
    return {"cmq.bash", text + "    esac\n}\ncomplete -F _cmq cmq\n"};
}

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
        auto summary = std::string("commands");
        for (const auto& command : commands)
            if (command->path == word || command->alias == word) summary = command->summary;
        text += "            " + in_quotes(word + ':' + zsh_text(summary)) + '\n';
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

Page zsh_page(const Commands& commands) {
    std::string text = std::string("#compdef cmq\n") + note;
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

std::string fish_action(const Argument& argument) {
    if (!argument.choices.empty()) return " -xa " + in_quotes(joined(argument.choices, ' '));
    switch (argument.offer) {
        case Offer::file:
            return " -rF";
        case Offer::directory:
            return " -xa '(__fish_complete_directories)'";
        case Offer::queue:
            return " -xa '(cmq queue list -o plain 2>/dev/null)'";
        case Offer::context:
            return " -xa '(cmq context list -o plain 2>/dev/null)'";
        case Offer::nothing:
            return " -x";
    }
    return " -x";
}

/// True when the words so far begin with the command's path.
std::string fish_condition(const std::string& path) {
    std::string test = "__fish_seen_subcommand_from ";
    const auto blank = path.find(' ');
    if (blank == path.npos) return test + path;
    return test + path.substr(0, blank) + "; and " + test + path.substr(blank + 1);
}

std::string fish_arguments(const Described& described, const std::string& path) {
    const auto begin = "complete -c cmq -n " + in_quotes(fish_condition(path));
    std::string text;
    for (const auto& argument : described.arguments.all()) {
        const auto help = " -d " + in_quotes(argument.help) + '\n';
        if (argument.kind == Argument::Kind::positional) continue;
        text += begin + " -l " + argument.name.substr(2);
        if (!argument.letter.empty()) text += " -s " + argument.letter.substr(1);
        text += (argument.kind == Argument::Kind::flag ? "" : fish_action(argument)) + help;
    }
    const auto* positional = first_positional(described.arguments);
    if (positional && positional->offer != Offer::nothing)
        text += begin + fish_action(*positional) + '\n';
    return text;
}

Page fish_page(const Commands& commands) {
    std::string text = std::string(note) + "complete -c cmq -f\n";
    for (const auto& word : first_words(commands)) {
        const auto verbs = second_words(commands, word);
        text += "complete -c cmq -n __fish_use_subcommand -a " + word + '\n';
        if (verbs.empty()) continue;
        const auto all = joined(verbs, ' ');
        text += "complete -c cmq -n " +
                in_quotes("__fish_seen_subcommand_from " + word +
                          "; and not __fish_seen_subcommand_from " + all) +
                " -a " + in_quotes(all) + '\n';
    }
    for (const auto& described : describe_all(commands)) {
        text += fish_arguments(described, described.command->path);
        if (!described.command->alias.empty())
            text += fish_arguments(described, described.command->alias);
    }
    return {"cmq.fish", text};
}

}  // namespace

std::vector<Page> completions(const Commands& commands) {
    return {bash_page(commands), zsh_page(commands), fish_page(commands)};
}

}  // namespace cmq::cmd
