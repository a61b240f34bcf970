#include "server/relay_failure.h"

namespace cmq::server {
namespace {

/// Asked twice it does what it does when asked once.
bool may_repeat(const protocol::Call& call) {
    const auto* command = std::get_if<broker::Command>(&call.what);
    if (!command) return true;
    if (const auto* send = std::get_if<broker::Send>(&command->action))
        return !send->dedup_id.empty();
    return is_receive(call);
}

/// Of failures behind which something may have been done. The others come again each time: what is
/// too long stays too long.
bool may_pass(Code code) {
    return code == Code::unknown_outcome || code == Code::timed_out || code == Code::unavailable;
}

}  // namespace

bool is_receive(const protocol::Call& call) {
    const auto* command = std::get_if<broker::Command>(&call.what);
    return command && std::holds_alternative<broker::Receive>(command->action);
}

AfterFailure after_failure(Code code, const protocol::Call& call) {
    if (code == Code::throttled) return AfterFailure::throttled;
    if (code == Code::unreachable) return AfterFailure::ask_again;
    return may_pass(code) && may_repeat(call) ? AfterFailure::ask_again
                                              : AfterFailure::unknown_outcome;
}

}  // namespace cmq::server
