// server/join_door.h: the door through which new nodes come: POST /cluster/join, over HTTPS only.
//
// Who is admitted, and what is answered, is up to the node (cluster/join.h); this reads and writes.
// Nothing of a request or an answer is logged but who came and what became of it.
#pragma once

#include <functional>

#include "base/clock.h"
#include "base/log_throttle.h"
#include "cluster/join.h"
#include "net/http_server.h"

namespace cmq::server {

/// Any thread. Outlives the servers that call it.
class JoinDoor {
public:
    using Done = std::function<void(Result<cluster::JoinAnswer>)>;
    /// Calls the continuation once, on any thread. errors  unauthenticated: the token; exists: it
    /// was used; unavailable: no leader, ask again; not_found: nobody to be replaced.
    using OnJoin = std::function<void(cluster::JoinRequest, Done)>;

    /// `on_join` may be empty: nobody is taken in.
    explicit JoinDoor(OnJoin on_join) : on_join_(std::move(on_join)) {}

    static bool is_for(const net::Request& request);
    /// What `request` asks. errors  invalid, forbidden: nobody needs to be asked about it.
    static Result<cluster::JoinRequest> read(const net::Request& request);
    /// Writes it down, too.
    net::Response refusal(const std::string& remote, const Error& error) const;
    /// `send` is called once, on any thread.
    void on_request(const net::Request& request,
                    const std::function<void(net::Response)>& send) const;

private:
    net::Response response_to(const std::string& remote,
                              const Result<cluster::JoinAnswer>& answer) const;

    OnJoin on_join_;
    SystemClock clock_;
    mutable LogThrottle refusals_;  // anybody can knock
};

}  // namespace cmq::server
