#include "cmd/delivery.h"

#include <algorithm>

#include "base/text.h"
#include "broker/limits.h"

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

std::vector<std::string> message_keys() {
    auto keys = keys_of(record_of({}));
    keys.emplace_back("body");
    return keys;
}

Result<bool> Delivery::print(const client::Message& message) {
    if (options_.coding == Coding::none) return printer_.print(record_of(message), message.body);
    const auto body = base64_decode(message.body);
    if (!body)
        return fail(Code::invalid, "message " + message.id +
                                       " is not base64; it was sent without --base64. It stays");
    return printer_.print(record_of(message), *body);
}

std::size_t Delivery::step() const {
    constexpr auto most = static_cast<std::uint64_t>(broker::batch.most);
    constexpr std::uint64_t trust = 8;  // messages read for one printed ahead
    if (!options_.is_reader_gone) return most;
    return static_cast<std::size_t>(std::clamp<std::uint64_t>(printed_ / trust, 1, most));
}

std::uint32_t Delivery::most() const { return static_cast<std::uint32_t>(broker::batch.most); }

Status Delivery::take(const std::vector<client::Message>& messages) {
    for (std::span<const client::Message> left(messages); !left.empty();) {
        const auto now = left.first(std::min(step(), left.size()));
        const auto before = printed_;
        const auto delivered = deliver_step(now);
        left = left.subspan(printed_ - before);
        if (delivered) continue;
        release(left);
        return delivered;
    }
    return {};
}

Status Delivery::deliver_step(std::span<const client::Message> messages) {
    if (options_.is_reader_gone && options_.is_reader_gone())
        return fail(Code::io, "standard output is closed; what was not printed is released");
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
    progress_.clear() << "cmq: " << count << " printed but not deleted, so they come again: " << why
                      << '\n';
}

Status Delivery::finish() {
    printer_.end();  // Context::flush, which every command ends with, reports a failure
    if (undeleted_ == 0) return {};
    return fail(Code::partial, std::to_string(undeleted_) + " of " + std::to_string(printed_) +
                                   " messages were printed but not deleted");
}

/// What cannot be released comes again by itself when its time is up, so failing here is no error.
void Delivery::release(std::span<const client::Message> messages) {
    for (const auto& message : messages)
        if (!client_.change_visibility(options_.queue, message.handle, std::chrono::seconds{0}))
            return;
}

}  // namespace cmq::cmd
