#include "cmd/queue_errors.h"

#include "cmd/nearest.h"

namespace cmq::cmd {
namespace {

// The only not_found that is about the queue and not about a receipt handle.
constexpr std::string_view queue_missing = "(10100)";

std::string advice_about(client::Client& client, const std::string& queue, Advice advice) {
    // A list that cannot be had just gives no advice: the error itself is what matters.
    std::vector<std::string> names;
    if (auto queues = client.all_queues(""))
        for (auto& known : *queues) names.push_back(std::move(known.name));
    if (const auto meant = nearest(queue, names)) return " Did you mean \"" + *meant + "\"?";
    if (advice == Advice::create) return " Create it: cmq queue create " + queue;
    return " Those that exist: cmq queue list";
}

}  // namespace

tl::unexpected<Error> explained(client::Client& client, std::string_view attempt,
                                const std::string& queue, Error error, Advice advice) {
    // Before a connection stands, the queue has nothing to do with it.
    if (error.code == Code::unreachable || error.code == Code::unauthenticated)
        return tl::unexpected(std::move(error));
    auto text = "could not " + std::string(attempt) + " \"" + queue + "\": " + error.message;
    if (is_queue_missing(error)) text += '.' + advice_about(client, queue, advice);
    return fail(error.code, std::move(text));
}

bool is_queue_missing(const Error& error) { return error.message.ends_with(queue_missing); }

}  // namespace cmq::cmd
