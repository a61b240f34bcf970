// `cmq queue peek` looks at messages without receiving them.
#include <algorithm>

#include "base/text.h"
#include "cmd/commands.h"
#include "cmd/message_printer.h"
#include "cmd/queue_errors.h"

namespace cmq::cmd {
namespace {

constexpr std::uint32_t page = 100;

Record record_of(const client::PeekedMessage& message) {
    return {
        {{{"id", "ID", id_width}, message.id},
         {{"sequence", ""}, message.sequence},
         {{"phase", "PHASE", phase_width}, message.phase},
         {{"enqueued", "ENQUEUED", time_width}, message.enqueued},
         {{"visible", "VISIBLE", time_width}, message.visible ? Value{*message.visible} : Value{}},
         {{"receives", "RECEIVES"}, message.receives}}};
}

struct QueuePeek final : Command {
    QueuePeek() : Command("queue peek", "Look at messages without receiving them") {}
    std::string queue;
    std::string phase;
    std::uint32_t count = 10;
    std::uint64_t from = 0;
    bool is_base64 = false;

    void describe(Arguments& arguments) override {
        arguments.about("Changes nothing: no message is hidden, none is counted as received.");
        arguments.queue(queue);
        arguments.option("--count", count, "how many at most");
        arguments.option("--phase", phase, "only these; without it, all")
            .one_of({"ready", "inflight", "delayed", "deleted"});
        arguments.option("--from", from, "sequence number to begin with");
        arguments.flag("--base64", is_base64, "bodies were sent with --base64: decode them");
        auto keys = keys_of(record_of({}));
        keys.emplace_back("body");
        arguments.output({Format::table, Format::plain, Format::json, Format::ndjson, Format::raw},
                         std::move(keys));
        arguments.connects();
        arguments.example("cmq queue peek orders --phase inflight",
                          "what consumers hold at the moment");
    }

    Status run(Context& context) override {
        const auto form = CMQ_TRY(context.form());
        MessagePrinter printer(context.out, form, Separator::line);
        auto client = CMQ_TRY(context.connect());
        std::uint32_t seen = 0;
        for (auto at = std::optional(from); at && seen < count;) {
            const auto wanted = std::min(page, count - seen);
            const auto peeked = CMQ_TRY(
                explain(client, "look into", queue, client.peek(queue, {wanted, phase, *at})));
            for (const auto& message : peeked.messages) {
                const auto body = is_base64 ? CMQ_TRY(base64_decode(message.body)) : message.body;
                if (!printer.print(record_of(message), body)) return context.flush();
            }
            seen += static_cast<std::uint32_t>(peeked.messages.size());
            at = peeked.next;
        }
        printer.end();  // Context::flush, which every command ends with, reports a failure
        if (seen == 0) return fail(Code::empty, "no such message in \"" + queue + '"');
        return {};
    }
};

}  // namespace

MadeCommand make_queue_peek() { return std::make_unique<QueuePeek>(); }

}  // namespace cmq::cmd
