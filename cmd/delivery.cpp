#include "cmd/delivery.h"

#include "base/text.h"

namespace cmq::cmd {
namespace {

Record record_of(const client::Message& message) {
    return {{{{"id", "ID"}, message.id},
             {{"handle", "HANDLE"}, message.handle},
             {{"enqueued", "ENQUEUED"}, message.enqueued},
             {{"next_visible", "NEXT VISIBLE"}, message.next_visible},
             {{"first_received", "FIRST RECEIVED"}, message.first_received},
             {{"receives", "RECEIVES"}, message.receives}}};
}

}  // namespace

Result<bool> Delivery::print(const client::Message& message) {
    if (options_.coding == Coding::none) return printer_.print(record_of(message), message.body);
    const auto body = base64_decode(message.body);
    if (!body)
        return fail(Code::invalid, "message " + message.id +
                                       " is not base64; it was sent without --base64. It stays");
    return printer_.print(record_of(message), *body);
}

Status Delivery::deliver(const std::vector<client::Message>& messages) {
    std::vector<std::string> handles;
    Status failed;
    for (const auto& message : messages) {
        const auto printed = print(message);
        if (!printed) failed = tl::unexpected(printed.error());
        if (printed && !*printed)
            failed = fail(Code::io, "standard output is closed; what was not printed is released");
        if (!failed) break;
        handles.push_back(message.handle);
        ++printed_;
    }
    if (options_.after == After::remove && !handles.empty()) remove(handles);
    if (!failed) release(messages, handles.size());
    return failed;
}

void Delivery::remove(const std::vector<std::string>& handles) {
    const auto failed = client_.delete_messages(options_.queue, handles);
    if (!failed) {
        say_undeleted(handles.size(), failed.error().message);
    } else if (!failed->empty()) {
        say_undeleted(failed->size(), failed->front().error.message);
    }
}

void Delivery::say_undeleted(std::uint64_t count, const std::string& why) {
    undeleted_ += count;
    err_ << "cmq: " << count << " printed but not deleted, so they come again: " << why << '\n';
}

/// What cannot be released comes again by itself when its time is up, so failing here is no error.
void Delivery::release(const std::vector<client::Message>& messages, std::size_t from) {
    for (auto at = from; at < messages.size(); ++at)
        if (!client_.change_visibility(options_.queue, messages[at].handle,
                                       std::chrono::seconds{0}))
            return;
}

}  // namespace cmq::cmd
