// cmd/child.h: a program that gets one text as its input. No shell is between: each word is one
// argument, as it is.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace cmq::cmd {

/// Looks for it in PATH, unless the name holds a slash. errors  invalid: none that can be run.
Status check_program(const std::string& name);

/// How a program ended.
struct ChildEnd {
    int status = 0;
    int signal = 0;  // that killed it; 0: none
    bool is_good() const { return status == 0 && signal == 0; }
    std::string text() const;  // "exited with 3", "was killed by signal 9"
};

/// Its output and errors are ours. Signals reach it as they reach any program. Whoever starts one
/// waits for its end.
class Child {
public:
    /// `words[0]` is the program. `variables` are added to our environment. errors  io.
    static Result<Child> start(const std::vector<std::string>& words,
                               const std::map<std::string, std::string>& variables,
                               std::string input);
    Child(Child&& other) noexcept;
    Child& operator=(Child&&) = delete;
    ~Child();

    /// Feeds it; nothing: it still runs at `until`.
    std::optional<ChildEnd> wait_until(std::chrono::steady_clock::time_point until);

private:
    Child(pid_t id, int ended, int feed, std::string input)
        : id_(id), ended_(ended), feed_(feed), input_(std::move(input)) {}
    void feed_some();
    void close_feed();
    ChildEnd reap() const;

    pid_t id_;
    int ended_;  // pidfd, readable once it has ended
    int feed_;   // its input; -1: all is written, or it reads no more
    std::string input_;
    std::size_t written_ = 0;
};

}  // namespace cmq::cmd
