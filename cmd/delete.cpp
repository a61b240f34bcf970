// `cmq delete` (or `cmq ack`) deletes received messages by their handles.
#include "broker/limits.h"
#include "cmd/by_handle.h"
#include "cmd/commands.h"

namespace cmq::cmd {
namespace {

struct DeleteMessages final : Command {
    DeleteMessages() : Command("delete", "Delete received messages by their handles") {
        alias = "ack";
    }
    ByHandle deletion{"delete", "deleted", static_cast<std::size_t>(broker::batch.most)};

    void describe(Arguments& arguments) override {
        deletion.describe(arguments);
        arguments.example("cmq delete orders $(cmq receive orders --no-ack -o 'template={handle}')",
                          "the next one will not come again");
    }

    Status run(Context& context) override {
        return deletion.run(context, [this](client::Client& client, auto handles) {
            return client.delete_messages(deletion.queue, handles);
        });
    }
};

}  // namespace

MadeCommand make_delete_messages() { return std::make_unique<DeleteMessages>(); }

}  // namespace cmq::cmd
