#include "cmd/queue/attributes.h"

#include <array>
#include <string_view>
#include <utility>

#include "broker/limits.h"

namespace cmq::cmd {
namespace {

using std::chrono::seconds;

std::optional<std::int64_t> whole(const std::optional<seconds>& duration) {
    if (!duration) return {};
    return duration->count();
}

}  // namespace

void QueueAttributes::describe(Arguments& arguments) {
    arguments.option("--visibility-timeout", visibility_timeout,
                     "how long a receive hides a message",
                     seconds_within(broker::visibility_timeout));
    arguments.option("--polling-wait", polling_wait, "how long a receive waits unless it says",
                     seconds_within(broker::polling_wait));
    arguments.option("--retention", retention, "how long a message is kept",
                     seconds_within(broker::retention));
    arguments.option("--rewind", rewind,
                     "how long a deleted message can be brought back, at most the retention",
                     seconds_within(broker::rewind));
    arguments.option("--max-message-size", max_message_size, "largest body",
                     bytes_within(broker::max_message_bytes));
    arguments.option("--max-messages", max_messages, "most undeleted messages",
                     count_within(broker::max_messages));
}

Status QueueAttributes::check(std::optional<seconds> unless_given) const {
    const auto kept = retention ? retention : unless_given;
    if (!rewind || !kept || *rewind <= *kept) return {};
    return fail(Code::invalid, "--rewind " + config::format_duration(*rewind) +
                                   " is longer than the retention of " +
                                   config::format_duration(*kept) + "; a longer one: --retention " +
                                   config::format_duration(*rewind));
}

broker::AttributeChanges QueueAttributes::changes() const {
    broker::AttributeChanges changes;
    changes.visibility_timeout = whole(visibility_timeout);
    changes.polling_wait = whole(polling_wait);
    changes.retention = whole(retention);
    changes.rewind = whole(rewind);
    changes.max_messages = max_messages;
    if (max_message_size)
        changes.max_message_bytes = static_cast<std::int64_t>(max_message_size->bytes);
    return changes;
}

tl::unexpected<Error> in_words_of_options(Error error) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 6> names{
        {{"visibilityTimeout", "--visibility-timeout"},
         {"pollingWaitSeconds", "--polling-wait"},
         {"msgRetentionSeconds", "--retention"},
         {"rewindSeconds", "--rewind"},
         {"maxMsgSize", "--max-message-size"},
         {"maxMsgHeapNum", "--max-messages"}}};
    std::string known;
    for (const auto& [parameter, option] : names)
        if (error.message.find(parameter) != std::string::npos)
            known +=
                (known.empty() ? "" : ", ") + std::string(parameter) + " is " + std::string(option);
    if (!known.empty()) error.message += "; " + known;
    return tl::unexpected(std::move(error));
}

}  // namespace cmq::cmd
