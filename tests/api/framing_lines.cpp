// Request lines.

#include "tests/api/framing_cases.h"

namespace cmq::framing {

using namespace std::string_literals;

namespace {

Case bad_line(std::string name, const std::string& line, int status = 400) {
    return {std::move(name), line + "\r\nHost: a\r\n\r\n", status, Fate::close};
}

Case good_line(std::string name, const std::string& line, std::string echo) {
    return {std::move(name), line + "\r\nHost: a\r\n\r\n", 200, Fate::keep, std::move(echo)};
}

/// GET with a target that makes the line `bytes` long.
std::string line_of(std::size_t bytes) {
    const std::string begin = "GET /", end = " HTTP/1.1";
    return begin + std::string(bytes - begin.size() - end.size(), 'x') + end;
}

}  // namespace

std::vector<Case> line_cases() {
    return {
        good_line("a GET", "GET / HTTP/1.1", "GET /|"),
        good_line("a query", "GET /v2/index.php?a=b&c= HTTP/1.1", "GET /v2/index.php?a=b&c=|"),
        good_line("an empty query", "GET /? HTTP/1.1", "GET /|"),
        good_line("a second question mark", "GET /?a?b HTTP/1.1", "GET /?a?b|"),
        good_line("a doubled path", "GET /v2/index.php/v2/index.php?x HTTP/1.1",
                  "GET /v2/index.php/v2/index.php?x|"),
        good_line("percent signs stay", "GET /%00%0d%0a HTTP/1.1", "GET /%00%0d%0a|"),
        good_line("dots stay", "GET /a/../b HTTP/1.1", "GET /a/../b|"),
        good_line("bytes above 127", "GET /\xe4\xb8\xad HTTP/1.1", "GET /\xe4\xb8\xad|"),
        good_line("a blank inside the query", "GET /?a b=c HTTP/1.1", "GET /?a b=c|"),
        good_line("an absolute target", "GET http://a/b?c HTTP/1.1", "GET /b?c|"),
        good_line("an absolute target without path", "GET http://a HTTP/1.1", "GET /|"),
        good_line("an absolute target with a query only", "GET https://a?b/c HTTP/1.1",
                  "GET /?b/c|"),
        good_line("an unknown method", "BREW /pot HTTP/1.1", "BREW /pot|"),
        good_line("a method of odd letters", "M-SEARCH! / HTTP/1.1", "M-SEARCH! /|"),
        good_line("a method in small letters", "get / HTTP/1.1", "get /|"),
        good_line("the longest line", line_of(64 << 10), ""),
        bad_line("a line that is one byte too long", line_of((64 << 10) + 1), 414),
        {"a line without an end", "GET /" + std::string(70'000, 'x'), 414, Fate::close},
        bad_line("no version", "GET /"),
        bad_line("no target", "GET HTTP/1.1"),
        bad_line("an empty target", "GET  HTTP/1.1"),
        bad_line("a blank before the target", "GET  / HTTP/1.1"),
        bad_line("a blank behind the target", "GET /  HTTP/1.1"),
        bad_line("a blank behind the version", "GET / HTTP/1.1 "),
        bad_line("a blank before the method", " GET / HTTP/1.1"),
        bad_line("a tab between", "GET\t/\tHTTP/1.1"),
        bad_line("a tab in the target", "GET /a\tb HTTP/1.1"),
        bad_line("a NUL in the target", "GET /a\0b HTTP/1.1"s),
        bad_line("a lone CR in the target", "GET /a\rb HTTP/1.1"),
        bad_line("an escape in the target", "GET /a\x1b[2J HTTP/1.1"),
        bad_line("a DEL in the target", "GET /a\x7f HTTP/1.1"),
        bad_line("a colon in the method", "G:T / HTTP/1.1"),
        bad_line("a method in brackets", "(GET) / HTTP/1.1"),
        bad_line("a NUL in the method", "G\0T / HTTP/1.1"s),
        bad_line("a target without a slash", "GET index.php HTTP/1.1"),
        bad_line("an asterisk", "OPTIONS * HTTP/1.1"),
        bad_line("an authority", "CONNECT a:443 HTTP/1.1"),
        bad_line("another scheme", "GET ftp://a/ HTTP/1.1"),
        bad_line("HTTP/1.2", "GET / HTTP/1.2", 505),
        bad_line("HTTP/2.0", "GET / HTTP/2.0", 505),
        bad_line("the preface of HTTP/2", "PRI * HTTP/2.0", 505),
        bad_line("HTTP/0.9 with a version", "GET / HTTP/0.9", 505),
        bad_line("a version in small letters", "GET / http/1.1"),
        bad_line("a version without a point", "GET / HTTP/1"),
        bad_line("a version of two digits", "GET / HTTP/1.10"),
        bad_line("a version with a blank", "GET / HTTP/ 1.1"),
        bad_line("a sign in the version", "GET / HTTP/+1.1"),
        bad_line("another protocol", "GET / RTSP/1.0"),
        {"an empty line first", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 200, Fate::keep, "GET /|"},
        {"two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, Fate::close},
        {"an empty line with a bare LF", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, Fate::close},
        {"a line that ends in a bare LF", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400, Fate::close},
        {"all lines end in a bare LF", "GET / HTTP/1.1\nHost: a\n\n", 400, Fate::close},
        {"a line that ends in CR alone", "GET / HTTP/1.1\rHost: a\r\n\r\n", 400, Fate::close},
        {"the hello of a TLS client", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, 400,
         Fate::close},
        {"a banner of SSH", "SSH-2.0-OpenSSH_9.2p1\r\n\r\n", 400, Fate::close},
        {"the preface of a proxy", "PROXY TCP4 1.2.3.4 5.6.7.8 9 10\r\n\r\n", 400, Fate::close},
    };
}

}  // namespace cmq::framing
