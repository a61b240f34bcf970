// What a message's whole life costs the state machine, in memory: send, receive, delete.
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "broker/state.h"

namespace {

using namespace cmq;
using namespace cmq::broker;

/// A checkpoint that nothing is ever read from.
class NoRows final : public Rows {
public:
    std::optional<std::string> read(Table, Key) override { return std::nullopt; }
    std::vector<Row> scan(Table) override { return {}; }
};

class Lives {
public:
    explicit Lives(std::size_t queues) : state_(1, rows_) {
        for (std::size_t i = 0; i < queues; ++i) {
            names_.push_back("queue-" + std::to_string(i));
            apply(CreateQueue{names_.back(), {}});
        }
    }

    /// `batch` messages through one queue at a time.
    void run(std::size_t messages, std::size_t batch_size, std::size_t backlog) {
        const std::string body(100, 'b');
        const std::vector<std::string_view> bodies(batch_size, body);
        for (std::size_t i = 0; i < backlog; i += batch_size) apply(Send{next(), 0, {}, bodies});
        const auto begin = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i < messages; i += batch_size) {
            const auto& name = next();
            apply(Send{name, 0, {}, bodies});
            const auto got = apply(Receive{name, static_cast<std::uint32_t>(batch_size)});
            DeleteMessages remove{name, {}};
            for (const auto& one : std::get<Received>(*got).deliveries) {
                remove.handles.push_back(one.handle.value);
            }
            apply(remove);
        }
        const std::chrono::duration<double, std::micro> took =
            std::chrono::steady_clock::now() - begin;
        std::printf("%5zu queues, batch %2zu, backlog %7zu: %.2f us a life\n", names_.size(),
                    batch_size, backlog, took.count() / static_cast<double>(messages));
    }

private:
    const std::string& next() { return names_[turn_++ % names_.size()]; }
    Outcome apply(const Action& action) {
        std::uint32_t slot = 0;
        ++index_;
        return state_.apply(Command{Namespace{1}, action},
                            stamp_of(static_cast<std::int64_t>(1'700'000'000'000 + index_ / 100)),
                            LogIndex{index_}, slot);
    }

    NoRows rows_;
    State state_;
    std::vector<std::string> names_;
    std::size_t turn_ = 0;
    std::uint64_t index_ = 0;
};

}  // namespace

int main() {
    Lives(1).run(1'000'000, 1, 0);
    Lives(1).run(1'000'000, 16, 0);
    Lives(1).run(1'000'000, 1, 100'000);
    Lives(64).run(1'000'000, 1, 0);
    Lives(64).run(1'000'000, 16, 100'000);
    Lives(10'000).run(1'000'000, 1, 0);
    Lives(10'000).run(1'000'000, 16, 0);
}
