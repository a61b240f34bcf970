// cli/listed.h: what the program says of itself.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace cmq::support {

/// The paths that `cmq --help` lists.
inline std::vector<std::vector<std::string>> listed_commands() {
    std::istringstream lines(run({cmq_binary(), "--help"}).out);
    std::vector<std::vector<std::string>> commands;
    for (std::string line; std::getline(lines, line);) {
        if (line == "Thirty seconds:") break;
        if (line.rfind("  ", 0) != 0 || line[2] == ' ') continue;
        std::istringstream words(line.substr(2, 18));
        std::vector<std::string> command;
        for (std::string word; words >> word;) command.push_back(word);
        commands.push_back(command);
    }
    return commands;
}

/// The lines under "Examples:" of a command's --help, without what they explain.
inline std::vector<std::string> listed_examples(std::vector<std::string> command) {
    command.insert(command.begin(), cmq_binary());
    command.emplace_back("--help");
    std::istringstream lines(run(command).out);
    std::vector<std::string> examples;
    bool is_example = false;
    for (std::string line; std::getline(lines, line);) {
        const bool is_indented_once = line.rfind("  ", 0) == 0 && line.rfind("   ", 0) != 0;
        if (is_example && is_indented_once) examples.push_back(line.substr(2));
        if (line == "Examples:") is_example = true;
    }
    return examples;
}

}  // namespace cmq::support
