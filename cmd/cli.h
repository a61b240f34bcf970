// cmd/cli.h: what a command is, and how the words of a command line reach it.
//
//     words --> the command with the longest path --> its Arguments --> run --> exit status
//
// Results go to `out`, everything else to `err`; an error's Code becomes the exit status
// (cmd/exit_codes.h). No rules of the broker here.
#pragma once

#include <iosfwd>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "client/client.h"
#include "cmd/arguments.h"
#include "cmd/progress.h"
#include "config/settings.h"

namespace cmq::cmd {

class Context;

struct Command {
    /// `path` as typed: "queue create".
    Command(std::string path_, std::string summary_)
        : path(std::move(path_)), summary(std::move(summary_)) {}
    virtual ~Command() = default;

    virtual void describe(Arguments& arguments) = 0;
    virtual Status run(Context& context) = 0;

    std::string path;
    std::string summary;  // one line, no full stop
    std::string alias;    // another path; empty: none
};
using Commands = std::vector<std::unique_ptr<Command>>;

/// With what every command has.
Arguments describe(Command& command);

/// What surrounds a running command.
class Context {
public:
    Context(std::ostream& out_, std::ostream& err_, int in_, const Commands& commands_)
        : out(out_), err(err_), in(in_), commands(commands_) {}

    std::ostream& out;
    std::ostream& err;
    int in;                    // file descriptor of the input
    const Commands& commands;  // all there are
    bool interrupted = false;  // set by a command that ended cleanly on SIGINT: exit status 130

    Result<config::Settings> settings(
        config::ContextFrom from = config::ContextFrom::anywhere) const;
    /// Where the broker is, and the key. errors  invalid: nobody said.
    Result<client::Options> client_options() const;
    Result<client::Client> connect() const;
    /// What -o chose, else the environment and the project file; else a table on a terminal and
    /// plain in a pipe, as far as the command has them. errors  invalid: a template is wrong, or
    /// a word from further away is no form or color at all.
    Result<Form> form() const;
    bool has_given(std::string_view setting) const;  // on the command line

    Reader reader_of_out() const;
    Reader reader_of_err() const;
    Color color_for(Reader reader) const;
    /// Where progress is shown. Results that run over a terminal are progress enough.
    Progress::Where progress_beside_results() const;
    Progress::Where progress() const;  // of a command whose results come at the end
    bool can_ask() const;              // both ends are a terminal
    /// Asks where it can, else goes on; only y and yes agree. errors  internal: declined.
    Status confirm(const std::string& question) const;
    /// errors  io: what was printed so far did not reach its reader.
    Status flush() const;

    void take(const Arguments& arguments);

private:
    Result<std::string> form_text() const;  // as -o would take it
    Format usual_format() const;            // when nobody chose one
    bool has(Format format) const;
    Status check_color() const;

    GivenSettings given_;
    std::vector<std::string> formats_;  // that the command has
    std::vector<std::string> keys_;     // and its templates
};

/// Runs one command line (without the program's name) and gives the exit status.
int run_command_line(const Commands& commands, const std::vector<std::string>& words,
                     std::ostream& out, std::ostream& err, int in);

/// What `-o version` and user agents say.
std::string_view version();

}  // namespace cmq::cmd
