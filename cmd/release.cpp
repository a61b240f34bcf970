// `cmq release` gives received messages back at once.
#include "cmd/by_handle.h"
#include "cmd/commands.h"
#include "cmd/queue_errors.h"

namespace cmq::cmd {
namespace {

/// Or about the queue, the key, the connection: then the next handle fares no better.
bool is_about_handle(const Error& error) {
    return (error.code == Code::not_found && !is_queue_missing(error)) ||
           error.code == Code::invalid;
}

struct Release final : Command {
    Release() : Command("release", "Give a received message back, to be received again at once") {}
    ByHandle giving_back{"release", "released"};

    void describe(Arguments& arguments) override {
        giving_back.describe(arguments);
        arguments.example(
            "cmq release orders $(cmq receive orders --no-ack -o 'template={handle}')",
            "another consumer may have it");
    }

    Status run(Context& context) override {
        return giving_back.run(context, [this](client::Client& client, auto handles) {
            return release(client, handles.front());
        });
    }

    Result<std::vector<FailedHandle>> release(client::Client& client,
                                              const std::string& handle) const {
        const auto released =
            client.change_visibility(giving_back.queue, handle, std::chrono::seconds{0});
        if (released) return std::vector<FailedHandle>{};
        if (!is_about_handle(released.error())) return tl::unexpected(released.error());
        return std::vector<FailedHandle>{{handle, released.error()}};
    }
};

}  // namespace

MadeCommand make_release() { return std::make_unique<Release>(); }

}  // namespace cmq::cmd
