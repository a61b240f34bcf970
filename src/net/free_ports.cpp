#include "net/free_ports.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace cmq::net {

Result<std::vector<std::uint16_t>> free_ports(const std::string& address, std::size_t count) {
    using boost::asio::ip::tcp;
    boost::system::error_code failure;
    const auto parsed = boost::asio::ip::make_address(address, failure);
    if (failure) return fail(Code::invalid, address + ": not an IP address to listen on");
    boost::asio::io_context loop;
    std::vector<tcp::socket> bound;  // all at once, or the same would be given twice
    std::vector<std::uint16_t> ports;
    while (ports.size() < count) {
        auto& socket = bound.emplace_back(loop);
        socket.open(parsed.is_v4() ? tcp::v4() : tcp::v6(), failure);
        if (!failure) socket.bind({parsed, 0}, failure);
        if (failure) return fail(Code::io, address + ": no free port: " + failure.message());
        ports.push_back(socket.local_endpoint().port());
    }
    return ports;
}

}  // namespace cmq::net
