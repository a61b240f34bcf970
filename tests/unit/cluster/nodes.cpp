#include "tests/unit/cluster/nodes.h"

namespace cmq::cluster {

Node::Node(net::Loops& loops, const net::Certificates& certificates, std::uint64_t number,
           Links::Options options) {
    options.self = node(number);
    options.cluster = certificates.cluster;
    options.credentials = certificates.credentials(certificates.name(number));
    const auto text = [](raft::NodeId id) { return std::to_string(id.value); };
    const auto answer = [this](raft::NodeId from, const std::string& request, const Reply& reply) {
        serve(from, request, reply);
    };
    Links::Handlers handlers;
    handlers.on_message = [this, text](raft::NodeId from, std::string_view bytes) {
        diary.write(text(from) + " says: " + std::string(bytes));
    };
    handlers.on_call = answer;
    handlers.on_bulk = answer;
    handlers.on_here = [this, text](raft::NodeId peer) { diary.write(text(peer) + " here"); };
    handlers.on_gone = [this, text](raft::NodeId peer) { diary.write(text(peer) + " gone"); };
    auto opened = Links::open(loops, std::move(options), std::move(handlers));
    REQUIRE(opened);
    links_ = *std::move(opened);
}

void Node::serve(raft::NodeId from, const std::string& request, const Reply& reply) {
    const auto rest = request.substr(std::min<std::size_t>(5, request.size()));
    if (request.starts_with("echo ")) {
        reply.send(rest);
    } else if (request == "refuse") {
        reply.fail({Code::not_found, "no such thing"});
    } else if (request.starts_with("park ")) {
        {
            const std::lock_guard lock(mutex_);
            parked_.emplace(rest, reply);
        }
        reply.on_gone([this, rest] { diary.write(rest + " gone"); });
        diary.write(std::to_string(from.value) + " parks " + rest);  // now others may go on
    }
}

Reply Node::parked(const std::string& name) {
    const std::lock_guard lock(mutex_);
    const auto reply = parked_.at(name);
    parked_.erase(name);
    return reply;
}

std::size_t Node::parked_count() const {
    const std::lock_guard lock(mutex_);
    return parked_.size();
}

void acquaint(const std::vector<std::pair<std::uint64_t, Node*>>& nodes) {
    std::map<raft::NodeId, net::PeerAddress> peers;
    for (const auto& [number, one] : nodes) peers[node(number)] = one->address();
    for (const auto& [number, one] : nodes) one->links().set_peers(peers);
    const auto all_connected = [](Node& one) {
        for (const auto& [id, figures] : one.links().figures())
            for (const auto& stream : figures)
                if (!stream.counts.connected) return false;
        return true;
    };
    for (const auto& [number, one] : nodes) {
        CHECK(eventually([&, each = one] { return all_connected(*each); }));
        for (std::size_t other = 1; other < nodes.size(); ++other)
            CHECK(one->diary.next().ends_with(" here"));
    }
}

Asked::Asked(Links& links, raft::NodeId to, std::string request, Stream stream,
             std::chrono::milliseconds patience)
    : promise_(std::make_shared<std::promise<std::string>>()), future_(promise_->get_future()) {
    id = links.call(to, stream, std::move(request), SystemClock().steady() + patience,
                    [promise = promise_](Result<std::string> answer) {
                        promise->set_value(answer ? *std::move(answer)
                                                  : std::string(name_of(answer.error().code)) +
                                                        ": " + answer.error().message);
                    });
}

}  // namespace cmq::cluster
