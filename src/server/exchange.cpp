#include "server/exchange.h"

#include <utility>

#include "cluster/relay.h"

namespace cmq::server {

void HttpApi::Exchange::send_made(std::function<net::Response()> make,
                                  std::function<void(bool)> written) {
    if (const auto* client = std::get_if<net::Answer>(&asker))
        return client->send_made(std::move(make), std::move(written));
    std::get<cluster::Reply>(asker).send_made(
        [self = shared_from_this(), make = std::move(make)] {
            return cluster::encode(cluster::Relayed{false, make(), self->given});
        },
        [written = std::move(written)](bool sent) {
            if (written) written(sent);
        });
}

void HttpApi::Exchange::send(net::Response response) {
    if (const auto* client = std::get_if<net::Answer>(&asker))
        return client->send(std::move(response));
    // Whoever does not get it any more has been told by its link.
    (void)std::get<cluster::Reply>(asker).send(
        cluster::encode(cluster::Relayed{false, std::move(response), {}}));
}

void HttpApi::Exchange::send_leads_not() {
    (void)std::get<cluster::Reply>(asker).send(cluster::encode(cluster::Relayed{true, {}, {}}));
}

HttpApi::Exchange::Step HttpApi::Exchange::next_step() {
    const std::lock_guard lock(mutex_);
    return {++newest_.value};
}

void HttpApi::Exchange::on_gone(Step step, std::function<void()> cancel) {
    bool gone = false, watched = false;
    {
        const std::lock_guard lock(mutex_);
        if (step < cancels_) return;  // it has ended, and what follows is under way
        cancels_ = step;
        cancel_ = cancel;
        gone = gone_;
        watched = std::exchange(watched_, true);
    }
    if (gone) return cancel();
    if (!watched) watch();  // not under the lock: it calls back when the asker is gone already
}

void HttpApi::Exchange::watch() {
    // Whoever is watched takes the callback out, and runs it a moment later: by then the answer may
    // have been sent on another thread, and the last owner be gone.
    const auto gone = [weak = weak_from_this()] {
        if (const auto present = weak.lock()) present->cancel();
    };
    std::visit([&](const auto& who) { who.on_gone(gone); }, asker);
}

void HttpApi::Exchange::cancel() {
    std::function<void()> current;
    {
        const std::lock_guard lock(mutex_);
        gone_ = true;
        current = cancel_;
    }
    current();
}

}  // namespace cmq::server
