#include "tests/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace cmq::support {
namespace {

constexpr int patience = 60'000;  // ms without a sign of life

struct Pipe {
    Pipe() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
        read = ends[0];
        write = ends[1];
    }
    int read, write;
};

/// Read and write are our end of a terminal; the program has the other one.
struct Terminal {
    Terminal() {
        ours = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (ours < 0 || ::grantpt(ours) != 0 || ::unlockpt(ours) != 0)
            throw std::runtime_error("posix_openpt");
        its = ::open(::ptsname(ours), O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (its < 0) throw std::runtime_error("no terminal");
    }
    int ours = -1, its = -1;
};

void close_end(int& descriptor) {
    if (descriptor >= 0) ::close(descriptor);
    descriptor = -1;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (auto& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

std::vector<std::string> environment_of(const ProcessOptions& options) {
    const char* path = std::getenv("PATH");
    std::vector<std::string> environment;
    if (!options.environment.contains("PATH"))
        environment.push_back(std::string("PATH=") + (path ? path : "/usr/bin:/bin"));
    // Sanitizers and coverage are told how to behave in this way.
    for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"})
        if (const char* value = std::getenv(name))
            environment.push_back(std::string(name) + '=' + value);
    for (const auto& [name, value] : options.environment) environment.push_back(name + '=' + value);
    return environment;
}

}  // namespace

Process::Process(const std::vector<std::string>& words, const ProcessOptions& options) {
    Pipe in, out, err;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in.read, STDIN_FILENO);
    if (options.out_file) {
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, options.out_file->c_str(),
                                         O_WRONLY | O_CREAT, 0600);
    } else {
        posix_spawn_file_actions_adddup2(&actions, out.write, STDOUT_FILENO);
    }
    if (options.error_file) {
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, options.error_file->c_str(),
                                         O_WRONLY | O_CREAT | O_APPEND, 0600);
    } else {
        posix_spawn_file_actions_adddup2(&actions, err.write, STDERR_FILENO);
    }
    // To itself: this takes away the flag that would close it.
    if (options.inherited >= 0)
        posix_spawn_file_actions_adddup2(&actions, options.inherited, options.inherited);
    if (!options.directory.empty())
        posix_spawn_file_actions_addchdir_np(&actions, options.directory.c_str());
    std::optional<Terminal> terminal;
    if (options.on_terminal != OnTerminal::nothing) {
        terminal.emplace();
        posix_spawn_file_actions_adddup2(&actions, terminal->its, STDERR_FILENO);
    }
    if (options.on_terminal == OnTerminal::all) {
        posix_spawn_file_actions_adddup2(&actions, terminal->its, STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions, terminal->its, STDOUT_FILENO);
    }
    auto arguments = words;
    auto environment = environment_of(options);
    const int failed = posix_spawn(&id_, words[0].c_str(), &actions, nullptr,
                                   pointers_to(arguments).data(), pointers_to(environment).data());
    posix_spawn_file_actions_destroy(&actions);
    close_end(in.read);
    close_end(out.write);
    close_end(err.write);
    in_ = in.write;
    out_ = out.read;
    err_ = err.read;
    if (terminal) close_end(terminal->its);
    if (options.on_terminal == OnTerminal::error) std::swap(err_, terminal->ours);
    if (options.on_terminal == OnTerminal::all) std::swap(out_, terminal->ours);
    if (terminal) close_end(terminal->ours);  // by now the pipe in its place
    if (failed != 0) throw std::runtime_error("cannot run " + words[0]);
    // A program that does not read its input must not end the tests.
    ::signal(SIGPIPE, SIG_IGN);
}

Process::~Process() {
    if (id_ > 0) {
        ::kill(id_, SIGKILL);
        ::waitpid(id_, nullptr, 0);
    }
    for (int* end : {&in_, &out_, &err_}) close_end(*end);
}

/// Once it was waited for, its number may be another's; and -1 would mean every process there is.
void Process::signal(int number) const {
    if (id_ <= 0) throw std::runtime_error("a process that has ended gets no signal");
    ::kill(id_, number);
}

void Process::type(const std::string& text) const {
    if (::write(out_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        throw std::runtime_error("the terminal takes no more");
}

void Process::close_output() { close_end(out_); }

std::string Process::read_line() {
    while (unread_.find('\n') == std::string::npos) {
        pollfd watched{out_, POLLIN, 0};
        std::array<char, 4096> bytes;
        if (::poll(&watched, 1, patience) <= 0) throw std::runtime_error("no line came");
        const auto count = ::read(out_, bytes.data(), bytes.size());
        if (count <= 0) return {};
        unread_.append(bytes.data(), static_cast<std::size_t>(count));
    }
    const auto end = unread_.find('\n');
    const auto line = unread_.substr(0, end);
    unread_.erase(0, end + 1);
    return line;
}

void Process::take_output(Outcome& outcome, const std::string& input) {
    std::size_t written = 0;
    if (input.empty()) close_end(in_);
    while (out_ >= 0 || err_ >= 0) {
        std::array<pollfd, 3> watched{pollfd{out_, POLLIN, 0}, pollfd{err_, POLLIN, 0},
                                      pollfd{in_, POLLOUT, 0}};
        if (::poll(watched.data(), watched.size(), patience) <= 0) {
            signal(SIGKILL);
            outcome.err += "\n(killed: no sign of life)";
            return;
        }
        const auto take = [](const pollfd& ready, int& from, std::string& to) {
            if (ready.revents == 0) return;
            std::array<char, 16384> bytes;
            const auto count = ::read(from, bytes.data(), bytes.size());
            if (count > 0) to.append(bytes.data(), static_cast<std::size_t>(count));
            if (count <= 0) close_end(from);
        };
        take(watched[0], out_, outcome.out);
        take(watched[1], err_, outcome.err);
        if (watched[2].revents == 0) continue;
        // In parts that a pipe takes at once.
        const auto count = ::write(in_, input.data() + written,
                                   std::min<std::size_t>(input.size() - written, 4096));
        if (count > 0) written += static_cast<std::size_t>(count);
        if (count < 0 || written == input.size()) close_end(in_);
    }
}

Outcome Process::finish(const std::string& input) {
    Outcome outcome;
    outcome.out = std::exchange(unread_, {});
    take_output(outcome, input);
    int status = 0;
    while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) continue;
    id_ = -1;
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return outcome;
}

Outcome run(const std::vector<std::string>& words, const ProcessOptions& options,
            const std::string& input) {
    return Process(words, options).finish(input);
}

namespace {

std::string program(const char* variable, const char* usual) {
    const char* given = std::getenv(variable);
    const auto path = std::filesystem::absolute(given ? given : usual);
    if (!std::filesystem::exists(path))
        throw std::runtime_error(path.string() + " is not built; " + variable + " names another");
    return path.string();
}

}  // namespace

std::string cmq_binary() { return program("CMQ_BINARY", "build/release/cmq"); }
std::string cmq_next_binary() { return program("CMQ_NEXT_BINARY", "build/release/cmq_next"); }

}  // namespace cmq::support
