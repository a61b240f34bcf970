// What a link between two nodes carries: both in this process, over loopback and TLS.
//
//     links [seconds a line]

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "cluster/links.h"
#include "net/tls.h"

namespace {

using namespace cmq;
using namespace cmq::cluster;
using Seconds = std::chrono::duration<double>;

const SystemClock clock_;
const std::string cluster_id(32, '0');

struct Node {
    Node(const net::Identity& authority, std::uint64_t number) {
        Links::Options options;
        options.self = raft::NodeId{number};
        options.cluster = cluster_id;
        const auto own =
            net::issue_node_certificate(authority, {cluster_id, number}, clock_.wall()).value();
        options.credentials = {authority.certificate, own.certificate, own.key};
        Links::Handlers handlers;
        handlers.on_message = [this](raft::NodeId, std::string_view bytes) {
            received_bytes += bytes.size();
            ++received;
        };
        const auto answer = [this](raft::NodeId, const std::string& request, const Reply& reply) {
            if (request == "chunk") {
                reply.send({chunk});
            } else {
                reply.send(request);
            }
        };
        handlers.on_call = answer;
        handlers.on_bulk = answer;
        links = Links::open(loops, std::move(options), std::move(handlers)).value();
    }

    std::atomic<std::uint64_t> received = 0, received_bytes = 0;
    const Blob chunk = make_blob(std::string(256 << 10, 'x'));
    net::Loops loops{2};
    std::unique_ptr<Links> links;
};

double elapsed(Steady since) { return Seconds(clock_.steady() - since).count(); }

/// One thread sends messages of `size` as fast as they are taken.
void stream(Node& from, Node& to, std::size_t size, double seconds) {
    const auto message = make_blob(std::string(size, 'x'));
    const auto before = to.received.load();
    const auto begin = clock_.steady();
    std::uint64_t sent = 0;
    while (elapsed(begin) < seconds) {
        if (from.links->send(raft::NodeId{2}, {message})) {
            ++sent;
        } else {
            std::this_thread::yield();
        }
    }
    while (to.received - before < sent) std::this_thread::yield();
    const auto took = elapsed(begin);
    const auto count = static_cast<double>(sent);
    std::printf("messages of %7zu B, one sender:     %9.0f/s  %7.1f MB/s\n", size, count / took,
                count * static_cast<double>(size) / took / 1e6);
}

/// Keeps `window` calls outstanding.
class Caller {
public:
    Caller(Links& links, Stream stream, std::string request, unsigned window)
        : links_(links), stream_(stream), request_(std::move(request)), window_(window) {}

    void run(double seconds) {
        begin_ = clock_.steady();
        end_ = begin_ + std::chrono::duration_cast<Steady::duration>(Seconds(seconds));
        running_ = window_;
        for (unsigned count = 0; count < window_; ++count) ask();
        done_.get_future().get();
    }
    double calls_a_second() const { return static_cast<double>(answers_) / elapsed_; }
    double bytes_a_second() const { return static_cast<double>(bytes_) / elapsed_; }

private:
    void ask() {
        links_.call(raft::NodeId{2}, stream_, request_, clock_.steady() + std::chrono::minutes{1},
                    [this](const Result<std::string>& answer) { take(answer); });
    }
    void take(const Result<std::string>& answer) {
        if (!answer) std::printf("%s\n", answer.error().message.c_str()), std::exit(1);
        ++answers_;
        bytes_ += answer->size();
        if (clock_.steady() < end_) return ask();
        if (--running_ > 0) return;
        elapsed_ = elapsed(begin_);
        done_.set_value();
    }

    Links& links_;
    const Stream stream_;
    const std::string request_;
    const unsigned window_;
    Steady begin_, end_;
    unsigned running_ = 0;
    std::uint64_t answers_ = 0, bytes_ = 0;  // the loop's
    double elapsed_ = 1;
    std::promise<void> done_;
};

void call(Node& from, unsigned window, double seconds) {
    Caller caller(*from.links, Stream::calls, std::string(100, 'x'), window);
    caller.run(seconds);
    std::printf("calls of 100 B, %4u outstanding:       %9.0f/s  %7.1f us each\n", window,
                caller.calls_a_second(), 1e6 * window / caller.calls_a_second());
}

void fetch(Node& from, unsigned window, double seconds) {
    Caller caller(*from.links, Stream::bulk, "chunk", window);
    caller.run(seconds);
    std::printf("chunks of 256 KiB, %2u outstanding:      %9.0f/s  %7.1f MB/s\n", window,
                caller.calls_a_second(), caller.bytes_a_second() / 1e6);
}

}  // namespace

int main(int count, char** arguments) {
    const double seconds = count > 1 ? std::atof(arguments[1]) : 3;
    const auto authority = net::make_authority("bench", clock_.wall()).value();
    Node one(authority, 1), two(authority, 2);
    const std::map<raft::NodeId, net::PeerAddress> peers{
        {raft::NodeId{1}, {"127.0.0.1", one.links->port()}},
        {raft::NodeId{2}, {"127.0.0.1", two.links->port()}}};
    one.links->set_peers(peers);
    two.links->set_peers(peers);
    const auto connected = [&] {
        const auto figures = one.links->figures();
        const auto up = [](const StreamFigures& figure) { return figure.counts.connected; };
        return std::all_of(figures.at(raft::NodeId{2}).begin(), figures.at(raft::NodeId{2}).end(),
                           up);
    };
    while (!connected()) std::this_thread::yield();
    for (const std::size_t size : {100u, 1'024u, 16u << 10, 256u << 10})
        stream(one, two, size, seconds);
    for (const unsigned window : {1u, 64u, 1'000u}) call(one, window, seconds);
    for (const unsigned window : {1u, 8u}) fetch(one, window, seconds);
}
