// `cmq delete` (or `cmq ack`) deletes received messages by their handles.
#include <algorithm>
#include <span>

#include "broker/limits.h"
#include "cmd/commands.h"
#include "cmd/queue_errors.h"

namespace cmq::cmd {
namespace {

struct DeleteMessages final : Command {
    DeleteMessages() : Command("delete", "Delete received messages by their handles") {
        alias = "ack";
    }
    std::string queue;
    std::vector<std::string> handles;

    void describe(Arguments& arguments) override {
        arguments.about(
            "A handle is good from its receive until its time is up; only the latest receive of\n"
            "a message has one. When some of several handles fail, the exit status is 10.");
        arguments.required("queue", queue, "its name").offers(Offer::queue);
        arguments.rest("handle", handles, "as cmq receive --no-ack -o json prints it");
        arguments.connects();
        arguments.example("cmq delete orders $(cmq receive orders --no-ack -o 'template={handle}')",
                          "the next one will not come again");
    }

    Status run(Context& context) override {
        auto client = CMQ_TRY(context.connect());
        std::vector<client::NotDeleted> failed;
        const std::span<const std::string> all(handles);
        constexpr auto most = static_cast<std::size_t>(broker::batch.most);
        for (std::size_t at = 0; at < all.size(); at += most) {
            const auto some = all.subspan(at, std::min(most, all.size() - at));
            auto not_deleted =
                CMQ_TRY(explain(client, "delete from", queue, client.delete_messages(queue, some)));
            for (auto& one : not_deleted) failed.push_back(std::move(one));
        }
        return report(context, failed);
    }

    Status report(Context& context, const std::vector<client::NotDeleted>& failed) const {
        if (failed.empty()) return {};
        for (const auto& one : failed)
            context.err << "cmq: handle " << one.handle << ": " << one.error.message << '\n';
        const bool is_all = failed.size() == handles.size();
        return fail(is_all ? failed.front().error.code : Code::partial,
                    "could not delete " + std::to_string(failed.size()) + " of " +
                        std::to_string(handles.size()) + " from \"" + queue + '"');
    }
};

}  // namespace

MadeCommand make_delete_messages() { return std::make_unique<DeleteMessages>(); }

}  // namespace cmq::cmd
