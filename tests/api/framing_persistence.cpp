// Which requests are followed by another one on the same connection?

#include "tests/api/framing_cases.h"

namespace cmq::framing {

namespace {

Case with(std::string name, const std::string& version, const std::string& fields, Fate fate) {
    return {std::move(name), "GET / " + version + "\r\n" + fields + "\r\n", 200, fate, "GET /|"};
}

}  // namespace

std::vector<Case> persistence_cases() {
    const std::string host = "Host: a\r\n";
    return {
        with("HTTP/1.1 stays", "HTTP/1.1", host, Fate::keep),
        with("HTTP/1.1 closes when told", "HTTP/1.1", host + "Connection: close\r\n", Fate::close),
        with("close of any case", "HTTP/1.1", host + "connection: Close\r\n", Fate::close),
        with("close in a list", "HTTP/1.1", host + "Connection: TE , close\r\n", Fate::close),
        with("close in a second field", "HTTP/1.1",
             host + "Connection: close\r\nConnection: TE\r\n", Fate::close),
        with("close wins", "HTTP/1.1", host + "Connection: keep-alive, close\r\n", Fate::close),
        with("nearly close", "HTTP/1.1", host + "Connection: closed\r\n", Fate::keep),
        with("keep-alive", "HTTP/1.1", host + "Connection: keep-alive\r\n", Fate::keep),
        with("an offer to upgrade", "HTTP/1.1",
             host + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n",
             Fate::keep),
        with("HTTP/1.0 closes", "HTTP/1.0", host, Fate::close),
        with("HTTP/1.0 needs no Host", "HTTP/1.0", "", Fate::close),
        with("HTTP/1.0 stays when told", "HTTP/1.0", host + "Connection: Keep-Alive\r\n",
             Fate::keep),
        with("HTTP/1.0 closes when told", "HTTP/1.0", host + "Connection: close, keep-alive\r\n",
             Fate::close),
        {"a body in HTTP/1.0", "POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\na=b", 200, Fate::close,
         "POST /|a=b"},
        {"an Expect that nobody knows", "GET / HTTP/1.1\r\nHost: a\r\nExpect: cake\r\n\r\n", 200,
         Fate::keep, "GET /|"},
        {"an Expect whose body is there",
         "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\na=b", 200,
         Fate::keep, "POST /|a=b"},
    };
}

}  // namespace cmq::framing
