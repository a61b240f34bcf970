// server/join_door.h: the door through which new nodes come: POST /cluster/join, over HTTPS only.
//
// Who is admitted, and what is answered, is up to the node (cluster/join.h); this reads and writes.
// Nothing of a request or an answer is logged but who came and what became of it.
#pragma once

#include <functional>

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
    static net::Response refusal(const Error& error);
    /// `send` is called once, on any thread.
    void on_request(const net::Request& request,
                    const std::function<void(net::Response)>& send) const;

private:
    OnJoin on_join_;
};

}  // namespace cmq::server
