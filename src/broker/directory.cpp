#include "broker/directory.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace cmq::broker {
namespace {

constexpr std::uint8_t version = 1;

// The parts of the table; Key::major.
constexpr std::uint64_t head_part = 0, member_part = 1, token_part = 2;

}  // namespace

std::string Directory::Head::encoded() const {
    std::string bytes;
    Encoder(bytes).u8(version).varint(next_number).varint(next_token);
    return bytes;
}

bool Directory::Head::decode(std::string_view bytes) {
    Decoder in(bytes);
    const auto found = in.u8();
    next_number = in.varint();
    next_token = in.varint();
    return found == version && in.done() && next_number > 1;
}

std::string Directory::Member::encoded() const {
    std::string bytes;
    Encoder out(bytes);
    out.u8(version).varint(next_incarnation);
    out.text(entry.peer_address).text(entry.endpoint).text(entry.zone);
    return bytes;
}

bool Directory::Member::decode(std::string_view bytes) {
    Decoder in(bytes);
    const auto found = in.u8();
    entry.node = NodeId{key.minor};
    next_incarnation = in.varint();
    entry.peer_address = in.text();
    entry.endpoint = in.text();
    entry.zone = in.text();
    return found == version && in.done() && is_node_id(entry.node) &&
           next_incarnation > incarnation_of(entry.node);
}

std::string Directory::Token::encoded() const {
    std::string bytes;
    Encoder out(bytes);
    out.u8(version).text(use.token).zigzag(milliseconds_of(use.expires));
    out.varint(use.node.value).text(use.key);
    return bytes;
}

bool Directory::Token::decode(std::string_view bytes) {
    Decoder in(bytes);
    const auto found = in.u8();
    use.token = in.text();
    use.expires = stamp_of(in.zigzag());
    use.node.value = in.varint();
    use.key = in.text();
    return found == version && in.done();
}

std::vector<NodeEntry> Directory::nodes() const {
    std::vector<NodeEntry> entries;
    entries.reserve(members_.size());
    for (const auto& [id, member] : members_) entries.push_back(member.entry);
    return entries;
}

bool Directory::holds(const NodeEntry& entry) const {
    const auto found = members_.find(entry.node.value);
    return found != members_.end() && found->second.entry == entry;
}

void Directory::found(NodeEntry first) {
    CMQ_CHECK(!head_);
    head_.emplace();
    head_->next_number = number_of(first.node) + 1;
    flush_.add(*head_);
    make(std::move(first));
}

NodeId Directory::next_number() const { return node_id(head_->next_number, 1); }

std::optional<NodeId> Directory::next_incarnation(NodeId node) const {
    const auto next = members_.at(node.value).next_incarnation;
    if (next > incarnation_max) return std::nullopt;
    return node_id(number_of(node), next);
}

Directory::Member& Directory::make(NodeEntry entry) {
    const Key key{member_part, entry.node.value};
    auto& member = members_.try_emplace(key.minor, key).first->second;
    member.next_incarnation = incarnation_of(entry.node) + 1;
    member.entry = std::move(entry);
    flush_.add(member);
    ++changes_;
    return member;
}

void Directory::add(NodeEntry entry) {
    const auto number = number_of(entry.node);
    if (number >= head_->next_number) {
        flush_.touch(*head_);
        head_->next_number = number + 1;
    }
    const auto next = make(std::move(entry)).next_incarnation;
    for (auto& [id, member] : members_) {
        if (number_of(member.entry.node) != number || member.next_incarnation == next) continue;
        flush_.touch(member);
        member.next_incarnation = next;
    }
}

void Directory::set(NodeEntry entry) {
    auto& member = members_.at(entry.node.value);
    if (member.entry == entry) return;
    flush_.touch(member);
    member.entry = std::move(entry);
    ++changes_;
}

void Directory::drop(NodeId node) {
    const auto at = members_.find(node.value);
    flush_.forget(at->second);
    members_.erase(at);
    ++changes_;
}

const Directory::Use* Directory::use_of(std::string_view token) const {
    const auto found = std::ranges::find_if(
        tokens_, [token](const auto& used) { return used.second.use.token == token; });
    return found == tokens_.end() ? nullptr : &found->second.use;
}

void Directory::use(Use use) {
    flush_.touch(*head_);
    const Key key{token_part, head_->next_token++};
    auto& used = tokens_.try_emplace(key.minor, key).first->second;
    used.use = std::move(use);
    flush_.add(used);
}

void Directory::forget_tokens(Stamp now) {
    for (auto at = tokens_.begin(); at != tokens_.end();) {
        if (at->second.use.expires > now) {
            ++at;
            continue;
        }
        flush_.forget(at->second);
        at = tokens_.erase(at);
    }
}

bool Directory::load(const Row& row) {
    const auto key = row.key;
    if (key == Key{head_part, 0}) {
        head_.emplace();
        flush_.loaded(*head_);
        return head_->decode(*row.value);
    }
    if (!head_) return false;
    if (key.major == member_part) {
        auto& member = members_.try_emplace(key.minor, key).first->second;
        flush_.loaded(member);
        return member.decode(*row.value) && number_of(member.entry.node) < head_->next_number;
    }
    if (key.major != token_part || key.minor >= head_->next_token) return false;
    auto& used = tokens_.try_emplace(key.minor, key).first->second;
    flush_.loaded(used);
    return used.decode(*row.value);
}

/// In key order, so the head comes first.
Status Directory::load(const std::vector<Row>& rows) {
    for (const auto& row : rows)
        if (!load(row))
            return fail(Code::corrupt, "node row (" + std::to_string(row.key.major) + ", " +
                                           std::to_string(row.key.minor) +
                                           ") is not what was written");
    ++changes_;
    return {};
}

std::uint64_t Directory::hash(std::uint64_t seed) const {
    if (!head_) return seed;
    seed = xxh3(head_->encoded(), seed);
    for (const auto& [id, member] : members_) seed = xxh3(member.encoded(), seed + id);
    for (const auto& [number, used] : tokens_) seed = xxh3(used.encoded(), seed + number);
    return seed;
}

}  // namespace cmq::broker
