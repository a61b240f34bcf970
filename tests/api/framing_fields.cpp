// Header fields.

#include "tests/api/framing_cases.h"

namespace cmq::framing {

using namespace std::string_literals;

namespace {

const std::string get = "GET / HTTP/1.1\r\n";

Case bad_field(std::string name, const std::string& fields, int status = 400) {
    return {std::move(name), get + "Host: a\r\n" + fields + "\r\n", status, Fate::close};
}

Case good_field(std::string name, const std::string& fields) {
    return {std::move(name), get + "Host: a\r\n" + fields + "\r\n", 200, Fate::keep, "GET /|"};
}

Case bad_host(std::string name, const std::string& fields) {
    return {std::move(name), get + fields + "\r\n", 400, Fate::close};
}

Case good_host(std::string name, const std::string& fields) {
    return {std::move(name), get + fields + "\r\n", 200, Fate::keep, "GET /|"};
}

/// Fields of `bytes` in all, a Host of 9 bytes among them.
std::string fields_of(std::size_t bytes) { return "X: " + std::string(bytes - 14, 'x') + "\r\n"; }

std::string many_fields(std::size_t count) {
    std::string fields;
    for (std::size_t at = 1; at < count; ++at) fields += "X: y\r\n";
    return fields;
}

}  // namespace

std::vector<Case> field_cases() {
    return {
        good_host("a name", "Host: broker\r\n"),
        good_host("a port", "Host: broker:9443\r\n"),
        good_host("an IPv6 address", "Host: [::1]:80\r\n"),
        good_host("no blank behind the colon", "Host:a\r\n"),
        good_host("blanks and tabs around a value", "Host: \t a \t\r\n"),
        good_host("any case", "hOST: a\r\n"),
        good_host("an empty Host", "Host:\r\n"),
        bad_host("no Host", ""),
        bad_host("no Host but others", "Hostname: a\r\n"),
        bad_host("two Hosts", "Host: a\r\nHost: b\r\n"),
        bad_host("the same Host twice", "Host: a\r\nhost: a\r\n"),
        bad_host("two names in one Host", "Host: a, b\r\n"),
        bad_host("a blank in Host", "Host: a b\r\n"),
        bad_host("a path in Host", "Host: a/b\r\n"),
        bad_host("a user in Host", "Host: a@b\r\n"),
        good_field("an empty value", "X:\r\n"),
        good_field("a colon in a value", "X: a:b::c\r\n"),
        good_field("a tab in a value", "X: a\tb\r\n"),
        good_field("bytes above 127 in a value", "X: \xe4\xb8\xad\xff\r\n"),
        good_field("odd letters in a name", "X!#$%&'*+-.^_`|~9: a\r\n"),
        good_field("the same field twice", "X: a\r\nX: b\r\n"),
        good_field("a hundred fields", many_fields(100)),
        good_field("fields of 16 KiB", fields_of(16 << 10)),
        bad_field("a hundred and one fields", many_fields(101), 431),
        bad_field("fields of 16 KiB and a byte", fields_of((16 << 10) + 1), 431),
        {"fields without an end", get + "X: " + std::string(20'000, 'x'), 431, Fate::close},
        bad_field("a blank before the colon", "X : a\r\n"),
        bad_field("a tab before the colon", "X\t: a\r\n"),
        bad_field("a blank before the colon of a length", "Content-Length : 0\r\n"),
        bad_field("a blank inside a name", "X Y: a\r\n"),
        bad_field("no name", ": a\r\n"),
        bad_field("no colon", "nonsense\r\n"),
        bad_field("a bracket in a name", "X(Y): a\r\n"),
        bad_field("a byte above 127 in a name", "X\xe9: a\r\n"),
        bad_field("a NUL in a name", "X\0Y: a\r\n"s),
        bad_field("a NUL in a value", "X: a\0b\r\n"s),
        bad_field("a lone CR in a value", "X: a\rb\r\n"),
        bad_field("a CR before CRLF", "X: a\r\r\n"),
        bad_field("an escape in a value", "X: \x1b[2J\r\n"),
        bad_field("a DEL in a value", "X: a\x7f\r\n"),
        bad_field("a bare LF behind a value", "X: a\nY: b\r\n"),
        bad_field("a hidden length behind a bare LF", "X: a\nContent-Length: 5\r\n"),
        bad_field("a folded value", "X: a\r\n b\r\n"),
        bad_field("a value folded with a tab", "X: a\r\n\tb\r\n"),
        bad_field("a folded length", "Content-Length:\r\n 5\r\n"),
        {"a folded first field", get + " Host: a\r\n\r\n", 400, Fate::close},
        good_field("a coding that does nothing", "Content-Encoding: identity\r\n"),
        good_field("an empty coding", "Content-Encoding:\r\n"),
        bad_field("gzip", "Content-Encoding: gzip\r\n", 415),
        bad_field("GZIP", "CONTENT-ENCODING: GZIP\r\n", 415),
        bad_field("br", "Content-Encoding: br\r\n", 415),
        bad_field("gzip behind identity", "Content-Encoding: identity, gzip\r\n", 415),
        bad_field("gzip before identity in two fields",
                  "Content-Encoding: gzip\r\nContent-Encoding: identity\r\n", 415),
        bad_field("a coding nobody knows", "Content-Encoding: x\r\n", 415),
    };
}

}  // namespace cmq::framing
