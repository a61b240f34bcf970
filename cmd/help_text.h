// cmd/help_text.h: what `--help` says, from the description of a command.
#pragma once

#include <string>

#include "cmd/cli.h"

namespace cmq::cmd {

std::string overview(const Commands& commands, Color color);
std::string help_text(const Command& command, const Arguments& arguments, Color color);
/// The commands whose path begins with `group`.
std::string group_help(const Commands& commands, const std::string& group, Color color);

std::string usage_line(const Command& command, const Arguments& arguments);
/// "-o, --output table|plain", "--wait DURATION", "QUEUE".
std::string label_of(const Argument& argument);
/// The help of an argument with its default and its variable.
std::string explanation_of(const Argument& argument);
/// "{id}, {body}"
std::string keys_text(const Arguments& arguments);

}  // namespace cmq::cmd
