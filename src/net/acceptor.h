// net/acceptor.h: a listening socket whose connections are dealt out to all loops. Inside of net.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/loops.h"

namespace cmq::net {

/// Accepts on the first loop. When the system runs out of descriptors it rests, and says so once.
class Acceptor : public std::enable_shared_from_this<Acceptor> {
public:
    /// A fresh socket that belongs to loop number `loop`; the rest is up to whoever gets it. Runs
    /// on the first loop. `remote` is address:port.
    using Take =
        std::function<void(std::size_t loop, boost::asio::ip::tcp::socket, std::string remote)>;

    explicit Acceptor(Loops& loops);

    /// The port, any free one for 0. errors  busy: it is taken; invalid: the address; io.
    Result<std::uint16_t> listen(const std::string& address, std::uint16_t port);
    void accept(Take take);  // from now on
    void stop();             // any thread; afterwards `take` runs once more at most

private:
    using Failure = boost::system::error_code;

    void next();
    void on_accepted(Failure failure, std::size_t loop, boost::asio::ip::tcp::socket socket);
    void rest(const Failure& why);

    Loops::Parts& loops_;
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::steady_timer rest_;
    Take take_;
    std::size_t turn_ = 0;
    bool complained_ = false;
};

}  // namespace cmq::net
