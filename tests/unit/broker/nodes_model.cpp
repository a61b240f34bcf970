// Random commands on the directory against a list, with flushes cut in the middle and restarts.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "comparison.h"

namespace cmq::broker::test {
namespace {

/// The rules once more: everything ever given is remembered.
struct NodeModel {
    std::vector<NodeEntry> nodes;
    std::map<std::string, std::pair<AddNode, NodeId>> tokens;
    std::set<std::uint64_t> given;
    FormatVersion format = oldest_format;

    bool has(NodeId node) const {
        return std::ranges::any_of(nodes, [node](const auto& one) { return one.node == node; });
    }
    NodeId next(NodeId replaces) const {
        auto node = replaces;
        if (replaces == NodeId{}) node = node_id(number_of(NodeId{*given.rbegin()}) + 1, 1);
        while (given.contains(node.value)) ++node.value;
        return node;
    }
    Outcome on(const AddNode& add, Stamp now) {
        const auto refusal = [](Reason reason) { return tl::unexpected(Refusal{reason, {}}); };
        if (given.empty()) return refusal(Reason::node_missing);
        if (add.knows < format) return refusal(Reason::node_too_old);
        if (add.token_expires <= now) return refusal(Reason::token_expired);
        if (const auto used = tokens.find(std::string(add.token)); used != tokens.end())
            return is_again(used->second, add) ? Outcome(NodeAdded{used->second.second})
                                               : refusal(Reason::token_used);
        if (nodes.size() == nodes_max) return refusal(Reason::too_many_nodes);
        if (add.replaces != NodeId{} && !has(add.replaces)) return refusal(Reason::node_missing);
        const auto node = next(add.replaces);
        tokens.emplace(add.token, std::pair(add, node));
        put({node, std::string(add.peer_address), std::string(add.endpoint),
             std::string(add.zone)});
        return NodeAdded{node};
    }
    Outcome on(const SetNode& set, Stamp) {
        if (!given.empty() && !has(set.node))
            return tl::unexpected(Refusal{Reason::node_missing, {}});
        put({set.node, std::string(set.peer_address), std::string(set.endpoint),
             std::string(set.zone)});
        return Done{};
    }
    Outcome on(const RaiseFormat& raise, Stamp) {
        const auto heard = [&raise](const NodeEntry& one) {
            return std::ranges::count(raise.heard, one.node) > 0;
        };
        if (!std::ranges::all_of(nodes, heard))
            return tl::unexpected(Refusal{Reason::change_under_way, {}});
        format = std::max(format, raise.to);
        return Done{};
    }
    Outcome on(const DropNode& drop, Stamp) {
        if (!has(drop.node)) return tl::unexpected(Refusal{Reason::node_missing, {}});
        std::erase_if(nodes, [&drop](const auto& one) { return one.node == drop.node; });
        return Done{};
    }

private:
    /// The same as before, and the node is still where it came in.
    bool is_again(const std::pair<AddNode, NodeId>& before, const AddNode& add) const {
        const NodeEntry entry{before.second, std::string(add.peer_address),
                              std::string(add.endpoint), std::string(add.zone)};
        return !add.key.empty() && before.first.key == add.key &&
               std::ranges::count(nodes, entry) > 0;
    }
    void put(NodeEntry entry) {
        given.insert(entry.node.value);
        std::erase_if(nodes, [&entry](const auto& one) { return one.node == entry.node; });
        nodes.push_back(std::move(entry));
        std::ranges::sort(nodes, {}, &NodeEntry::node);
    }
};

class NodeComparison {
public:
    explicit NodeComparison(std::uint64_t seed) : random_(seed) {
        broker_.options.newest = format_max;
    }

    void run(int steps) {
        for (int step = 0; step < steps; ++step) {
            broker_.now += std::chrono::seconds(random_.below(600));
            const auto action = some_action();
            if (cut_) since_cut_.push_back({action, broker_.now, broker_.index + 1});
            const auto expected =
                std::visit([&](const auto& command) { return on(command); }, action);
            REQUIRE(describe(broker_.apply(action)) == describe(expected));
            REQUIRE(broker_.state->nodes() == model_.nodes);
            REQUIRE(broker_.state->format() == model_.format);
            flush_a_little();
        }
    }

private:
    struct Entry {
        Action action;
        Stamp now;
        std::uint64_t index;
    };

    template <class Command>
    Outcome on(const Command& command) {
        if constexpr (requires { model_.on(command, broker_.now); }) {
            return model_.on(command, broker_.now);
        } else {
            return Done{};
        }
    }

    NodeId some_node() {
        if (model_.nodes.empty() || random_.below(8) == 0) return node_id(1 + random_.below(9), 1);
        return model_.nodes[random_.below(model_.nodes.size())].node;
    }
    /// Lives as long as this, as what commands point to must.
    std::string_view some_text() {
        static const std::array<std::string, 3> texts{"a", "b:1", "https://c:2"};
        return texts[random_.below(texts.size())];
    }
    std::string_view some_token() {
        if (tokens_.empty() || random_.below(4) != 0) {
            auto& text = tokens_.emplace_back(std::to_string(tokens_.size()));
            text.resize(token_id_bytes, '.');
        }
        return tokens_[random_.below(tokens_.size())];
    }

    Action some_action() {
        if (random_.below(100) == 0) return some_raise();
        const auto chance = random_.below(8);
        if (chance == 0) return SetNode{some_node(), some_text(), some_text(), ""};
        if (chance < 4) return DropNode{some_node()};
        // Two hours are longer than a token is remembered here by the state, which forgets it, but
        // never shorter than it lasts.
        const auto expires = expiry_.try_emplace(std::string(some_token()), broker_.now + 2h).first;
        const auto replaces = random_.below(3) == 0 ? some_node() : NodeId{};
        // Mostly of the release that the cluster has, so that nodes come in at all.
        const auto knows = random_.below(4) == 0 ? random_.below(9) + 1 : model_.format.value;
        return AddNode{expires->first, expires->second, some_text(), some_text(), "z",
                       replaces,       {knows},         some_key()};
    }
    std::string_view some_key() {
        static const std::array<std::string, 3> keys{"", std::string(node_key_bytes, 'k'),
                                                     std::string(node_key_bytes, 'l')};
        return keys[random_.below(keys.size())];
    }
    /// To some version; all nodes were heard, or one was forgotten.
    Action some_raise() {
        RaiseFormat raise{{random_.below(9) + 1}, {}};
        for (const auto& node : model_.nodes) raise.heard.push_back(node.node);
        if (!raise.heard.empty() && random_.below(3) == 0) raise.heard.pop_back();
        return raise;
    }

    void flush_a_little() {
        if (!cut_) {
            if (random_.below(20) != 0) return;
            cut_ = broker_.state->hash();
            broker_.state->begin_flush();
            return;
        }
        if (broker_.state->take_rows(1 + random_.below(3), taken_)) return;
        broker_.rows.write(taken_);
        taken_.clear();
        broker_.state->end_flush();
        const auto now = broker_.state->hash();
        REQUIRE(broker_.reload());
        REQUIRE(broker_.state->hash() == *cut_);
        for (const auto& entry : since_cut_) {
            std::uint32_t slot = 0;
            (void)broker_.state->apply(Command{broker_.space, entry.action}, entry.now,
                                       LogIndex{entry.index}, slot);
        }
        REQUIRE(broker_.state->hash() == now);
        since_cut_.clear();
        cut_.reset();
    }

    Random random_;
    Broker broker_;
    NodeModel model_;
    std::deque<std::string> tokens_;
    std::map<std::string, Stamp> expiry_;
    std::vector<Entry> since_cut_;
    std::vector<Row> taken_;
    std::optional<std::uint64_t> cut_;
};

}  // namespace

TEST_SUITE("unit/broker") {
    TEST_CASE("random commands on nodes give what the model gives, across flushes and restarts") {
        for (std::uint64_t seed = 1; seed <= 20; ++seed) {
            CAPTURE(seed);
            NodeComparison(seed).run(1'500);
        }
    }
}

}  // namespace cmq::broker::test
