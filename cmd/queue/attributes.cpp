#include "cmd/queue/attributes.h"

#include "broker/limits.h"

namespace cmq::cmd {
namespace {

using std::chrono::seconds;

std::string range_of(const broker::Range& range) {
    return ", " + config::format_duration(seconds{range.least}) + " to " +
           config::format_duration(seconds{range.most});
}

std::optional<std::int64_t> whole(const std::optional<seconds>& duration) {
    if (!duration) return {};
    return duration->count();
}

}  // namespace

void QueueAttributes::describe(Arguments& arguments) {
    arguments.option("--visibility-timeout", visibility_timeout,
                     "how long a receive hides a message" + range_of(broker::visibility_timeout));
    arguments.option("--polling-wait", polling_wait,
                     "how long a receive waits unless it says" + range_of(broker::polling_wait));
    arguments.option("--retention", retention,
                     "how long a message is kept" + range_of(broker::retention));
    arguments.option("--rewind", rewind,
                     "how long a deleted message can be brought back, 0 to the retention");
    arguments.option("--max-message-size", max_message_size, "largest body, 1KiB to 1MiB");
    arguments.option("--max-messages", max_messages,
                     "most undeleted messages, 1000000 to 1000000000");
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

}  // namespace cmq::cmd
