// Completions for bash. Queue names come from the broker itself, which answers in milliseconds.
#include "cmd/docs/shell_words.h"

namespace cmq::cmd {
namespace {

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

}  // namespace

Page bash_page(const Commands& commands) {
    std::string text = completions_note;
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

}  // namespace cmq::cmd
