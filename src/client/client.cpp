#include "client/client.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "broker/limits.h"
#include "client/answer.h"

namespace cmq::client {
namespace {

using std::chrono::milliseconds;
using Time = std::chrono::steady_clock::time_point;

// Between two rounds of looking for a leader; electing one takes about a second.
constexpr milliseconds pause_first{50}, pause_most{400};

auth::Parameters of_queue(std::string_view queue) { return {{"queueName", std::string(queue)}}; }

template <class Value>
void add_given(auth::Parameters& parameters, const char* name, const std::optional<Value>& value) {
    if (value) parameters.emplace_back(name, std::to_string(*value));
}

auth::Parameters with_attributes(std::string_view queue, const broker::AttributeChanges& changes) {
    auto parameters = of_queue(queue);
    add_given(parameters, "maxMsgHeapNum", changes.max_messages);
    add_given(parameters, "pollingWaitSeconds", changes.polling_wait);
    add_given(parameters, "visibilityTimeout", changes.visibility_timeout);
    add_given(parameters, "maxMsgSize", changes.max_message_bytes);
    add_given(parameters, "msgRetentionSeconds", changes.retention);
    add_given(parameters, "rewindSeconds", changes.rewind);
    if (changes.trace) parameters.emplace_back("trace", *changes.trace ? "true" : "false");
    return parameters;
}

/// What the wire cannot carry is refused here, where the caller still knows what to do about it.
Status check_body(std::string_view body) {
    if (body.empty()) return fail(Code::invalid, "a message body cannot be empty");
    if (!is_utf8(body))
        return fail(
            Code::invalid,
            "the body is not UTF-8, and HTTP carries only that; --base64 carries any bytes");
    return {};
}

Result<Connection::Answer> checked(Result<Connection::Answer> answer, const Endpoint& endpoint) {
    if (!answer || answer->status == 200) return answer;
    const auto code = answer->status == 413   ? Code::invalid
                      : answer->status == 503 ? Code::unavailable
                                              : Code::internal;
    return fail(code,
                endpoint.url() + " answered with HTTP status " + std::to_string(answer->status));
}

/// What /readyz says when it is not.
std::string reason_in(const Connection::Answer& page) {
    const auto json = nlohmann::json::parse(page.body, nullptr, false);
    const auto why = json.is_object() ? json.find("why") : json.end();
    if (why == json.end() || !why->is_string()) return " is not ready";
    return ": " + why->get<std::string>();
}

/// It was not there, or stopped while the request came in.
bool did_nothing(const Error& error) {
    return error.code == Code::unreachable || error.code == Code::unavailable;
}

bool is_over(const std::optional<Time>& end) { return end && Time::clock::now() >= *end; }

/// `limit`, or what is left until `end`: rounded up, so that it is over when that has passed.
milliseconds within(const std::optional<Time>& end, milliseconds limit) {
    if (!end) return limit;
    const auto left = std::chrono::ceil<milliseconds>(*end - Time::clock::now());
    return std::clamp(left, milliseconds{0}, limit);
}

/// Who could not be reached in the time that was left may be reachable in more.
template <class T>
Result<T> late(Result<T> answer, const std::optional<Time>& end) {
    if (!answer && answer.error().code == Code::unreachable && is_over(end))
        answer.error().code = Code::timed_out;
    return answer;
}

}  // namespace

Client::Client(Options options, std::vector<Connection> connections)
    : options_(std::move(options)), connections_(std::move(connections)) {}

Result<Client> Client::open(Options options) {
    std::vector<Connection> connections;
    auto endpoints = CMQ_TRY(parse_endpoints(options.endpoints));
    for (auto& endpoint : endpoints)
        connections.push_back(
            CMQ_TRY(Connection::open(std::move(endpoint), {.ca_file = options.ca_file,
                                                           .connect_time = options.connect_time})));
    return Client(std::move(options), std::move(connections));
}

bool Client::may_go_on(const Question& question, const Error& error) const {
    if (did_nothing(error)) return true;
    return error.code == Code::unknown_outcome && question.repeat == Repeat::elsewhere &&
           !waiting_->was_cancelled();
}

/// For one of so many `endpoints` that are still to be asked: a silent one leaves time for them.
milliseconds Client::connect_time(End end, std::size_t endpoints) const {
    const auto share = within(end, milliseconds::max()) / static_cast<std::int64_t>(endpoints);
    return std::clamp(share, milliseconds{1}, options_.connect_time);
}

/// One round: the endpoint that worked last, then the others as long as they may be asked.
template <class Post>
Result<std::string> Client::ask_each(const Question& question, Post post) {
    std::optional<Result<std::string>> unanswered;
    for (auto left = connections_.size(); left > 0 && !is_over(question.end); --left) {
        auto& connection = connections_[current_];
        const auto& endpoint = connection.endpoint();
        const auto form =
            signed_form(question.action, question.parameters, options_.signer, endpoint.authority(),
                        endpoint.path, {clock_.wall() + options_.clock_behind, random_number()});
        connection.set_connect_time(connect_time(question.end, left));
        auto answer = checked(post(connection, form), endpoint);
        const bool is_leaderless = answer && says_no_leader(answer->body);
        if (answer && !is_leaderless) return std::move(answer->body);
        if (!answer && !may_go_on(question, answer.error()))
            return tl::unexpected(std::move(answer).error());
        // Silence says less than what may have been done, and that less than to have no leader.
        const bool is_unknown = !answer && answer.error().code == Code::unknown_outcome;
        if (is_leaderless) {
            unanswered = std::move(answer->body);
        } else if (!unanswered || (is_unknown && !*unanswered)) {
            unanswered = tl::unexpected(std::move(answer).error());
        }
        turn_to_next();
    }
    if (unanswered) return *std::move(unanswered);
    return fail(Code::timed_out, "the time was up before the broker was asked");
}

template <class Post>
Result<std::string> Client::ask(const Question& question, Post post) {
    if (options_.signer.secret_id.empty() || options_.signer.secret_key.empty())
        return fail(Code::unauthenticated,
                    "no secret id or secret key is given: --secret-id and --secret-key-file, "
                    "CMQ_SECRET_ID and CMQ_SECRET_KEY, or a context (cmq context add)");
    auto end = Time::clock::now() + options_.patience;
    if (question.end) end = std::min(end, *question.end);
    std::optional<std::string> leaderless;
    for (auto pause = pause_first;; pause = std::min(2 * pause, pause_most)) {
        auto answer = ask_each(question, post);
        if (!answer && leaderless && is_over(question.end)) return *std::move(leaderless);
        if (!answer || !says_no_leader(*answer)) return answer;
        if (Time::clock::now() + pause > end || !waiting_->pause(pause)) return answer;
        leaderless = *std::move(answer);
    }
}

Result<std::string> Client::call(std::string_view action, const auth::Parameters& parameters,
                                 Repeat repeat) {
    return answer_to({action, parameters, repeat, options_.deadline});
}

/// A message that was printed or dealt with must not come again because its delete began too late.
Result<std::string> Client::settle(std::string_view action, const auth::Parameters& parameters) {
    auto end = options_.deadline;
    if (end) end = std::max(*end, Time::clock::now() + options_.settle_time);
    return answer_to({action, parameters, Repeat::never, end});
}

Result<std::string> Client::answer_to(const Question& question) {
    auto answer = ask(question, [&](Connection& connection, const std::string& form) {
        return connection.post(form, within(question.end, options_.answer_time));
    });
    leave_if_silent(answer);
    return late(std::move(answer), question.end);
}

/// It may have been done, so nobody else is asked the same; but the next question goes elsewhere.
void Client::leave_if_silent(const Result<std::string>& answer) {
    if (!answer && answer.error().code == Code::timed_out) turn_to_next();
}

Result<std::string> Client::wait(const Question& question, milliseconds limit) {
    return ask(question, [&](Connection& connection, const std::string& form) {
        return waiting_->on(connection,
                            [&] { return connection.post(form, within(question.end, limit)); });
    });
}

Result<std::string> Client::create_queue(std::string_view queue,
                                         const broker::AttributeChanges& with) {
    const auto answer = CMQ_TRY(call("CreateQueue", with_attributes(queue, with)));
    return decode_queue_id(answer);
}

Status Client::set_queue(std::string_view queue, const broker::AttributeChanges& changes) {
    const auto answer = CMQ_TRY(call("SetQueueAttributes", with_attributes(queue, changes)));
    return decode_done(answer);
}

Status Client::delete_queue(std::string_view queue) {
    const auto answer = CMQ_TRY(call("DeleteQueue", of_queue(queue)));
    return decode_done(answer);
}

Status Client::purge_queue(std::string_view queue) {
    const auto answer = CMQ_TRY(call("ClearQueue", of_queue(queue)));
    return decode_done(answer);
}

Status Client::rewind_queue(std::string_view queue, Stamp to) {
    auto parameters = of_queue(queue);
    parameters.emplace_back("startConsumeTime", std::to_string(milliseconds_of(to)));
    const auto answer = CMQ_TRY(call("RewindQueue", parameters));
    return decode_done(answer);
}

Result<RewindPeeked> Client::peek_rewind(std::string_view queue, Stamp to) {
    auto parameters = of_queue(queue);
    parameters.emplace_back("startConsumeTime", std::to_string(milliseconds_of(to)));
    const auto answer = CMQ_TRY(call("PeekRewind", parameters, Repeat::elsewhere));
    return decode_rewind_peeked(answer);
}

Result<RewindPeeked> Client::peek_rewind(std::string_view queue, const std::string& message_id) {
    auto parameters = of_queue(queue);
    parameters.emplace_back("startMessageId", message_id);
    const auto answer = CMQ_TRY(call("PeekRewind", parameters, Repeat::elsewhere));
    return decode_rewind_peeked(answer);
}

Result<QueueDetails> Client::queue(std::string_view queue) {
    const auto answer = CMQ_TRY(call("GetQueueAttributes", of_queue(queue), Repeat::elsewhere));
    return decode_queue_details(answer);
}

Result<QueueList> Client::list_queues(std::string_view search, std::uint64_t offset,
                                      std::uint64_t limit) {
    auth::Parameters parameters{{"offset", std::to_string(offset)},
                                {"limit", std::to_string(limit)}};
    if (!search.empty()) parameters.emplace_back("searchWord", search);
    const auto answer = CMQ_TRY(call("ListQueue", parameters, Repeat::elsewhere));
    return decode_queue_list(answer);
}

Result<std::vector<QueueName>> Client::all_queues(std::string_view search) {
    std::vector<QueueName> queues;
    while (true) {
        auto page = CMQ_TRY(list_queues(search, queues.size(), broker::queue_page_max));
        for (auto& queue : page.queues) queues.push_back(std::move(queue));
        // A page without queues ends it even when the total moved while we read.
        if (page.queues.empty() || queues.size() >= page.total) return queues;
    }
}

Result<std::vector<std::string>> Client::send(std::string_view queue,
                                              std::span<const std::string> bodies,
                                              const SendOptions& options) {
    auto parameters = of_queue(queue);
    for (std::size_t at = 0; at < bodies.size(); ++at) {
        CMQ_TRY(check_body(bodies[at]));
        const auto name = bodies.size() == 1 ? "msgBody" : "msgBody." + std::to_string(at);
        parameters.emplace_back(name, bodies[at]);
    }
    if (options.delay.count() != 0)
        parameters.emplace_back("delaySeconds", std::to_string(options.delay.count()));
    if (!options.dedup_id.empty()) parameters.emplace_back("dedupId", options.dedup_id);
    const auto* action = bodies.size() == 1 ? "SendMessage" : "BatchSendMessage";
    const auto repeat = options.dedup_id.empty() ? Repeat::never : Repeat::elsewhere;
    const auto answer = CMQ_TRY(call(action, parameters, repeat));
    auto ids = CMQ_TRY(decode_message_ids(answer));
    if (ids.size() != bodies.size())
        return fail(Code::internal, "the broker gave " + std::to_string(ids.size()) + " ids for " +
                                        std::to_string(bodies.size()) + " messages");
    return ids;
}

Result<std::vector<Message>> Client::receive(std::string_view queue,
                                             const ReceiveOptions& options) {
    using std::chrono::seconds;
    auto parameters = of_queue(queue);
    parameters.emplace_back("numOfMsg", std::to_string(options.count));
    const milliseconds held = options.wait.value_or(seconds{broker::polling_wait.most});
    // At the deadline, too: the broker may hold the request for longer, and is not to blame.
    bool hang_up = options_.deadline && Time::clock::now() + held >= *options_.deadline;
    if (options.wait) {
        const auto asked = std::chrono::ceil<seconds>(*options.wait);
        parameters.emplace_back("pollingWaitSeconds", std::to_string(asked.count()));
        hang_up = hang_up || asked != *options.wait;
    }
    const auto repeat = options_.repeats_receives ? Repeat::elsewhere : Repeat::never;
    auto answer = wait({"BatchReceiveMessage", parameters, repeat, options_.deadline},
                       hang_up ? held : held + options_.answer_time);
    if (!answer && hang_up && answer.error().code == Code::timed_out)
        return fail(Code::empty, "no message");
    leave_if_silent(answer);
    const auto received = CMQ_TRY(late(std::move(answer), options_.deadline));
    return decode_messages(received);
}

Result<std::vector<NotDeleted>> Client::delete_messages(std::string_view queue,
                                                        std::span<const std::string> handles) {
    auto parameters = of_queue(queue);
    for (std::size_t at = 0; at < handles.size(); ++at)
        parameters.emplace_back("receiptHandle." + std::to_string(at), handles[at]);
    const auto answer = CMQ_TRY(settle("BatchDeleteMessage", parameters));
    return decode_deleted(answer);
}

Result<Stamp> Client::change_visibility(std::string_view queue, std::string_view handle,
                                        std::chrono::seconds hide_for) {
    auto parameters = of_queue(queue);
    parameters.emplace_back("receiptHandle", handle);
    parameters.emplace_back("visibilityTimeout", std::to_string(hide_for.count()));
    const auto answer = CMQ_TRY(settle("ChangeMessageVisibility", parameters));
    return decode_next_visible(answer);
}

Result<Peeked> Client::peek(std::string_view queue, const PeekOptions& options) {
    auto parameters = of_queue(queue);
    parameters.emplace_back("numOfMsg", std::to_string(options.count));
    if (!options.phase.empty()) parameters.emplace_back("phase", options.phase);
    if (options.from != 0) parameters.emplace_back("startSequence", std::to_string(options.from));
    const auto answer = CMQ_TRY(call("PeekMessage", parameters, Repeat::elsewhere));
    return decode_peeked(answer);
}

Result<ClusterDetails> Client::cluster() {
    const auto answer = CMQ_TRY(call("DescribeCluster", {}, Repeat::elsewhere));
    return decode_cluster(answer);
}

Result<std::string> Client::create_join_token(std::chrono::seconds lifetime) {
    const auto answer =
        CMQ_TRY(call("CreateJoinToken", {{"ttlSeconds", std::to_string(lifetime.count())}}));
    return decode_join_token(answer);
}

Result<Removal> Client::remove_node(const std::string& node, Zones zones) {
    const auto* force = zones == Zones::may_be_one ? "true" : "false";
    const auto answer = CMQ_TRY(call("RemoveNode", {{"node", node}, {"force", force}}));
    return decode_removal(answer);
}

Status Client::transfer_lead(const std::string& node) {
    auth::Parameters parameters;
    if (!node.empty()) parameters.emplace_back("node", node);
    const auto answer = CMQ_TRY(call("TransferLead", parameters));
    return decode_done(answer);
}

Status Client::drain_node(const std::string& node) {
    const auto answer = CMQ_TRY(call("DrainNode", {{"node", node}}));
    return decode_done(answer);
}

Status Client::ready() {
    Status why_not = fail(Code::timed_out, "the time was up before the broker was asked");
    for (auto left = connections_.size(); left > 0 && !is_over(options_.deadline); --left) {
        auto& connection = connections_[current_];
        const auto share = connect_time(options_.deadline, left);
        connection.set_connect_time(share);
        const auto limit =
            options_.deadline ? std::min(share, options_.answer_time) : options_.answer_time;
        const auto answer =
            waiting_->on(connection, [&] { return connection.get("/readyz", limit); });
        if (answer && answer->status == 200) return {};
        if (!answer) why_not = tl::unexpected(answer.error());
        if (answer)
            why_not = fail(Code::unavailable, connection.endpoint().url() + reason_in(*answer));
        turn_to_next();
    }
    return late(std::move(why_not), options_.deadline);
}

void Client::cancel() { waiting_->cancel(); }

}  // namespace cmq::client
