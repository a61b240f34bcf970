#include "cluster/relay.h"

#include "base/bytes.h"

namespace cmq::cluster {
namespace {

constexpr std::uint8_t version = 1;
constexpr char give_back_mark = 2;          // where a request has its version
constexpr std::uint8_t secure_flag = 1;     // of a request
constexpr std::uint8_t leads_not_flag = 1;  // of an answer
constexpr std::uint8_t close_flag = 2;      // of an answer
constexpr std::uint64_t header_fields_max = 1'000;

}  // namespace

std::string encode(const net::Request& request) {
    std::string bytes;
    bytes.reserve(request.body.size() + request.query.size() + 512);
    Encoder out(bytes);
    out.u8(version).u8(request.secure ? secure_flag : 0).text(request.remote);
    out.text(request.method).text(request.path).text(request.query);
    out.varint(request.headers.size());
    for (const auto& [name, value] : request.headers) out.text(name).text(value);
    out.text(request.body);
    return bytes;
}

Result<net::Request> decode_request(std::string_view bytes) {
    Decoder in(bytes);
    const auto found = in.u8();
    net::Request request;
    request.secure = (in.u8() & secure_flag) != 0;
    request.remote = in.text();
    request.method = in.text();
    request.path = in.text();
    request.query = in.text();
    const auto fields = in.varint();
    for (std::uint64_t at = 0; at < fields && fields <= header_fields_max && in.ok(); ++at) {
        std::string name(in.text());
        request.headers.emplace_back(std::move(name), in.text());
    }
    request.body = in.text();
    if (found != version || !in.done()) return fail(Code::corrupt, "not a relayed request");
    return request;
}

std::string encode(const Relayed& relayed) {
    std::string bytes;
    bytes.reserve(relayed.response.body.size() + 64);
    const auto flags =
        (relayed.leads_not ? leads_not_flag : 0) | (relayed.response.close ? close_flag : 0);
    Encoder(bytes)
        .u8(version)
        .u8(static_cast<std::uint8_t>(flags))
        .varint(static_cast<std::uint64_t>(relayed.response.status))
        .text(relayed.response.content_type)
        .text(relayed.response.body)
        .text(relayed.given);
    return bytes;
}

Result<Relayed> decode_relayed(std::string_view bytes) {
    Decoder in(bytes);
    const auto found = in.u8();
    const auto flags = in.u8();
    Relayed relayed;
    relayed.leads_not = (flags & leads_not_flag) != 0;
    relayed.response.close = (flags & close_flag) != 0;
    relayed.response.status = static_cast<int>(in.varint() % 1'000);
    relayed.response.content_type = in.text();
    relayed.response.body = in.text();
    relayed.given = in.text();
    if (found != version || !in.done()) return fail(Code::corrupt, "not a relayed answer");
    return relayed;
}

std::string encode(const shard::GiveBack& given) {
    std::string bytes;
    Encoder out(bytes);
    out.varint(given.space.value).text(given.queue).varint(given.handles.size());
    for (const auto handle : given.handles) out.varint(handle);
    return bytes;
}

Result<shard::GiveBack> decode_given(std::string_view bytes) {
    Decoder in(bytes);
    shard::GiveBack given;
    given.space.value = in.varint();
    given.queue = in.text();
    for (auto left = in.varint(); left > 0 && in.ok(); --left) given.handles.push_back(in.varint());
    if (!in.done()) return fail(Code::corrupt, "not what was given");
    return given;
}

std::string give_back_call(std::string_view given) {
    return std::string(1, give_back_mark).append(given);
}

std::optional<std::string_view> given_back(std::string_view call) {
    if (call.empty() || call.front() != give_back_mark) return std::nullopt;
    return call.substr(1);
}

}  // namespace cmq::cluster
