// cmd/docs/pages.h: manual pages and completions from the commands' own descriptions. Pure.
#pragma once

#include <string>
#include <vector>

#include "cmd/cli.h"

namespace cmq::cmd {

struct Page {
    std::string name;  // of the file: "cmq-send.1"
    std::string text;
};

/// cmq.1, one page a command, and cmq.yaml.5.
std::vector<Page> manual_pages(const Commands& commands);
/// cmq.bash, _cmq (zsh) and cmq.fish.
std::vector<Page> completions(const Commands& commands);

/// A command with its description.
struct Described {
    const Command* command;
    Arguments arguments;
};
std::vector<Described> describe_all(const Commands& commands);

}  // namespace cmq::cmd
