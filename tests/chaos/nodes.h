// chaos/nodes.h: the real nodes of one cluster, a process each, and what may happen to them.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/client.h"
#include "tests/support/process.h"
#include "tests/support/temporary.h"

namespace cmq::chaos {

using Number = std::size_t;  // of a node, from 0

/// Where a node runs, and how.
struct Place {
    std::string address = "127.0.0.1";
    std::vector<std::string> launcher{};  // stands before the program
    std::map<std::string, std::string> environment{};
    std::filesystem::path data{};        // empty: in the cluster's directory
    std::vector<std::string> options{};  // of `cmq serve`, beside the usual
    std::string program = support::cmq_binary();
};

class Nodes {
public:
    /// The first is a cluster of one, the others join it. All copies are in sync when it returns.
    explicit Nodes(std::vector<Place> places = std::vector<Place>(3));
    ~Nodes();

    std::size_t count() const { return nodes_.size(); }
    Number other(Number node, std::size_t steps = 1) const { return (node + steps) % count(); }

    void start(Number node);    // ready when it returns
    void kill(Number node);     // throws when it had ended by itself
    void stop(Number node);     // SIGTERM, and waits; throws unless it ends well
    void hang_up(Number node);  // SIGHUP: it looks at its certificates again
    void pause(Number node);
    void resume(Number node);
    void replace(Number node);  // killed already: its data is lost, it joins anew in its place
    bool is_gone(Number node) const;            // it ended by itself
    std::string last_words(Number node) const;  // of its log

    /// As a client knows the cluster: every node, or these.
    client::Options broker() const;
    client::Options broker(const std::vector<Number>& of) const;
    client::Options plain_broker() const;                    // every node, over HTTP
    std::map<std::string, std::string> environment() const;  // for commands

    std::optional<Number> leader() const;                  // as a majority sees it now
    std::optional<client::ClusterDetails> status() const;  // as whoever answers first says
    std::string join_token() const;
    const std::string& join_address() const { return join_address_; }  // of the first node
    std::uint64_t term() const;                                        // 0: nobody says
    std::string id(Number node) const { return nodes_[node].id; }
    /// Waits; throws when a minute was not enough.
    Number await_leader() const;
    void await_in_sync() const;

    Place& place(Number node) { return nodes_[node].place; }  // for its next start
    std::filesystem::path data(Number node) const;
    const std::filesystem::path& directory() const { return directory_.path(); }

private:
    struct Node {
        Place place;
        std::unique_ptr<support::Process> process;
        std::string endpoint, plain, id;
    };

    std::vector<std::string> words(Number node, int ready) const;
    void read_port_file(Number node);
    void end_by(Number node, int signal, int status);
    std::optional<client::ClusterDetails> ask(Number node) const;

    support::TemporaryDirectory directory_;
    std::vector<Node> nodes_;
    std::string join_address_;  // of the first node
    client::Options options_;   // but for the endpoints
    std::filesystem::path key_file_;
};

}  // namespace cmq::chaos
