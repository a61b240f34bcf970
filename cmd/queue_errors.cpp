#include "cmd/queue_errors.h"

#include "cmd/nearest.h"

namespace cmq::cmd {
namespace {

// The only not_found that is about the queue and not about a receipt handle.
constexpr std::string_view queue_missing = "(10100)";

std::string advice(client::Client& client, const std::string& queue) {
    // A list that cannot be had just gives no advice: the error itself is what matters.
    std::vector<std::string> names;
    if (auto queues = client.all_queues(""))
        for (auto& known : *queues) names.push_back(std::move(known.name));
    if (const auto meant = nearest(queue, names)) return " Did you mean \"" + *meant + "\"?";
    return " Create it: cmq queue create " + queue;
}

}  // namespace

tl::unexpected<Error> explained(client::Client& client, std::string_view attempt,
                                const std::string& queue, Error error) {
    // Before a connection stands, the queue has nothing to do with it.
    if (error.code == Code::unreachable || error.code == Code::unauthenticated)
        return tl::unexpected(std::move(error));
    auto text = "could not " + std::string(attempt) + " \"" + queue + "\": " + error.message;
    if (error.message.ends_with(queue_missing)) text += '.' + advice(client, queue);
    return fail(error.code, std::move(text));
}

}  // namespace cmq::cmd
