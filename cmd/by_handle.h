// cmd/by_handle.h: what commands share that take several handles, each of which may fail by itself:
// `cmq delete` and `cmq release`.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "cmd/cli.h"

namespace cmq::cmd {

/// A handle and what became of it; whatever was to be done.
using FailedHandle = client::NotDeleted;

struct ByHandle {
    /// One request. Gives the handles that failed by themselves. errors  the request did.
    using Request = std::function<Result<std::vector<FailedHandle>>(
        client::Client& client, std::span<const std::string> handles)>;

    std::string attempt;      // in errors: could not "delete"
    std::string done;         // and then: "deleted"; the key of their number, too
    std::size_t at_once = 1;  // handles a request
    std::string queue{};
    std::vector<std::string> handles{};

    void describe(Arguments& arguments);
    /// Goes on beyond a handle that fails, and names each that did.
    /// errors  partial: some failed; when all did, what the first met.
    Status run(Context& context, const Request& request) const;

private:
    Result<std::vector<FailedHandle>> ask_for_all(client::Client& client,
                                                  const Request& request) const;
    Status report(Context& context, const std::vector<FailedHandle>& failed) const;
};

}  // namespace cmq::cmd
