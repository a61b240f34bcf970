// cmd/progress.h: how far long work has come: one line on standard error that is written anew, and
// is gone at the end.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

namespace cmq::cmd {

class Progress {
public:
    enum class Where { terminal, nowhere };

    /// `what` happens: "sent". `err` outlives this.
    Progress(std::ostream& err, Where where, std::string what)
        : err_(err), where_(where), what_(std::move(what)) {}
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress() { clear(); }

    /// Not before it is worth it, and then a few times a second: whoever has to ask for the share
    /// asks this first.
    bool is_due() const { return where_ == Where::terminal && Clock::now() >= next_; }
    /// Does nothing while it is not due.
    /// share  of the whole work, 0 to 1; nothing: nobody knows.
    void show(std::uint64_t done, std::optional<double> share, const std::string& more = {});

    /// For lines that stay: begins on a clean one.
    std::ostream& clear();

private:
    using Clock = std::chrono::steady_clock;

    std::ostream& err_;
    Where where_;
    std::string what_;
    Clock::time_point begun_ = Clock::now();
    Clock::time_point next_ = begun_ + std::chrono::milliseconds{500};
    bool is_shown_ = false;
};

}  // namespace cmq::cmd
