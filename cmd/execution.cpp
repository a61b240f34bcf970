#include "cmd/execution.h"

#include <algorithm>

#include "base/text.h"
#include "cmd/print.h"

namespace cmq::cmd {
namespace {

using std::chrono::seconds;

// A lease is renewed when a third of it has passed: two attempts may fail.
constexpr int renewals = 3;

std::map<std::string, std::string> variables_of(const std::string& queue,
                                                const client::Message& message) {
    return {{"CMQ_QUEUE", queue},
            {"CMQ_MESSAGE_ID", message.id},
            {"CMQ_MESSAGE_HANDLE", message.handle},
            {"CMQ_MESSAGE_ENQUEUED", to_rfc3339(message.enqueued)},
            {"CMQ_MESSAGE_RECEIVES", std::to_string(message.receives)}};
}

/// None after the first receive, then a second, and twice as long each time.
seconds pause_after(std::uint64_t receives, seconds most) {
    if (receives < 2) return seconds{0};
    const auto doublings = std::min<std::uint64_t>(receives - 2, 20);
    return std::min(seconds{std::int64_t{1} << doublings}, most);
}

bool is_silent(const Result<Stamp>& answer) {
    return !answer &&
           (answer.error().code == Code::unreachable || answer.error().code == Code::timed_out);
}

}  // namespace

Status Execution::take(const std::vector<client::Message>& messages) {
    for (const auto& message : messages) {
        const auto end = run(message);
        if (!end && end.error().code == Code::io) {
            (void)release(message.handle, seconds{0});
            return tl::unexpected(end.error());
        }
        ++taken_;
        if (end && end->is_good()) {
            remove(message);
            continue;
        }
        ++failed_;
        progress_.clear() << "cmq: message " << message.id << ": "
                          << (end ? options_.words[0] + ' ' + end->text() : end.error().message)
                          << '\n';
        give_back(message);
    }
    return {};
}

Result<ChildEnd> Execution::run(const client::Message& message) {
    auto body = message.body;
    if (options_.coding == Coding::base64) body = CMQ_TRY(base64_decode(message.body));
    auto child = CMQ_TRY(
        Child::start(options_.words, variables_of(options_.queue, message), std::move(body)));
    const auto renewal = std::chrono::milliseconds(options_.lease) / renewals;
    while (true) {
        if (const auto end = child.wait_until(std::chrono::steady_clock::now() + renewal))
            return *end;
        extend(message);
    }
}

/// A lease that is lost is no reason to stop a program; the delete will say that it came too late.
void Execution::extend(const client::Message& message) {
    (void)client_.change_visibility(options_.queue, message.handle, options_.lease);
}

void Execution::remove(const client::Message& message) {
    const auto failed = client_.delete_messages(options_.queue, {&message.handle, 1});
    if (failed && failed->empty()) return;
    ++undeleted_;
    progress_.clear() << "cmq: message " << message.id << " is done but not deleted, so it comes "
                      << "again: "
                      << (failed ? failed->front().error.message : failed.error().message) << '\n';
}

void Execution::give_back(const client::Message& message) {
    if (options_.release == Release::at_end) {
        to_release_.push_back(message.handle);
    } else {
        (void)release(message.handle, pause_after(message.receives, options_.lease));
    }
}

/// What cannot be released comes again by itself when its time is up, so failing is no error.
Result<Stamp> Execution::release(const std::string& handle, seconds pause) {
    return client_.change_visibility(options_.queue, handle, pause);
}

Status Execution::finish() {
    for (const auto& handle : to_release_)
        if (is_silent(release(handle, seconds{0}))) break;  // and would be about each of them
    to_release_.clear();
    const auto bad = failed_ + undeleted_;
    if (bad == 0) return {};
    return fail(bad == taken_ ? Code::internal : Code::partial,
                std::to_string(bad) + " of " + counted(taken_, "message") +
                    " failed; what was not deleted comes again");
}

}  // namespace cmq::cmd
