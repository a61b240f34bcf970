// unit/net/raw_client.h: a client that sends the bytes that a test wants, and blocks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cmq::net {

struct RawAnswer {
    int status = 0;  // 0: the connection ended instead
    std::string head;
    std::string body;
};

class RawClient {
public:
    explicit RawClient(std::uint16_t port);
    RawClient(RawClient&& other) noexcept;
    RawClient& operator=(RawClient&&) = delete;
    ~RawClient();

    void write(std::string_view bytes);  // what a server that closed does not take is dropped
    RawAnswer read_answer();             // head, and as many bytes as it says
    std::string read_all();              // until the end of the connection
    void end_writing();
    void reset();  // the connection, the hard way

private:
    bool read_more();

    int socket_;
    std::string in_;
};

/// Takes one answer off the front of `in`; status 0 when there is no whole one.
RawAnswer take_answer(std::string& in);

std::string get(std::string_view target);
std::string post(std::string_view target, std::string_view body);

}  // namespace cmq::net
