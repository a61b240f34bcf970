#include "cmd/docs/shell_words.h"

#include <set>

namespace cmq::cmd {

std::string joined(const std::vector<std::string>& words, char between) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : std::string(1, between)) + word;
    return text;
}

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

std::string summary_of(const Commands& commands, const std::string& word) {
    for (const auto& command : commands)
        if (command->path == word || command->alias == word) return command->summary;
    return joined(second_words(commands, word), ' ');
}

std::string pattern_of(const Command& command) {
    auto pattern = in_quotes(command.path);
    if (!command.alias.empty()) pattern += '|' + in_quotes(command.alias);
    return pattern;
}

std::vector<Page> completions(const Commands& commands) {
    return {bash_page(commands), zsh_page(commands), fish_page(commands)};
}

}  // namespace cmq::cmd
