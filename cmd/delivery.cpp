#include "cmd/delivery.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/text.h"
#include "broker/limits.h"

namespace cmq::cmd {
namespace {

/// Handle and lease are of use to people only while the message is there.
Record record_of(const client::Message& message, After after) {
    const bool is_kept = after == After::keep;
    return {{{{"id", "ID", id_width}, message.id},
             {{"handle", is_kept ? "HANDLE" : "", handle_width}, message.handle},
             {{"enqueued", "ENQUEUED", time_width}, message.enqueued},
             {{"next_visible", is_kept ? "NEXT VISIBLE" : "", time_width}, message.next_visible},
             {{"first_received", ""}, message.first_received},
             {{"receives", "RECEIVES"}, message.receives}}};
}

std::string unwritable(int reason) {
    const std::string what = reason == 0 || reason == EPIPE
                                 ? "standard output is closed"
                                 : std::string("cannot write to standard output: ") +
                                       std::generic_category().message(reason);
    return what + "; what was not printed is released";
}

}  // namespace

std::vector<std::string> message_keys() {
    auto keys = keys_of(record_of({}, After::remove));
    keys.emplace_back("body");
    return keys;
}

Result<bool> Delivery::print(const client::Message& message) {
    const auto fields = record_of(message, options_.after);
    if (options_.coding == Coding::none) return printer_.print(fields, message.body);
    const auto body = base64_decode(message.body);
    if (!body)
        return fail(Code::invalid, "message " + message.id +
                                       " is not base64; it was sent without --base64. It stays");
    return printer_.print(fields, *body);
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
        return fail(Code::io, unwritable(EPIPE));
    std::vector<std::string> handles;
    Status failed;
    for (const auto& message : messages) {
        errno = 0;  // streams keep no reason of their own
        const auto printed = print(message);
        if (!printed) failed = tl::unexpected(printed.error());
        if (printed && !*printed) failed = fail(Code::io, unwritable(errno));
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
