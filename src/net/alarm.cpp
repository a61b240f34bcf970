#include "net/alarm.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <optional>

#include "net/gate.h"
#include "net/loops_parts.h"

namespace cmq::net {

namespace asio = boost::asio;

struct Alarm::Parts : std::enable_shared_from_this<Parts> {
    Parts(asio::io_context& io_, std::function<void()> ring_)
        : io(io_), ring(std::move(ring_)), timer(io_) {}

    /// True: it is earlier than any other, and the timer must know.
    bool note(Steady when) {
        const std::lock_guard lock(mutex);
        if (earliest && *earliest <= when) return false;
        earliest = when;
        return true;
    }
    void arm() {
        {
            const std::lock_guard lock(mutex);
            if (!earliest) return;  // it rang meanwhile
            timer.expires_at(*earliest);
        }
        timer.async_wait([self = shared_from_this()](boost::system::error_code replaced) {
            if (!replaced) self->strike();
        });
    }
    void strike() {
        {
            const std::lock_guard lock(mutex);
            earliest.reset();
        }
        gate.pass(ring);
    }

    asio::io_context& io;
    const std::function<void()> ring;
    Gate gate;
    std::mutex mutex;
    std::optional<Steady> earliest;
    asio::steady_timer timer;  // the loop's
};

Alarm::Alarm(Loops& loops, std::function<void()> ring)
    : parts_(std::make_shared<Parts>(loops.parts().next(), std::move(ring))) {}

Alarm::~Alarm() {
    parts_->gate.close();
    asio::post(parts_->io, [parts = parts_] { parts->timer.cancel(); });
}

void Alarm::ring_at(Steady when) {
    if (parts_->note(when)) asio::post(parts_->io, [parts = parts_] { parts->arm(); });
}

}  // namespace cmq::net
