// support/process.h: runs a program, feeds it, and keeps what it says. A deadline is only a safety
// net: nothing here waits for time to pass.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cmq::support {

inline constexpr int killed_status = 128 + SIGKILL;

struct Outcome {
    int status = -1;  // exit status; 128 + signal when it was killed
    std::string out;
    std::string err;
};

/// Which of a program's streams are a terminal; the others are pipes. What it prints on a terminal
/// is its `out`, or, with `error`, its `err`; lines end with "\r\n" there.
enum class OnTerminal { nothing, error, all };

struct ProcessOptions {
    std::map<std::string, std::string> environment{};   // beside PATH; nothing else is inherited
    std::filesystem::path directory{};                  // empty: ours
    std::optional<std::filesystem::path> out_file{};    // in place of a pipe
    std::optional<std::filesystem::path> error_file{};  // in place of a pipe; is added to
    int inherited = -1;  // a descriptor that stays open, with its number
    OnTerminal on_terminal = OnTerminal::nothing;
};

class Process {
public:
    /// `words[0]` is the program's path.
    Process(const std::vector<std::string>& words, const ProcessOptions& options = {});
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process();  // kills what still runs

    pid_t id() const { return id_; }
    void signal(int number) const;
    void type(const std::string& text) const;  // on its terminal, with OnTerminal::all
    /// One line of its output; "" when it ended.
    std::string read_line();
    void close_output();  // as a reader that goes away
    /// Writes `input` and closes it, reads until both outputs end, and waits for the end.
    Outcome finish(const std::string& input = {});

private:
    void take_output(Outcome& outcome, const std::string& input);

    pid_t id_ = -1;
    int in_ = -1, out_ = -1, err_ = -1;
    std::string unread_;  // beyond the last line read
};

Outcome run(const std::vector<std::string>& words, const ProcessOptions& options = {},
            const std::string& input = {});

/// The program under test: $CMQ_BINARY, else build/release/cmq.
std::string cmq_binary();
/// The same, of the next release (Makefile): $CMQ_NEXT_BINARY, else build/release/cmq_next.
std::string cmq_next_binary();

}  // namespace cmq::support
