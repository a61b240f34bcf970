#include "cmd/child.h"

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
#include <cstring>
#include <string_view>
#include <utility>

extern "C" {  // which glibc 2.36 forgets
#include <sys/pidfd.h>
}

namespace cmq::cmd {
namespace {

bool can_run(const std::string& file) {
    return ::access(file.c_str(), X_OK) == 0 && ::access((file + "/.").c_str(), F_OK) != 0;
}

tl::unexpected<Error> cannot(const std::string& what) {
    return fail(Code::io, "cannot " + what + ": " + std::strerror(errno));
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& variables) {
    std::vector<std::string> all;
    for (char** at = environ; *at; ++at) {
        const std::string_view variable(*at);
        if (!variables.contains(std::string(variable.substr(0, variable.find('=')))))
            all.emplace_back(variable);
    }
    for (const auto& [name, value] : variables) all.push_back(name + '=' + value);
    return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (auto& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

/// What we block or ignore for ourselves must not be so for the program.
void reset_signals(posix_spawnattr_t& attributes) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

Result<pid_t> spawn(std::vector<std::string> words, std::vector<std::string> environment,
                    int input) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    reset_signals(attributes);
    pid_t id = -1;
    const int failed = posix_spawnp(&id, words[0].c_str(), &actions, &attributes,
                                    pointers_to(words).data(), pointers_to(environment).data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failed == 0) return id;
    errno = failed;
    return cannot("run " + words[0]);
}

}  // namespace

Status check_program(const std::string& name) {
    const bool has_slash = name.find('/') != name.npos;
    if (has_slash && can_run(name)) return {};
    const char* path = std::getenv("PATH");
    std::string_view folders = has_slash || name.empty() ? "" : path ? path : "/bin:/usr/bin";
    while (!folders.empty()) {
        const auto end = std::min(folders.find(':'), folders.size());
        if (can_run(std::string(folders.substr(0, end)) + '/' + name)) return {};
        folders.remove_prefix(std::min(end + 1, folders.size()));
    }
    return fail(Code::invalid, "there is no program \"" + name + "\" that can be run");
}

std::string ChildEnd::text() const {
    if (signal != 0) return "was killed by signal " + std::to_string(signal);
    return "exited with " + std::to_string(status);
}

Result<Child> Child::start(const std::vector<std::string>& words,
                           const std::map<std::string, std::string>& variables, std::string input) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return cannot("make a pipe");
    const auto id = spawn(words, environment_with(variables), ends[0]);
    ::close(ends[0]);
    if (!id) {
        ::close(ends[1]);
        return tl::unexpected(id.error());
    }
    Child child(*id, ::pidfd_open(*id, 0), ends[1], std::move(input));
    if (child.ended_ >= 0 && ::fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0) return child;
    const auto why = cannot("watch " + words[0]);
    ::kill(*id, SIGKILL);
    child.reap();
    return why;
}

Child::Child(Child&& other) noexcept
    : id_(other.id_),
      ended_(std::exchange(other.ended_, -1)),
      feed_(std::exchange(other.feed_, -1)),
      input_(std::move(other.input_)),
      written_(other.written_) {}

Child::~Child() {
    close_feed();
    if (ended_ >= 0) ::close(ended_);
}

std::optional<ChildEnd> Child::wait_until(std::chrono::steady_clock::time_point until) {
    using std::chrono::milliseconds;
    while (true) {
        const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
        std::array<pollfd, 2> watched{pollfd{ended_, POLLIN, 0}, pollfd{feed_, POLLOUT, 0}};
        ::poll(watched.data(), watched.size(), std::max(0, static_cast<int>(left.count())));
        if (watched[0].revents != 0) return reap();
        if (watched[1].revents != 0) feed_some();
        if (left.count() <= 0) return {};
    }
}

/// A program that does not read all of its input has its reasons.
void Child::feed_some() {
    const auto count = ::write(feed_, input_.data() + written_, input_.size() - written_);
    if (count > 0) written_ += static_cast<std::size_t>(count);
    const bool is_gone = count < 0 && errno != EAGAIN && errno != EINTR;
    if (is_gone || written_ == input_.size()) close_feed();
}

void Child::close_feed() {
    if (feed_ >= 0) ::close(feed_);
    feed_ = -1;
}

ChildEnd Child::reap() const {
    int status = 0;
    while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) continue;
    return WIFEXITED(status) ? ChildEnd{WEXITSTATUS(status), 0} : ChildEnd{0, WTERMSIG(status)};
}

}  // namespace cmq::cmd
