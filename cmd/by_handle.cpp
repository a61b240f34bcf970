#include "cmd/by_handle.h"

#include <algorithm>

#include "cmd/print.h"
#include "cmd/queue_errors.h"

namespace cmq::cmd {
namespace {

Record record_of(const std::string& queue, const std::string& key, std::uint64_t done,
                 std::uint64_t failed) {
    return {{{{"queue", "QUEUE"}, queue}, {{key, ""}, done}, {{"failed", ""}, failed}}};
}

}  // namespace

void ByHandle::describe(Arguments& arguments) {
    arguments.about(
        "A handle is good from its receive until its time is up; only the latest receive of\n"
        "a message has one. When some of several handles fail, the others are dealt with, what\n"
        "failed is named, and the exit status is 10.");
    arguments.queue(queue);
    arguments.rest("handle", handles, "as cmq receive --no-ack -o json prints it");
    arguments.output({Format::plain, Format::json}, keys_of(record_of({}, done, 0, 0)));
    arguments.connects();
}

Status ByHandle::run(Context& context, const Request& request) const {
    const auto form = CMQ_TRY(context.form());
    auto client = CMQ_TRY(context.connect());
    const auto failed = CMQ_TRY(ask_for_all(client, request));
    const auto count = handles.size() - failed.size();
    print(context.out, done + ' ' + counted(count, "message"),
          record_of(queue, done, count, failed.size()), form);
    return report(context, failed);
}

/// A broker that is away is away for all that is left. That is an account only where something
/// was done before.
Result<std::vector<FailedHandle>> ByHandle::ask_for_all(client::Client& client,
                                                        const Request& request) const {
    std::vector<FailedHandle> failed;
    const std::span<const std::string> all(handles);
    for (std::size_t at = 0; at < all.size(); at += at_once) {
        auto answer = request(client, all.subspan(at, std::min(at_once, all.size() - at)));
        if (!answer && at == 0)
            return explained(client, attempt + " messages of", queue, std::move(answer).error());
        if (!answer) {
            for (const auto& handle : all.subspan(at)) failed.push_back({handle, answer.error()});
            return failed;
        }
        failed.insert(failed.end(), answer->begin(), answer->end());
    }
    return failed;
}

Status ByHandle::report(Context& context, const std::vector<FailedHandle>& failed) const {
    if (failed.empty()) return {};
    for (const auto& one : failed)
        context.err << "cmq: handle " << one.handle << ": " << one.error.message << '\n';
    const bool is_all = failed.size() == handles.size();
    return fail(is_all ? failed.front().error.code : Code::partial,
                "could not " + attempt + ' ' + std::to_string(failed.size()) + " of " +
                    std::to_string(handles.size()) + " from \"" + queue + '"');
}

}  // namespace cmq::cmd
