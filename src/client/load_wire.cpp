#include "client/load_wire.h"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <array>

#include "auth/signature.h"
#include "base/check.h"
#include "protocol/form.h"

namespace cmq::client {
namespace {

/// 0, 1, 10, 11 ... 15, 2 ... 9: the signature sorts names as text.
std::vector<std::string> sorted_numbers(std::size_t count) {
    std::vector<std::string> numbers;
    for (std::size_t number = 0; number < count; ++number)
        numbers.push_back(std::to_string(number));
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

const std::vector<std::string>& numbers_of(std::size_t count) {
    static const auto all = [] {
        std::array<std::vector<std::string>, load_batch_max + 1> made;
        for (std::size_t each = 0; each < made.size(); ++each) made[each] = sorted_numbers(each);
        return made;
    }();
    return all.at(count);
}

constexpr std::string_view method_parameter = "&SignatureMethod=HmacSHA256&Timestamp=";

}  // namespace

LoadRequests::LoadRequests(Signer signer, Endpoint endpoint, std::string queue)
    : signer_(std::move(signer)),
      escaped_id_(protocol::form_encode(signer_.secret_id)),
      target_(endpoint.path),
      prefix_("POST" + endpoint.authority() + endpoint.path + "?"),
      queue_(std::move(queue)) {
    CMQ_CHECK(protocol::form_encode(queue_) == queue_);
}

std::string LoadRequests::begin(std::string_view action) const {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(clock_.wall());
    auto text = prefix_;
    text.append("Action=").append(action).append("&Nonce=1&SecretId=").append(signer_.secret_id);
    text.append(method_parameter).append(std::to_string(seconds.time_since_epoch().count()));
    return text;
}

net::HttpClient::Request LoadRequests::finish(std::string text) const {
    const auto signature = auth::sign(signer_.secret_key, auth::Digest::sha256, text);
    text.erase(0, prefix_.size());
    if (escaped_id_ != signer_.secret_id)
        text.replace(text.find("&SecretId=") + 10, signer_.secret_id.size(), escaped_id_);
    text.append("&Signature=").append(protocol::form_encode(signature));
    net::HttpClient::Request request;
    request.method = "POST";
    request.target = target_;
    request.body = std::move(text);
    return request;
}

net::HttpClient::Request LoadRequests::with_list(std::string_view action, std::string_view list,
                                                 std::span<const std::string> values) const {
    std::size_t bytes = 256;
    for (const auto& value : values) bytes += value.size() + 24;
    std::string text;
    text.reserve(bytes);
    text = begin(action);
    const bool queue_first = list > "queueName";  // receiptHandle comes after queueName
    if (queue_first) text.append("&queueName=").append(queue_);
    if (values.size() == 1) {
        text.append("&").append(list).append("=").append(values[0]);
    } else {
        const auto& numbers = numbers_of(values.size());
        for (const auto& number : numbers)
            text.append("&").append(list).append(".").append(number).append("=").append(
                values[std::stoul(number)]);
    }
    if (!queue_first) text.append("&queueName=").append(queue_);
    return finish(std::move(text));
}

net::HttpClient::Request LoadRequests::send(std::span<const std::string> bodies) const {
    return with_list(bodies.size() == 1 ? "SendMessage" : "BatchSendMessage", "msgBody", bodies);
}

net::HttpClient::Request LoadRequests::remove(std::span<const std::string> handles) const {
    return with_list(handles.size() == 1 ? "DeleteMessage" : "BatchDeleteMessage", "receiptHandle",
                     handles);
}

net::HttpClient::Request LoadRequests::receive(std::size_t count, std::chrono::seconds wait) const {
    auto text = begin(count == 1 ? "ReceiveMessage" : "BatchReceiveMessage");
    if (count > 1) text.append("&numOfMsg=").append(std::to_string(count));
    text.append("&pollingWaitSeconds=").append(std::to_string(wait.count()));
    text.append("&queueName=").append(queue_);
    return finish(std::move(text));
}

namespace {

/// Takes what we want from the stream of JSON tokens, wherever it stands.
class Collector : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Collector> {
public:
    explicit Collector(LoadAnswer& answer) : answer_(answer) {}

    bool StartObject() {
        ++depth_;
        return true;
    }
    bool EndObject(rapidjson::SizeType) {
        if (!item_.body.empty()) {
            answer_.messages.push_back(item_);
        } else if (!item_.handle.empty()) {
            answer_.refused.push_back(item_.handle);
        }
        item_ = {};
        --depth_;
        return true;
    }
    bool Key(const char* text, rapidjson::SizeType bytes, bool) {
        key_ = {text, bytes};
        return true;
    }
    bool String(const char* text, rapidjson::SizeType bytes, bool) {
        const std::string_view value(text, bytes);
        if (key_ == "msgBody") item_.body = value;
        if (key_ == "receiptHandle") item_.handle = value;
        if (key_ == "message" && depth_ == 1) answer_.message = value;
        return true;
    }
    bool Uint(unsigned value) {
        if (key_ == "code" && depth_ == 1) answer_.code = static_cast<int>(value);
        if (key_ == "dequeueCount") item_.receives = value;
        return true;
    }

private:
    LoadAnswer& answer_;
    LoadAnswer::Item item_;
    std::string_view key_;
    int depth_ = 0;
};

}  // namespace

Result<LoadAnswer> read_load_answer(std::string& text) {
    LoadAnswer answer;
    Collector collector(answer);
    rapidjson::Reader reader;
    rapidjson::InsituStringStream stream(text.data());
    const auto parsed = reader.Parse<rapidjson::kParseInsituFlag>(stream, collector);
    if (parsed.IsError() || answer.code < 0)
        return fail(Code::internal, parsed.IsError() ? rapidjson::GetParseError_En(parsed.Code())
                                                     : "an answer without a code");
    return answer;
}

LoadOutcome outcome_of(const LoadAnswer& answer) {
    constexpr int unauthenticated = 4100, no_queue = 4440, server = 6000;
    if (answer.code == 0) return LoadOutcome::done;
    if (answer.code == unauthenticated || answer.code == no_queue) return LoadOutcome::hopeless;
    if (answer.code != server) return LoadOutcome::refused;
    // Disk space is low; no leader; a copy is missing: refused before anything was written.
    constexpr std::array<std::string_view, 3> refused{"(10091)", "(10092)", "(10094)"};
    const auto module = std::string_view(answer.message).substr(0, 7);
    return std::ranges::find(refused, module) != refused.end() ? LoadOutcome::refused
                                                               : LoadOutcome::unknown;
}

}  // namespace cmq::client
