#include "cmd/outgoing.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "broker/limits.h"
#include "cmd/print.h"
#include "cmd/queue_errors.h"

namespace cmq::cmd {
namespace {

using Json = nlohmann::json;

Result<std::chrono::seconds> delay_of(const Json& value) {
    if (value.is_number_unsigned() && value.get<std::uint64_t>() <= 1'000'000)
        return std::chrono::seconds{value.get<std::uint64_t>()};
    if (!value.is_string())
        return fail(Code::invalid, "delay must be seconds or a text like \"5s\"");
    return config::parse_seconds(value.get_ref<const std::string&>());
}

bool is_from_receive(const std::string& key) {
    static const std::set<std::string> keys{"version",        "id",       "handle",  "enqueued",
                                            "first_received", "receives", "visible", "sequence",
                                            "next_visible",   "phase"};
    return keys.contains(key);
}

Status take_key(OutgoingMessage& message, const std::string& key, const Json& value) {
    if (is_from_receive(key)) return {};
    if (key == "delay") {
        message.options.delay = CMQ_TRY(delay_of(value));
        return {};
    }
    if (key == "body_base64")
        return fail(Code::invalid,
                    "the body is not UTF-8, and HTTP carries only that; --base64 "
                    "carries any bytes");
    if (key != "body" && key != "dedup_id")
        return fail(Code::invalid, "\"" + key + "\" is not body, delay or dedup_id");
    if (!value.is_string()) return fail(Code::invalid, key + " must be a text");
    (key == "body" ? message.body : message.options.dedup_id) = value.get<std::string>();
    return {};
}

bool same(const client::SendOptions& a, const client::SendOptions& b) {
    return a.delay == b.delay && a.dedup_id.empty() && b.dedup_id.empty();
}

/// Refused for what a message is, so that others may fare better.
bool is_about_one(const Error& error) { return error.code == Code::invalid; }

Record record_of(const std::string& id) { return {{{{"id", "ID"}, id}}}; }

}  // namespace

Result<OutgoingMessage> parse_ndjson(std::string_view line) {
    const auto object = Json::parse(line, nullptr, false);
    if (!object.is_object()) return fail(Code::invalid, "not a JSON object");
    if (!object.contains("body") && !object.contains("body_base64"))
        return fail(Code::invalid, "\"body\" is missing");
    OutgoingMessage message;
    for (const auto& [key, value] : object.items()) CMQ_TRY(take_key(message, key, value));
    return message;
}

Status Outbox::add(OutgoingMessage message) {
    constexpr auto batch_max = static_cast<std::size_t>(broker::batch.most);
    constexpr auto bytes_max = static_cast<std::size_t>(broker::batch_bytes_max);
    const bool is_full = waiting_.size() == batch_max ||
                         waiting_bytes_ + message.body.size() > bytes_max ||
                         (!waiting_.empty() && !same(waiting_.front().options, message.options));
    if (is_full) CMQ_TRY(send_waiting());
    waiting_bytes_ += message.body.size();
    waiting_.push_back(std::move(message));
    return {};
}

Status Outbox::send_waiting() {
    waiting_bytes_ = 0;
    if (waiting_.empty()) return {};
    return send_batch(std::exchange(waiting_, {}));
}

Status Outbox::send_batch(std::vector<OutgoingMessage> batch) {
    std::vector<std::string> bodies;
    for (const auto& message : batch) bodies.push_back(message.body);
    const auto ids = client_.send(queue_, bodies, batch.front().options);
    if (ids) {
        for (const auto& id : *ids) print(id);
        out_.flush();
        return {};
    }
    if (is_about_one(ids.error()) && batch.size() > 1) return send_one_by_one(batch);
    for (const auto& message : batch) note_failure(message.number, ids.error());
    if (is_about_one(ids.error())) return {};
    return tl::unexpected(ids.error());
}

Status Outbox::send_one_by_one(const std::vector<OutgoingMessage>& batch) {
    for (auto at = batch.begin(); at != batch.end(); ++at) {
        const auto sent = send_batch({*at});
        if (sent) continue;
        for (auto rest = at + 1; rest != batch.end(); ++rest)
            note_failure(rest->number, sent.error());
        return sent;
    }
    return {};
}

std::vector<std::string> Outbox::keys() { return keys_of(record_of({})); }

void Outbox::print(const std::string& id) {
    switch (form_.format) {
        case Format::json:
            out_ << (sent_ == 0 ? "{\"version\":1,\"messages\":[\n" : ",\n")
                 << json_line(record_of(id), Standing::in_list);
            break;
        case Format::ndjson:
        case Format::pattern:
            cmd::print(out_, record_of(id), form_);
            break;
        case Format::table:
        case Format::plain:
        case Format::raw:
            out_ << id << '\n';
            break;
    }
    ++sent_;
}

void Outbox::note_failure(std::uint64_t number, Error error) {
    failures_.push_back({number, std::move(error)});
}

Status Outbox::finish(std::ostream& err) {
    if (form_.format == Format::json)
        out_ << (sent_ == 0 ? "{\"version\":1,\"messages\":[]}\n" : "\n]}\n");
    if (failures_.empty()) return {};
    const auto& last = failures_.back();
    const bool is_one_reason = std::all_of(
        failures_.begin(), failures_.end(),
        [&](const Failure& failure) { return failure.error.message == last.error.message; });
    if (sent_ > 0 || !is_one_reason) list_failures(err);
    if (sent_ == 0) return explained(client_, "send to", queue_, last.error, Advice::create);
    return fail(Code::partial, "could not send all to \"" + queue_ +
                                   "\": " + std::to_string(sent_) + " sent, " +
                                   std::to_string(failures_.size()) + " not");
}

/// Neighbours with one reason share a line.
void Outbox::list_failures(std::ostream& err) const {
    for (auto at = failures_.begin(); at != failures_.end();) {
        const auto end = std::find_if(at, failures_.end(), [&](const Failure& failure) {
            return failure.error.message != at->error.message ||
                   failure.number != at->number + static_cast<std::uint64_t>(&failure - &*at);
        });
        const auto& last = *std::prev(end);
        err << "cmq: message " << at->number;
        if (last.number != at->number) err << " to " << last.number;
        err << " not sent: " << at->error.message << '\n';
        at = end;
    }
}

}  // namespace cmq::cmd
