// cmd/docs/shell_words.h: what the completions of all shells are made of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cmd/docs/pages.h"

namespace cmq::cmd {

inline constexpr const char* completions_note = "# Written by cmq docs completions; do not edit.\n";

std::string joined(const std::vector<std::string>& words, char between);
std::string in_quotes(std::string_view text);  // single ones, as shells take them

std::vector<std::string> option_names(const Arguments& arguments);
const Argument* first_positional(const Arguments& arguments);  // null: it has none

/// First words of all paths, and per group its second words.
std::vector<std::string> first_words(const Commands& commands);
std::vector<std::string> second_words(const Commands& commands, const std::string& group);
/// What a first word does: a command, or all that a group holds.
std::string summary_of(const Commands& commands, const std::string& word);
/// A command's path, and its other one, as a pattern of `case`.
std::string pattern_of(const Command& command);

Page bash_page(const Commands& commands);
Page zsh_page(const Commands& commands);
Page fish_page(const Commands& commands);

}  // namespace cmq::cmd
