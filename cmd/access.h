// cmd/access.h: what the clients of a broker that just started must be told.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>

namespace cmq::cmd {

/// What is empty is not known.
struct Access {
    std::string endpoint;
    std::filesystem::path ca_file;
    std::string secret_id;
    std::filesystem::path secret_key_file;
};

/// Lines for a shell. What is not known has none, so that it hides nothing that the shell knows.
void print_environment(std::ostream& out, const Access& access);

/// What makes the commands find it under `name`, to be typed into a shell.
std::string context_command(const std::string& name, const Access& access);

}  // namespace cmq::cmd
