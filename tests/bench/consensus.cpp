// The path of a send without doors: three shards of one process, production log and disk, messages
// handed over in memory. What a message costs there in time, fsyncs, bytes and CPU.
//
//     consensus DIRECTORY [in-sync|majority] [seconds] [messages a send] [sends under way]
//               [KiB of an entry, at most]
//
// DIRECTORY lies on the disk in question; it is emptied.

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "shard/shard.h"

namespace {

using namespace cmq;
using namespace std::chrono_literals;

constexpr std::size_t nodes = 3;
constexpr std::size_t message_bytes = 1'024;

[[noreturn]] void die(const std::string& what) {
    std::fprintf(stderr, "%s\n", what.c_str());
    std::exit(1);
}

class Trio {
public:
    Trio(const std::filesystem::path& directory, const shard::CoreOptions& core) {
        for (std::size_t at = 0; at < nodes; ++at) open(at, directory, core);
        for (std::size_t at = 1; at < nodes; ++at) add(at);
    }
    ~Trio() {
        for (auto& gate : open_) gate = false;
        for (auto& shard : shards_) shard->stop();
    }

    broker::Answer ask(const shard::Request& request) {
        std::mutex mutex;
        std::condition_variable came;
        std::optional<broker::Answer> answer;
        leader().submit(request, [&](broker::Answer got) {
            const std::lock_guard lock(mutex);
            answer = std::move(got);
            came.notify_one();
        });
        std::unique_lock lock(mutex);
        came.wait(lock, [&] { return answer.has_value(); });
        return *std::move(answer);
    }

    shard::Shard& leader() { return *shards_.front(); }

    log::Log::Cost cost() const {
        log::Log::Cost sum;
        for (const auto& shard : shards_) {
            const auto one = shard->figures().log;
            sum.commits += one.commits;
            sum.fsyncs += one.fsyncs;
            sum.bytes_written += one.bytes_written;
        }
        return sum;
    }

private:
    static raft::NodeId id_of(std::size_t at) { return raft::NodeId{(at + 1) << 16 | 1}; }
    static std::size_t place_of(raft::NodeId id) { return (id.value >> 16) - 1; }

    void open(std::size_t at, const std::filesystem::path& directory,
              const shard::CoreOptions& core) {
        shard::Options options;
        options.directory = directory / std::to_string(at);
        options.self = id_of(at);
        options.founder = at == 0;
        options.core = core;
        options.core.secret = std::string(32, 's');
        options.core.seed = at + 1;
        options.fatal = [](const Error& error) { die(error.message); };
        options.send = [this](const raft::Message& message, const shard::JournalNote& note) {
            const auto to = place_of(message.to);
            if (to < nodes && open_[to]) shards_[to]->receive(message, clock_.wall(), note);
        };
        options.ask = [this, at](raft::NodeId to, const std::string& request,
                                 const shard::BulkAnswered& answered) {
            shards_[place_of(to)]->asked(id_of(at), request, answered);
        };
        auto shard = shard::Shard::open(std::move(options), *files_, clock_);
        if (!shard) die(shard.error().message);
        shards_[at] = *std::move(shard);
        const auto name = std::to_string(at);
        shards_[at]->set_self({broker::NodeId{id_of(at).value}, name, name, {}});
        open_[at] = true;
    }

    void add(std::size_t at) {
        const auto name = std::to_string(at);
        while (!ask(shard::ClusterRequest{shard::AddNode{
                        std::string(15, 't') + name, clock_.wall() + 1min, name, name, {}, {}}})
                    .outcome)
            std::this_thread::sleep_for(50ms);
        const auto in_sync = [&] {
            const auto answer = ask(shard::ClusterRequest{broker::DescribeCluster{}});
            const auto* view =
                answer.outcome ? std::get_if<broker::ClusterView>(&*answer.outcome) : nullptr;
            return view && view->copies_in_sync == at + 1;
        };
        while (!in_sync()) std::this_thread::sleep_for(50ms);
    }

    const std::unique_ptr<store::Files> files_ = store::system_files();
    const SystemClock clock_;
    std::array<std::atomic<bool>, nodes> open_{};
    std::array<std::unique_ptr<shard::Shard>, nodes> shards_;
};

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Keeps `window` sends under way until the time is up.
class Load {
public:
    Load(Trio& trio, std::size_t batch, std::chrono::duration<double> time)
        : trio_(trio),
          body_(message_bytes, 'x'),
          end_(clock_.steady() + std::chrono::duration_cast<Steady::duration>(time)) {
        broker::Send send{"q", 0, {}, {}};
        for (std::size_t at = 0; at < batch; ++at) send.bodies.push_back(body_);
        request_ = shard::request_of({broker::Namespace{1}, send}, {});
    }

    void run(std::size_t window) {
        open_ = window;
        for (std::size_t at = 0; at < window; ++at) send();
        std::unique_lock lock(mutex_);
        ended_.wait(lock, [this] { return open_ == 0; });
        std::sort(micros_.begin(), micros_.end());
    }

    std::size_t sends() const { return micros_.size(); }
    double percentile(double part) const {
        return micros_[static_cast<std::size_t>(part * static_cast<double>(sends() - 1))] / 1e3;
    }

private:
    void send() {
        const auto begun = clock_.steady();
        trio_.leader().submit(request_, [this, begun](const broker::Answer& answer) {
            if (!answer.outcome)
                die("a send was refused, reason " +
                    std::to_string(static_cast<int>(answer.outcome.error().reason)));
            const auto now = clock_.steady();
            micros_.push_back(std::chrono::duration<double, std::micro>(now - begun).count());
            if (now < end_) return send();
            const std::lock_guard lock(mutex_);
            if (--open_ == 0) ended_.notify_one();
        });
    }

    Trio& trio_;
    const SystemClock clock_;
    const std::string body_;
    const Steady end_;
    shard::Request request_;
    std::vector<double> micros_;  // the core thread's
    std::mutex mutex_;
    std::condition_variable ended_;
    std::size_t open_ = 0;
};

}  // namespace

int main(int count, char** words) {
    if (count < 2)
        die("consensus DIRECTORY [in-sync|majority] [seconds] [messages a send] [sends under way] "
            "[KiB of an entry, at most]");
    const auto word = [&](int at, const char* usual) {
        return std::string(count > at ? words[at] : usual);
    };
    shard::CoreOptions core;
    if (word(2, "in-sync") == "majority") core.raft.copies = raft::Copies::majority;
    if (count > 6) core.entry_bytes_max = std::strtoul(words[6], nullptr, 10) << 10;
    const auto seconds = std::strtod(word(3, "5").c_str(), nullptr);
    const auto batch = std::strtoul(word(4, "16").c_str(), nullptr, 10);
    const auto window = std::strtoul(word(5, "32").c_str(), nullptr, 10);
    std::filesystem::remove_all(words[1]);
    Trio trio(words[1], core);
    if (!trio.ask(shard::request_of({broker::Namespace{1}, broker::CreateQueue{"q", {}}}, {}))
             .outcome)
        die("no queue");
    const auto entries = [&] { return trio.leader().figures().core.applied; };
    const auto cost = trio.cost();
    const auto entries_before = entries();
    const auto cpu = cpu_seconds();
    Load load(trio, batch, std::chrono::duration<double>(seconds));
    load.run(window);
    const auto messages = static_cast<double>(load.sends() * batch);
    const auto after = trio.cost();
    const auto entries_made = static_cast<double>(entries() - entries_before);
    std::printf(
        "%s, %zu sends of %zu under way: %.0f messages/s, p50 %.2f ms, p99 %.2f ms, longest %.0f "
        "ms, "
        "%.0f messages an entry, %.0f a commit; a message and node: %.4f fsyncs, %.0f bytes, %.2f "
        "us CPU\n",
        word(2, "in-sync").c_str(), window, batch, messages / seconds, load.percentile(0.5),
        load.percentile(0.99), load.percentile(1), messages / entries_made,
        messages * nodes / static_cast<double>(after.commits - cost.commits),
        static_cast<double>(after.fsyncs - cost.fsyncs) / messages / nodes,
        static_cast<double>(after.bytes_written - cost.bytes_written) / messages / nodes,
        (cpu_seconds() - cpu) / messages / nodes * 1e6);
    return 0;
}
