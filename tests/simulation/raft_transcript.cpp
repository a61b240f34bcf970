#include "tests/simulation/raft_transcript.h"

#include <algorithm>

#include "base/check.h"

namespace cmq::simulation {
namespace {

std::string text(raft::NodeId node) { return std::to_string(node.value); }
std::string text(raft::Index index) { return std::to_string(index.value); }
std::string text(raft::Term term) { return std::to_string(term.value); }

std::string range(raft::Index first, raft::Index last) {
    return text(first) + (first < last ? ".." + text(last) : "");
}

std::string text(const raft::Configuration& members) {
    std::string all;
    for (const auto voter : members.voters) all += (all.empty() ? "" : " ") + text(voter);
    if (!members.learners.empty()) all += " +";
    for (const auto learner : members.learners) all += ' ' + text(learner);
    return all;
}

/// Entries of these terms; those of one index and term are the same in every log.
std::vector<raft::Entry> entries_of(const std::vector<std::uint64_t>& terms) {
    std::vector<raft::Entry> entries;
    std::uint64_t chain = 0;
    for (const auto term : terms) {
        const raft::Index index{entries.size() + 1};
        auto payload = make_blob(text(index) + '/' + std::to_string(term));
        chain = raft::chain_of(raft::Kind::command, *payload, chain);
        entries.push_back({index, {term}, raft::Kind::command, chain, std::move(payload)});
    }
    return entries;
}

std::string text_of_log(const raft::State& core) {
    std::string all;
    if (core.log.base() != raft::Index{}) all += " (" + text(core.log.base()) + ')';
    if (core.commit == core.log.base()) all += " |";
    for (auto at = raft::next(core.log.base()); at <= core.log.last(); at = raft::next(at)) {
        all += (at > core.durable ? " ~" : " ") + text(*core.log.term_at(at));
        if (at == core.commit) all += " |";
    }
    return all;
}

std::string trimmed(const std::string& line) {
    const auto begin = line.find_first_not_of(' ');
    return begin == std::string::npos ? "" : line.substr(begin, line.find_last_not_of(' ') + 1);
}

}  // namespace

std::string RaftTranscript::trim(std::string_view text) {
    std::string all;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);)
        if (line = trimmed(line); !line.empty()) all += line + '\n';
    return all;
}

std::string RaftTranscript::play(std::string_view script) {
    RaftTranscript transcript;
    std::istringstream lines{std::string(script)};
    for (std::string line; std::getline(lines, line);) {
        line = trimmed(line);
        if (!line.starts_with("> ")) continue;
        transcript.say(line);
        transcript.make(line.substr(2));
        transcript.settle();
    }
    return transcript.told_;
}

void RaftTranscript::make(const std::string& command) {
    using Do = void (RaftTranscript::*)(Words&);
    static const std::map<std::string, Do> commands = {
        {"nodes", &RaftTranscript::nodes},       {"log", &RaftTranscript::log},
        {"elect", &RaftTranscript::elect},       {"tick", &RaftTranscript::tick},
        {"wait", &RaftTranscript::wait},         {"propose", &RaftTranscript::propose},
        {"read", &RaftTranscript::read},         {"transfer", &RaftTranscript::transfer},
        {"change", &RaftTranscript::change},     {"cut", &RaftTranscript::cut},
        {"hold", &RaftTranscript::hold},         {"sync", &RaftTranscript::sync},
        {"crash", &RaftTranscript::crash},       {"start", &RaftTranscript::start},
        {"snapshot", &RaftTranscript::snapshot}, {"checkpoint", &RaftTranscript::checkpoint},
        {"logs", &RaftTranscript::logs},         {"leave", &RaftTranscript::leave},
        {"copies", &RaftTranscript::copies}};
    Words words(command);
    std::string name;
    words >> name;
    const auto known = commands.find(name);
    if (known == commands.end()) return say("what is " + name + '?');
    (this->*known->second)(words);
}

RaftNode& RaftTranscript::node(Words& words) {
    std::uint64_t number = 0;
    std::string word;
    while (number == 0 && words >> word) number = std::strtoull(word.c_str(), nullptr, 10);
    CMQ_CHECK(number >= 1 && number <= nodes_.size());
    return nodes_[number - 1];
}

void RaftTranscript::begin(RaftNode& node) {
    raft::Options options;
    options.append_bytes_max = 1;  // each entry goes alone, and is on disk alone
    node.start(options, node.id.value);
    in_force_[node.id] = node.core->configuration();
    give(node, raft::Complete{true});  // its first step: the clock is known now
}

void RaftTranscript::nodes(Words& words) {
    std::size_t voters = 0, others = 0;
    std::string word;
    words >> voters >> word >> others;
    nodes_.resize(std::max(voters, others));
    raft::Configuration first;
    for (std::size_t at = 1; at <= voters; ++at) first.voters.push_back(raft::NodeId{at});
    for (std::size_t at = 0; at < nodes_.size(); ++at) {
        auto& node = nodes_[at];
        node.id = raft::NodeId{at + 1};
        if (at < voters) node.disk.checkpoint.configuration = first;
        clock(node) = Steady{std::chrono::hours{1}};
        begin(node);
    }
}

void RaftTranscript::log(Words& words) {
    auto& one = node(words);
    std::vector<std::uint64_t> terms;
    std::uint64_t term = 0;
    while (words >> term) terms.push_back(term);
    words.clear();
    if (std::string in; !(words >> in >> in >> term)) term = terms.back();
    one.disk.take({raft::HardState{{term}, {}}, {}, entries_of(terms), {}});
    begin(one);
}

void RaftTranscript::elect(Words& words) {
    auto& candidate = node(words);
    for (auto& other : nodes_)
        if (other.up() && other.core->role != raft::Role::leader)
            clock(other) = std::max(clock(other), raft::next_wake(*other.core).value_or(Steady{}));
    give(candidate, raft::Tick{});
}

void RaftTranscript::tick(Words& words) {
    auto& one = node(words);
    clock(one) = std::max(clock(one), raft::next_wake(*one.core).value_or(Steady{}));
    give(one, raft::Tick{});
}

void RaftTranscript::wait(Words& words) {
    auto& one = node(words);
    for (const auto end = clock(one) + one.core->options.election; clock(one) < end;) {
        clock(one) = std::min(end, raft::next_wake(*one.core).value_or(end));
        give(one, raft::Tick{});
        settle();
    }
}

void RaftTranscript::propose(Words& words) {
    auto& one = node(words);
    if (!one.leads()) return say(text(one.id) + " may not propose");
    give(one, raft::Propose{{make_blob("command " + std::to_string(++commands_))}});
}

void RaftTranscript::read(Words& words) { give(node(words), raft::Read{++reads_}); }

void RaftTranscript::transfer(Words& words) {
    auto& from = node(words);
    give(from, raft::Transfer{node(words).id});
}

void RaftTranscript::leave(Words& words) { give(node(words), raft::Leave{}); }

/// Who holds answers up, and up to where they may be given.
void RaftTranscript::copies(Words& words) {
    const auto& one = node(words);
    std::string all;
    for (const auto& peer : raft::status(*one.core, clock(one)).peers)
        if (peer.in_sync) all += ' ' + text(peer.id);
    say(text(one.id) + " answers up to " + text(raft::secured(*one.core)) + ", copies" + all);
}

void RaftTranscript::change(Words& words) {
    auto& leader = node(words);
    raft::Configuration to;
    auto* list = &to.voters;
    for (std::string word; words >> word;) {
        if (word == "+") {
            list = &to.learners;
        } else {
            list->push_back(raft::NodeId{std::stoull(word)});
        }
    }
    const auto may = raft::may_change(*leader.core, to);
    if (!may) return say(text(leader.id) + " refuses: " + may.error().message);
    give(leader, raft::Change{to});
}

void RaftTranscript::cut(Words& words) {
    cut_.clear();
    std::map<std::uint64_t, int> parts;
    int part = 0;
    for (std::string word; words >> word;)
        word == "|" ? void(++part) : void(parts[std::stoull(word)] = part);
    for (const auto& [from, one] : parts)
        for (const auto& [to, other] : parts)
            if (one != other) cut_.insert({raft::NodeId{from}, raft::NodeId{to}});
}

void RaftTranscript::hold(Words& words) { held_.insert(node(words).id); }

void RaftTranscript::sync(Words& words) {
    auto& one = node(words);
    std::string word;
    if (words >> word) {
        held_.erase(one.id);
    } else if (!one.writes.empty()) {
        give(one, one.sync());
    }
}

void RaftTranscript::crash(Words& words) {
    node(words).crash(0);
    if (std::string word; words >> word && word == "start") start(words);
}

void RaftTranscript::start(Words& words) {
    auto& one = node(words);
    held_.erase(one.id);
    begin(one);
}

void RaftTranscript::checkpoint(Words& words) {
    auto& one = node(words);
    one.disk.flush(one.applied_base());
    one.disk.drop(one.applied.index);
}

void RaftTranscript::snapshot(Words& words) {
    auto& from = node(words);
    install(from, node(words).id);
}

void RaftTranscript::logs(Words&) {
    for (const auto& one : nodes_)
        say(text(one.id) + ':' + (one.up() ? text_of_log(*one.core) : " down"));
}

/// Disks are quicker than links, so that each story has one course only.
void RaftTranscript::settle() {
    for (bool more = true; more;) {
        more = false;
        for (auto& one : nodes_)
            while (one.up() && !one.writes.empty() && !held_.contains(one.id)) {
                give(one, one.sync());
                more = true;
            }
        if (more || network_.empty()) continue;
        const auto message = network_.front();
        network_.pop_front();
        more = true;
        if (!cut_.contains({message.from, message.to}) && node(message.to).up())
            give(node(message.to), raft::Received{message});
    }
}

void RaftTranscript::give(RaftNode& one, const raft::Input& input) {
    const auto role = one.core->role;
    const auto last = one.core->log.last();
    auto output = raft::step(*one.core, input, clock(one));
    tell_log(one, output, last);
    const bool led = role == raft::Role::leader || one.core->role == raft::Role::leader;
    if (led && !output.apply.empty())
        say(text(one.id) + " commits " + range(output.apply.front().index, one.core->commit));
    tell_role(one, role);
    hand_out(one, std::move(output));
}

void RaftTranscript::hand_out(RaftNode& one, raft::Output output) {
    if (!output.damaged.empty()) say(text(one.id) + " stops: " + output.damaged);
    for (const auto& entry : output.apply) one.applied = {entry.index, entry.term, entry.chain};
    for (const auto& ready : output.reads)
        say(text(one.id) + (ready.ok ? " reads at " + text(ready.index) : " refuses to read"));
    for (const auto& message : output.send) {
        tell_votes(message);
        network_.push_back(message);
    }
    one.queue_write(output);
    for (const auto& load : output.load) give(one, one.disk.load(load));
    for (const auto to : output.snapshot) {
        const auto base = one.applied_base();
        const bool arrives = !cut_.contains({one.id, to}) && node(to).up();
        if (arrives) install(one, to);
        give(one, raft::SnapshotSent{to, base.index, arrives});
    }
}

void RaftTranscript::install(RaftNode& from, raft::NodeId to) {
    auto& one = node(to);
    const auto base = from.applied_base();
    give(one, raft::Installed{from.id, from.core->hard.term, base});
    if (one.core->commit == base.index) one.applied = {base.index, base.term, base.chain};
}

void RaftTranscript::tell_votes(const raft::Message& message) {
    const auto from = text(message.from), to = text(message.to);
    if (std::holds_alternative<raft::TimeoutNow>(message.body))
        say(from + " tells " + to + " to stand");
    const auto* vote = std::get_if<raft::VoteReply>(&message.body);
    if (!vote || (vote->pre && vote->granted)) return;
    const std::string verb = vote->pre ? " would not vote for " : " does not vote for ";
    say(from + (vote->granted ? " votes for " : verb) + to);
}

void RaftTranscript::tell_log(const RaftNode& one, const raft::Output& output, raft::Index last) {
    const auto& log = one.core->log;
    if (output.install) {
        const bool kept = log.last() > output.install->index;
        say(text(one.id) + " takes a snapshot of " + text(output.install->index) +
            (kept ? ", keeps up to " + text(log.last()) : ""));
    } else if (!output.append.empty() && output.append.front().index <= last) {
        say(text(one.id) + " drops " + range(output.append.front().index, last));
    }
    auto& known = in_force_[one.id];
    if (known == one.core->configuration()) return;
    known = one.core->configuration();
    say(text(one.id) + " goes by " + text(known));
}

void RaftTranscript::tell_role(const RaftNode& one, raft::Role before) {
    const auto& core = *one.core;
    if (core.role == before) return;
    if (before == raft::Role::leader) say(text(one.id) + " leads no more");
    if (core.role == raft::Role::candidate)
        say(text(one.id) + " stands in term " + text(core.hard.term));
    if (core.role == raft::Role::leader) say(text(one.id) + " leads term " + text(core.hard.term));
}

}  // namespace cmq::simulation
