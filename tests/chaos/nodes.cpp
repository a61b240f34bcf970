#include "tests/chaos/nodes.h"

#include <signal.h>
#include <sys/wait.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

#include "tests/support/readiness.h"

namespace cmq::chaos {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 60s;
constexpr auto glance = 20ms;  // between two looks at the cluster

std::string name_of(Number node) { return "node" + std::to_string(node); }

template <class Look>
void await(const std::string& what, Look look) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!look()) {
        if (std::chrono::steady_clock::now() > end) throw std::runtime_error("no " + what);
        std::this_thread::sleep_for(glance);
    }
}

}  // namespace

Nodes::Nodes(std::vector<Place> places) {
    std::filesystem::create_directory(directory_.path() / "work");
    options_.connect_time = 1s;
    options_.answer_time = 2s;
    options_.repeats_receives = false;
    for (auto& place : places) nodes_.push_back({std::move(place), {}, {}, {}, {}});
    for (Number node = 0; node < count(); ++node) start(node);
    await_in_sync();
}

/// A paused one can only be killed, and that is what its Process does.
Nodes::~Nodes() = default;

std::filesystem::path Nodes::data(Number node) const {
    const auto& chosen = nodes_[node].place.data;
    return chosen.empty() ? directory_.path() / name_of(node) : chosen;
}

std::vector<std::string> Nodes::words(Number node, int ready) const {
    const auto& place = nodes_[node].place;
    auto words = place.launcher;
    words.insert(words.end(), {place.program, "serve", "--dev", "--data", data(node).string(),
                               "--port", "0", "--listen", place.address, "--port-file",
                               (directory_.path() / (name_of(node) + ".json")).string(),
                               "--ready-fd", std::to_string(ready)});
    words.insert(words.end(), place.options.begin(), place.options.end());
    const bool joins = node > 0 && nodes_[node].id.empty();
    if (joins) words.insert(words.end(), {"--join", join_address_, "--token", join_token()});
    return words;
}

std::string Nodes::join_token() const {
    auto client = client::Client::open(broker({0}));
    const auto token = client ? client->create_join_token(10min) : tl::unexpected(client.error());
    if (!token) throw std::runtime_error("no join token: " + token.error().message);
    return *token;
}

void Nodes::start(Number node) {
    support::Readiness ready;
    support::ProcessOptions options;
    options.environment = nodes_[node].place.environment;
    options.environment["HOME"] = directory_.path() / "work";
    options.inherited = ready.descriptor();
    const auto log = directory_.path() / (name_of(node) + ".log");
    options.error_file = log;
    nodes_[node].process =
        std::make_unique<support::Process>(words(node, ready.descriptor()), options);
    if (!ready.wait())
        throw std::runtime_error(name_of(node) + " did not come up: " + support::read_file(log));
    read_port_file(node);
}

void Nodes::read_port_file(Number node) {
    auto& its = nodes_[node];
    const auto ports =
        nlohmann::json::parse(support::read_file(directory_.path() / (name_of(node) + ".json")));
    // Certificates of --dev are for loopback only.
    const bool secure = its.place.address == "127.0.0.1";
    const auto url = [&](const char* scheme) {
        return std::string(scheme) + "://" + its.place.address + ':' +
               std::to_string(ports.at(scheme).get<int>());
    };
    its.endpoint = url(secure ? "https" : "http");
    its.plain = url("http");
    its.id = ports.at("node_id").get<std::string>();
    if (node > 0) return;
    join_address_ = url("https");
    options_.ca_file = ports.at("ca_file").get<std::string>();
    options_.signer.secret_id = ports.at("secret_id").get<std::string>();
    key_file_ = ports.at("secret_key_file").get<std::string>();
    options_.signer.secret_key = support::read_file(key_file_);
    while (options_.signer.secret_key.ends_with('\n')) options_.signer.secret_key.pop_back();
}

void Nodes::kill(Number node) { end_by(node, SIGKILL, support::killed_status); }
void Nodes::stop(Number node) { end_by(node, SIGTERM, 0); }

/// One that ended by itself before, or not well, did so for a reason: a check, a sanitizer.
void Nodes::end_by(Number node, int signal, int status) {
    nodes_[node].process->signal(signal);
    const auto ended = nodes_[node].process->finish().status;
    if (ended != status)
        throw std::runtime_error(name_of(node) + " ended with status " + std::to_string(ended) +
                                 ": " + last_words(node));
}

void Nodes::hang_up(Number node) { nodes_[node].process->signal(SIGHUP); }

void Nodes::pause(Number node) { nodes_[node].process->signal(SIGSTOP); }
void Nodes::resume(Number node) { nodes_[node].process->signal(SIGCONT); }

void Nodes::replace(Number node) {
    std::filesystem::remove_all(data(node));
    support::ProcessOptions options;
    options.environment = environment();
    const auto joined =
        support::run({support::cmq_binary(), "cluster", "replace", id(node), join_address_,
                      "--token", join_token(), "--data", data(node).string(), "--port", "0"},
                     options);
    if (joined.status != 0) throw std::runtime_error("not replaced: " + joined.err);
    start(node);
}

bool Nodes::is_gone(Number node) const {
    siginfo_t ended{};
    // Left to be waited for by `kill`.
    return ::waitid(P_PID, static_cast<id_t>(nodes_[node].process->id()), &ended,
                    WEXITED | WNOHANG | WNOWAIT) == 0 &&
           ended.si_pid != 0;
}

std::string Nodes::last_words(Number node) const {
    auto log = support::read_file(directory_.path() / (name_of(node) + ".log"));
    while (log.ends_with('\n')) log.pop_back();
    return log.substr(log.rfind('\n') + 1);
}

client::Options Nodes::broker(const std::vector<Number>& of) const {
    auto options = options_;
    for (const auto node : of)
        options.endpoints += (options.endpoints.empty() ? "" : ",") + nodes_[node].endpoint;
    return options;
}

client::Options Nodes::plain_broker() const {
    auto options = options_;
    for (const auto& node : nodes_)
        options.endpoints += (options.endpoints.empty() ? "" : ",") + node.plain;
    return options;
}

client::Options Nodes::broker() const {
    std::vector<Number> all;
    for (Number node = 0; node < count(); ++node) all.push_back(node);
    return broker(all);
}

std::map<std::string, std::string> Nodes::environment() const {
    const auto options = broker();
    return {{"HOME", directory_.path() / "work"},
            {"CMQ_ENDPOINT", options.endpoints},
            {"CMQ_CA_FILE", options.ca_file},
            {"CMQ_SECRET_ID", options.signer.secret_id},
            {"CMQ_SECRET_KEY_FILE", key_file_}};
}

std::optional<client::ClusterDetails> Nodes::ask(Number node) const {
    auto options = broker({node});
    options.answer_time = 1s;
    options.patience = 0ms;
    auto client = client::Client::open(options);
    if (!client) return {};
    auto answer = client->cluster();
    if (!answer) return {};
    return *std::move(answer);
}

std::optional<Number> Nodes::leader() const {
    for (Number asked = 0; asked < count(); ++asked) {
        const auto answer = ask(asked);
        if (!answer) continue;
        for (Number node = 0; node < count(); ++node)
            if (!answer->groups.empty() && answer->groups.front().leader == id(node)) return node;
    }
    return {};
}

std::optional<client::ClusterDetails> Nodes::status() const {
    for (Number asked = 0; asked < count(); ++asked)
        if (auto answer = ask(asked)) return answer;
    return {};
}

std::uint64_t Nodes::term() const {
    for (Number asked = 0; asked < count(); ++asked)
        if (const auto answer = ask(asked); answer && !answer->groups.empty())
            return answer->groups.front().term;
    return 0;
}

Number Nodes::await_leader() const {
    std::optional<Number> found;
    await("leader", [&] { return (found = leader()).has_value(); });
    return *found;
}

void Nodes::await_in_sync() const {
    Number asked = 0;
    await("three copies in sync", [&] {
        const auto answer = ask(asked = other(asked));
        return answer && answer->copies_in_sync == count() && answer->nodes.size() == count();
    });
}

}  // namespace cmq::chaos
