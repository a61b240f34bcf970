// Manual pages in the man macros; cmq.yaml.5 comes from the table of keys.
#include <algorithm>

#include "cmd/docs/pages.h"
#include "cmd/exit_codes.h"
#include "cmd/help_text.h"
#include "config/server.h"

namespace cmq::cmd {
namespace {

/// What roff would take for itself: backslashes, hyphens, and a dot or quote that begins a line.
std::string roff(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) out += "\\&";
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else {
            out += c;
        }
    }
    return out;
}

std::string head(const std::string& name, const std::string& section, const std::string& summary) {
    std::string title;
    for (const char c : name) title += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return ".\\\" Written by cmq docs man; do not edit.\n.TH \"" + roff(title) + "\" \"" + section +
           "\" \"\" \"cmq " + std::string(version()) + "\" \"cmq\"\n.SH NAME\n" + roff(name) +
           " \\- " + roff(summary) + '\n';
}

std::string tagged(const std::string& label, const std::string& text) {
    return ".TP\n.B " + roff(label) + '\n' + roff(text) + '\n';
}

std::string page_name(const std::string& path) {
    auto name = "cmq-" + path;
    std::replace(name.begin(), name.end(), ' ', '-');
    return name;
}

template <class Wanted>
std::string tagged_arguments(const char* title, const Arguments& arguments, Wanted wanted) {
    std::string text;
    for (const auto& argument : arguments.all())
        if (wanted(argument)) text += tagged(label_of(argument), explanation_of(argument));
    return text.empty() ? text : std::string(".SH ") + title + '\n' + text;
}

std::string options(const char* title, const Arguments& arguments, Argument::Group group) {
    return tagged_arguments(title, arguments, [group](const Argument& argument) {
        return argument.kind != Argument::Kind::positional && argument.group == group;
    });
}

std::string paragraphs(const Arguments& arguments) {
    std::string text;
    for (const auto& paragraph : arguments.paragraphs()) {
        text += ".PP\n" + roff(paragraph) + '\n';
        // An empty line would be one on the page, too.
        for (auto at = text.find("\n\n"); at != text.npos; at = text.find("\n\n"))
            text.replace(at, 2, "\n.PP\n");
    }
    return text;
}

std::string examples(const Arguments& arguments) {
    std::string text;
    for (const auto& example : arguments.examples())
        text += ".TP\n.B " + roff(example.line) + '\n' + roff(example.what) + '\n';
    return text.empty() ? text : ".SH EXAMPLES\n" + text;
}

Page command_page(const Described& described) {
    const auto& [command, arguments] = described;
    auto text = head(page_name(command->path), "1", command->summary) + ".SH SYNOPSIS\n.B " +
                roff(usage_line(*command, arguments)) + '\n';
    if (!command->alias.empty()) text += ".br\n.B " + roff("cmq " + command->alias) + '\n';
    const auto about = paragraphs(arguments);
    text += ".SH DESCRIPTION\n" + roff(command->summary) + ".\n" + about;
    text += tagged_arguments("ARGUMENTS", arguments, [](const Argument& argument) {
        return argument.kind == Argument::Kind::positional;
    });
    text += options("OPTIONS", arguments, Argument::Group::own);
    const auto keys = keys_text(arguments);
    if (!keys.empty()) text += ".SH KEYS OF TEMPLATES\n" + roff(keys) + '\n';
    text += options("BROKER", arguments, Argument::Group::connection);
    text += options("GENERAL", arguments, Argument::Group::general);
    text += examples(arguments);
    text += ".SH EXIT STATUS\nSee\n.BR cmq (1).\n.SH SEE ALSO\n.BR cmq (1)\n";
    return {page_name(command->path) + ".1", text};
}

Page overview_page(const Commands& commands) {
    auto text = head("cmq", "1", "a message broker that speaks the CMQ API, and its commands");
    text += ".SH SYNOPSIS\n.B cmq\n.I COMMAND\n[OPTIONS]\n.SH COMMANDS\n";
    for (const auto& command : commands)
        text +=
            ".TP\n.BR " + roff(page_name(command->path)) + " (1)\n" + roff(command->summary) + '\n';
    text += ".SH EXIT STATUS\n";
    for (const auto& code : exit_codes)
        text += tagged(std::to_string(code.status), std::string(code.meaning));
    text +=
        ".SH ENVIRONMENT\n"
        ".TP\n.B CMQ_ENDPOINT\nhttps://host:port of the broker, or several, separated by commas\n"
        ".TP\n.B CMQ_CA_FILE\nPEM file of the authority that signed the broker's certificate\n"
        ".TP\n.B CMQ_SECRET_ID\nid of the key that signs requests\n"
        ".TP\n.B CMQ_SECRET_KEY\nthe secret key itself\n"
        ".TP\n.B CMQ_SECRET_KEY_FILE\na file that holds it\n"
        ".TP\n.B CMQ_CONTEXT\na context of the user's file\n"
        ".TP\n.B CMQ_OUTPUT\nform of the results, for commands that have it\n"
        ".TP\n.B CMQ_COLOR\nauto, always or never: emphasis\n"
        ".TP\n.B NO_COLOR\nwhen set, no emphasis unless CMQ_COLOR or \\-\\-color asks for it\n"
        ".PP\nA flag beats the environment, that the project file, that the user's file.\n"
        ".SH FILES\n"
        ".TP\n.I .cmq.yaml\nproject file, in the working directory or above: endpoint, ca_file,\n"
        "secret_id, secret_key_file, context, output, color\n"
        ".TP\n.I $XDG_CONFIG_HOME/cmq/contexts.yaml\nthe user's contexts, mode 0600\n"
        ".SH SEE ALSO\n.BR cmq.yaml (5)\n";
    return {"cmq.1", text};
}

Page configuration_page() {
    auto text = head("cmq.yaml", "5", "configuration of a cmq broker");
    text +=
        ".SH DESCRIPTION\nWhat\n.B cmq serve \\-\\-config\nreads, and\n.B cmq init\nwrites: YAML, "
        "with the keys below. A name with a dot is a key in a section.\nRelative paths are meant "
        "from where the file is. Unknown keys and keys that stand twice\nare errors, and so are "
        "numbers with a leading zero.\n.PP\nDurations are written 500ms, 5s, 2m, 1h or 4d, sizes "
        "512B, 64KiB, 1MiB or 2GiB.\n.SH KEYS\n";
    for (const auto& key : config::server_keys()) {
        auto help = std::string(key.help);
        if (!key.initial.empty()) help += " (default: " + std::string(key.initial) + ')';
        text += ".TP\n.BI " + roff(std::string(key.name) + ":") + " \" " + roff(key.value) +
                "\"\n" + roff(help) + '\n';
    }
    text +=
        ".SH KEYS FILE\nThe file that\n.B keys\nnames, mode 0600:\n.PP\n.nf\n.RS\nkeys:\n  \\- id: "
        "AKID1\n    secret_key_file: identity/secret_key\n    namespace: 1\n    enabled: true\n"
        "    allow_sha1: true\n.RE\n.fi\n.SH SEE ALSO\n.BR cmq (1),\n.BR cmq\\-serve (1),\n.BR "
        "cmq\\-init (1)\n";
    return {"cmq.yaml.5", text};
}

}  // namespace

std::vector<Described> describe_all(const Commands& commands) {
    std::vector<Described> all;
    for (const auto& command : commands) all.push_back({command.get(), describe(*command)});
    return all;
}

std::vector<Page> manual_pages(const Commands& commands) {
    std::vector<Page> pages{overview_page(commands), configuration_page()};
    for (const auto& described : describe_all(commands)) pages.push_back(command_page(described));
    return pages;
}

}  // namespace cmq::cmd
