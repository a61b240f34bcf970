#include "tests/support/fake_queue.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/text.h"

namespace cmq::support {

namespace {

std::string envelope(int code, std::string_view message, std::string_view rest = "") {
    return "{\"code\":" + std::to_string(code) + ",\"message\":\"" + std::string(message) +
           "\",\"requestId\":\"1\"" + std::string(rest) + "}";
}

}  // namespace

FakeQueue::FakeQueue(net::Loops& loops, Exists exists, std::chrono::seconds lease)
    : FakeQueue(loops, exists, lease, Faults{}) {}

FakeQueue::FakeQueue(net::Loops& loops, Exists exists, std::chrono::seconds lease, Faults faults)
    : lease_(lease), faults_(faults), exists_(exists == Exists::yes) {
    auto server = net::HttpServer::open(
        loops, {},
        [this](net::Request request, net::Answer answer) { on_request(request, answer); });
    REQUIRE(server);
    server_ = std::move(*server);
}

FakeQueue::~FakeQueue() = default;

std::string FakeQueue::url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }

std::vector<std::string> FakeQueue::actions() const {
    const std::lock_guard lock(mutex_);
    return actions_;
}

std::size_t FakeQueue::left() const {
    const std::lock_guard lock(mutex_);
    return ready_.size() + leased_.size();
}

bool FakeQueue::exists() const {
    const std::lock_guard lock(mutex_);
    return exists_;
}

void FakeQueue::on_request(const net::Request& request, const net::Answer& answer) {
    if (request.path == "/metrics")
        return answer.send({200, "text/plain", "cmq_log_fsyncs_total 7\n", false});
    const auto parameters = protocol::parse_form(request.body);
    if (!parameters) return answer.send({400, "application/json", "{}", true});
    const Fields fields(*parameters);
    const std::string action(fields.find("Action").value_or(""));
    const std::lock_guard lock(mutex_);
    if (std::find(actions_.begin(), actions_.end(), action) == actions_.end())
        actions_.push_back(action);
    net::Response response{200, "application/json", act(action, fields), false};
    if (sent_ > faults_.mute) return never_given_.push_back(answer);
    if (std::exchange(hang_up_, false)) response = {500, "application/json", "{}", true};
    answer.send(std::move(response));
}

std::string FakeQueue::act(const std::string& action, const Fields& fields) {
    if (requests_++ >= faults_.leaderless) return envelope(6000, "(10092)no leader, try again");
    if (action == "CreateQueue") {
        exists_ = true;
        return envelope(0, "", ",\"queueId\":\"queue-1\"");
    }
    if (!exists_) return envelope(4440, "(10100)queue is not existed, or deleted");
    if (action == "GetQueueAttributes") return details();
    if (action == "SendMessage" || action == "BatchSendMessage") return send(fields);
    if (action == "ReceiveMessage" || action == "BatchReceiveMessage")
        return receive(fields, action);
    if (action == "DeleteMessage" || action == "BatchDeleteMessage") return remove(fields);
    if (action == "DeleteQueue") {
        exists_ = false;
        return envelope(0, "");
    }
    return envelope(4000, "(10430)action name is not existed");
}

std::string FakeQueue::details() const {
    return envelope(
        0, "",
        ",\"maxMsgHeapNum\":1000000,\"pollingWaitSeconds\":0,\"visibilityTimeout\":" +
            std::to_string(lease_.count()) +
            ",\"maxMsgSize\":65536,\"msgRetentionSeconds\":3600,\"rewindSeconds\":0,"
            "\"createTime\":1,\"lastModifyTime\":1,\"activeMsgNum\":" +
            std::to_string(ready_.size()) +
            ",\"inactiveMsgNum\":0,\"delayMsgNum\":0,\"rewindMsgNum\":0,\"minMsgTime\":1,"
            "\"queueName\":\"q\",\"queueId\":\"queue-1\",\"trace\":false");
}

std::string FakeQueue::send(const Fields& fields) {
    const auto bodies = fields.list("msgBody");
    if (!bodies) return envelope(4000, "(10390)lacked of required parameter msgBody");
    std::string ids;
    for (const auto body : *bodies) {
        const auto number = sent_++;
        if (number != faults_.lose)
            ready_.push_back({std::string(body), 0, number == faults_.stays});
        if (number == faults_.unanswered) hang_up_ = true;
        if (number == faults_.stops) server_->dismiss();
        ids += (ids.empty() ? "{\"msgId\":\"" : ",{\"msgId\":\"") + std::to_string(sent_) + "\"}";
    }
    return envelope(0, "",
                    ",\"msgId\":\"" + std::to_string(sent_) + "\",\"msgList\":[" + ids + "]");
}

void FakeQueue::lapse() {
    const auto now = std::chrono::steady_clock::now();
    for (auto at = leased_.begin(); at != leased_.end() && at->second.until <= now;) {
        ready_.push_front({std::move(at->second.body), at->second.receives, at->second.stays});
        at = leased_.erase(at);
    }
}

std::string FakeQueue::receive(const Fields& fields, std::string_view action) {
    lapse();
    if (ready_.empty()) return envelope(7000, "(10200)no message");
    const auto wanted = parse_digits(fields.find("numOfMsg").value_or("1")).value_or(1);
    std::string items;
    for (std::uint64_t count = 0; count < wanted && !ready_.empty(); ++count) {
        auto message = std::move(ready_.front());
        ready_.pop_front();
        const auto handle = ++handles_;
        if (handle == faults_.twice + 1) ready_.push_front(message);
        const auto receives = message.receives + 1;
        items += (items.empty() ? "{" : ",{") + std::string("\"msgBody\":\"") + message.body +
                 "\",\"msgId\":\"1\",\"receiptHandle\":\"" + std::to_string(handle) +
                 "\",\"dequeueCount\":" + std::to_string(receives) + "}";
        leased_.emplace(handle,
                        Leased{std::move(message.body), std::chrono::steady_clock::now() + lease_,
                               receives, message.stays});
    }
    if (action == "BatchReceiveMessage") return envelope(0, "", ",\"msgInfoList\":[" + items + "]");
    return envelope(0, "", "," + items.substr(1, items.size() - 2));
}

bool FakeQueue::remove_one(std::string_view handle) {
    const auto found = leased_.find(parse_digits(handle).value_or(0));
    if (found == leased_.end()) return false;
    if (!found->second.stays) leased_.erase(found);
    return true;
}

std::string FakeQueue::remove(const Fields& fields) {
    lapse();
    const auto handles = fields.list("receiptHandle");
    if (!handles) return envelope(4000, "(10390)lacked of required parameter receiptHandle");
    std::string errors;
    for (const auto handle : *handles)
        if (!remove_one(handle))
            errors += (errors.empty() ? "{" : ",{") +
                      std::string("\"code\":4430,\"message\":\"\",\"receiptHandle\":\"") +
                      std::string(handle) + "\"}";
    if (errors.empty()) return envelope(0, "");
    return envelope(6010, "(10150)delete message partially failed",
                    ",\"errorList\":[" + errors + "]");
}

}  // namespace cmq::support
