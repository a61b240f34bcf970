// broker/directory.h: the nodes of the cluster, as all replicas know them.
//
// Where a node is found and which zone it is in; not who votes, which the log's configuration says,
// nor who is up. The first to tell its addresses founds the directory; from then on a node comes in
// by a join token, which counts once. Neither numbers nor incarnations are ever used twice.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/flush.h"
#include "broker/reply.h"

namespace cmq::broker {

class Directory {
public:
    explicit Directory(Flush& flush) : flush_(flush) {}

    bool is_founded() const { return head_.has_value(); }
    std::size_t size() const { return members_.size(); }
    bool holds(NodeId node) const { return members_.contains(node.value); }
    bool holds(const NodeEntry& entry) const;
    std::vector<NodeEntry> nodes() const;  // by id
    std::uint64_t changes() const { return changes_; }

    void found(NodeEntry first);  // not founded yet
    NodeId next_number() const;   // what the next new node will be called
    /// What will be called who takes the place of `node`, which is there; nothing: it has had all
    /// its incarnations.
    std::optional<NodeId> next_incarnation(NodeId node) const;
    /// `entry.node` is what one of the two above gave.
    void add(NodeEntry entry);
    void set(NodeEntry entry);  // it is there
    void drop(NodeId node);     // it is there

    /// What a token was used for.
    struct Use {
        std::string token;
        Stamp expires;
        NodeId node;      // who came in by it; may be gone
        std::string key;  // of that node
    };
    const Use* use_of(std::string_view token) const;  // nothing: it was not used
    std::size_t tokens() const { return tokens_.size(); }
    void use(Use use);
    void forget_tokens(Stamp now);  // those that have expired

    Status load(const std::vector<Row>& rows);
    std::uint64_t hash(std::uint64_t seed) const;

private:
    struct Head final : Record {
        Head() : Record(Table::node, Key{}) {}
        std::string encoded() const override;
        bool decode(std::string_view bytes);
        std::uint64_t next_number = 0;
        std::uint64_t next_token = 1;
    };
    struct Member final : Record {
        explicit Member(Key key_) : Record(Table::node, key_) {}
        std::string encoded() const override;
        bool decode(std::string_view bytes);
        NodeEntry entry;
        // The same in all members of one number.
        std::uint64_t next_incarnation = 0;
    };
    struct Token final : Record {
        explicit Token(Key key_) : Record(Table::node, key_) {}
        std::string encoded() const override;
        bool decode(std::string_view bytes);
        Use use;
    };

    Member& make(NodeEntry entry);
    bool load(const Row& row);

    Flush& flush_;
    std::optional<Head> head_;
    std::map<std::uint64_t, Member> members_;  // by node id
    std::map<std::uint64_t, Token> tokens_;    // those used, by the order of their use
    std::uint64_t changes_ = 0;                // since this process began
};

}  // namespace cmq::broker
