#include "tests/chaos/network.h"

#include <unistd.h>

#include <sstream>

namespace cmq::chaos {
namespace {

const std::string ip = "/usr/sbin/ip", nft = "/usr/sbin/nft";

std::string bridge_name() { return "cmqb" + std::to_string(getpid()); }

/// Runs of several tests at once do not meet.
std::string subnet() {
    return "10." + std::to_string(200 + getpid() / 256 % 50) + '.' +
           std::to_string(getpid() % 256) + '.';
}

/// The words of one command, separated by blanks.
Status run(const std::string& command) {
    std::istringstream stream(command);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    if (::access(words[0].c_str(), X_OK) != 0)
        return fail(Code::unavailable, words[0] + " is not there");
    const auto outcome = support::run(words);
    if (outcome.status == 0) return {};
    return fail(Code::unavailable, command + ": " + outcome.out + outcome.err);
}

Status run_all(const std::vector<std::string>& commands) {
    for (const auto& command : commands) CMQ_TRY(run(command));
    return {};
}

std::string within(const std::string& name) { return ip + " netns exec " + name + ' '; }

}  // namespace

std::string Network::address(Number node) const { return subnet() + std::to_string(node + 1); }

Result<Network> Network::make(std::size_t nodes) {
    Network network;
    const auto bridge = bridge_name();
    CMQ_TRY(run(ip + " link add " + bridge + " type bridge"));
    network.has_bridge_ = true;
    CMQ_TRY(run_all({ip + " addr add " + subnet() + "254/24 dev " + bridge,
                     ip + " link set " + bridge + " up"}));
    for (Number node = 0; node < nodes; ++node) {
        const auto name = bridge + '-' + std::to_string(node);
        const auto outside = "v" + std::to_string(node) + bridge.substr(3);
        CMQ_TRY(run(ip + " netns add " + name));
        network.names_.push_back(name);
        CMQ_TRY(run_all(
            {ip + " link add " + outside + " type veth peer name inside netns " + name,
             ip + " link set " + outside + " master " + bridge + " up",
             within(name) + ip + " addr add " + network.address(node) + "/24 dev inside",
             within(name) + ip + " link set inside up", within(name) + ip + " link set lo up",
             within(name) + nft + " add table inet chaos",
             within(name) + nft +
                 " add chain inet chaos in { type filter hook input priority 0 ; }"}));
    }
    return network;
}

/// What cannot be taken away is left; nothing else uses the names.
Network::~Network() {
    for (const auto& name : names_) (void)run(ip + " netns del " + name);
    if (has_bridge_) (void)run(ip + " link del " + bridge_name());
}

std::vector<Place> Network::places() const {
    std::vector<Place> places;
    for (Number node = 0; node < names_.size(); ++node)
        places.push_back({address(node), {ip, "netns", "exec", names_[node]}, {}, {}});
    return places;
}

Status Network::lose(Number from, Number to) {
    return run(within(names_[to]) + nft + " add rule inet chaos in ip saddr " + address(from) +
               " drop");
}

Status Network::heal() {
    for (const auto& name : names_) CMQ_TRY(run(within(name) + nft + " flush chain inet chaos in"));
    return {};
}

}  // namespace cmq::chaos
