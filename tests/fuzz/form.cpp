// The API's form, from bytes to a command: whatever comes, it is read or refused, and what is
// answered to it is JSON.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.h"
#include "protocol/http_actions.h"

namespace {

using namespace cmq;

void require(bool holds) {
    if (!holds) std::abort();
}

/// Bytes that a decoded call points at lie in the parameters, so reading them all is a test.
void read_all(const protocol::Call& call) {
    const auto* command = std::get_if<broker::Command>(&call.what);
    if (!command) return;
    if (const auto* send = std::get_if<broker::Send>(&command->action)) {
        require(!send->bodies.empty() && send->bodies.size() <= 16);
        for (const auto body : send->bodies) require(is_utf8(body));
        require(send->delay >= 0 && send->delay <= 3'600);
        require(send->queue.size() <= 64 && send->dedup_id.size() <= 128);
    }
    if (const auto* remove = std::get_if<broker::DeleteMessages>(&command->action))
        require(!remove->handles.empty() && remove->handles.size() <= 16);
    if (const auto* receive = std::get_if<broker::Receive>(&command->action)) {
        require(receive->count >= 1 && receive->count <= 16);
        require(!call.polling_wait || call.polling_wait->count() <= 30);
    }
}

void check_answer(const std::string& answer) {
    require(answer.starts_with("{\"code\":") && answer.ends_with("}"));
    require(is_utf8(answer));
}

void answer(const protocol::HttpRequest& request) {
    const auto parsed = protocol::parse(request);
    if (!parsed) return check_answer(protocol::encode_error(parsed.error(), "1"));
    const auto call = protocol::decode(*parsed, broker::Namespace{1});
    if (!call)
        return check_answer(protocol::encode_error({call.error(), parsed->client_request_id}, "1"));
    read_all(*call);
    const broker::Answer refused{
        tl::unexpected(broker::Refusal{broker::Reason::out_of_range, "queueName"}), {}};
    check_answer(protocol::encode(*parsed, *call, refused, {"1", {}}));
    const auto* command = std::get_if<broker::Command>(&call->what);
    if (!command) return;
    if (const auto* remove = std::get_if<broker::DeleteMessages>(&command->action))
        check_answer(protocol::encode(
            *parsed, *call, {broker::Reply{broker::Deleted{remove->handles}}, {}}, {"1", {}}));
}

/// Whatever is sent must be signed the same as it is checked.
void verify(const protocol::HttpRequest& request) {
    const auto parsed = protocol::parse(request);
    if (!parsed) return;
    static const auto credentials = [] {
        auth::Credentials known;
        known.add({"AKID", "key", broker::Namespace{1}, true, true, ""});
        return known;
    }();
    auto claim = parsed->claim;
    claim.secret_id = "AKID";
    claim.signature =
        auth::sign("key", auth::Digest::sha256,
                   auth::text_to_sign(claim.method, claim.host, claim.path, *claim.signed_));
    require(auth::verify(claim, credentials, {}, std::chrono::seconds{0}).has_value());
    claim.signature[0] ^= 1;
    require(!auth::verify(claim, credentials, {}, std::chrono::seconds{0}).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    answer({"POST", "/v2/index.php", "", "127.0.0.1", bytes});
    if (bytes.empty()) return 0;
    // Mutation rarely comes up with the common parameters, so they are given to it.
    const auto actions = cmq::protocol::action_names();
    const auto action = actions[data[0] % actions.size()];
    const auto form =
        std::string(bytes.substr(1)) +
        "&Timestamp=1&Nonce=1&SecretId=AKID&Signature=x&queueName=q&Action=" + std::string(action);
    const cmq::protocol::HttpRequest request{"GET", "/", form, "127.0.0.1:80", ""};
    answer(request);
    verify(request);
    return 0;
}
