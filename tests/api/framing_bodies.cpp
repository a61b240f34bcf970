// How long is the body? Lengths and chunks.

#include "tests/api/framing_cases.h"

namespace cmq::framing {

using namespace std::string_literals;

namespace {

const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";

Case bad(std::string name, const std::string& rest, int status = 400) {
    return {std::move(name), post + rest, status, Fate::close};
}

Case good(std::string name, const std::string& rest, const std::string& body) {
    return {std::move(name), post + rest, 200, Fate::keep, "POST /|" + body};
}

Case bad_chunks(std::string name, const std::string& rest, int status = 400) {
    return {std::move(name), chunked + rest, status, Fate::close};
}

Case good_chunks(std::string name, const std::string& rest, const std::string& body) {
    return {std::move(name), chunked + rest, 200, Fate::keep, "POST /|" + body};
}

std::string repeated(const std::string& text, std::size_t times) {
    std::string all;
    for (std::size_t at = 0; at < times; ++at) all += text;
    return all;
}

}  // namespace

std::vector<Case> length_cases() {
    const std::string most(64 << 10, 'x');
    return {
        good("a body", "Content-Length: 3\r\n\r\na=b", "a=b"),
        good("no body", "Content-Length: 0\r\n\r\n", ""),
        good("no length is no body", "\r\n", ""),
        good("zeros before a length", "Content-Length: 0003\r\n\r\na=b", "a=b"),
        good("blanks around a length", "Content-Length: \t3 \r\n\r\na=b", "a=b"),
        good("a body of any bytes", "Content-Length: 6\r\n\r\n\0\r\n\r\n\xff"s, "\0\r\n\r\n\xff"s),
        good("the longest body", "Content-Length: 65536\r\n\r\n" + most, most),
        {"a body behind GET", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na=b", 200,
         Fate::keep, "GET /|a=b"},
        bad("a body that is one byte too long", "Content-Length: 65537\r\n\r\n" + most + "x", 413),
        bad("a long body that never comes", "Content-Length: 99999999\r\n\r\n", 413),
        bad("a long body that waits to be asked for",
            "Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n", 413),
        bad("a length of more than 64 bits", "Content-Length: 18446744073709551617\r\n\r\na"),
        bad("a length with a sign", "Content-Length: +3\r\n\r\na=b"),
        bad("a negative length", "Content-Length: -3\r\n\r\na=b"),
        bad("a length in hex", "Content-Length: 0x3\r\n\r\na=b"),
        bad("a length with a point", "Content-Length: 3.0\r\n\r\na=b"),
        bad("a length with a comma", "Content-Length: 3,3\r\n\r\na=b"),
        bad("a blank inside a length", "Content-Length: 3 3\r\n\r\na=b"),
        bad("an empty length", "Content-Length:\r\n\r\na=b"),
        bad("a length in words", "Content-Length: three\r\n\r\na=b"),
        bad("two lengths", "Content-Length: 3\r\nContent-Length: 5\r\n\r\na=b"),
        bad("the same length twice", "Content-Length: 3\r\nContent-Length: 3\r\n\r\na=b"),
        bad("a length and chunks",
            "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        bad("chunks and a length",
            "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"),
        bad("a length of nothing and chunks",
            "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        bad("a length and no transfer coding",
            "Content-Length: 3\r\nTransfer-Encoding: identity\r\n\r\na=b"),
        {"half a head", "POST / HTTP/1.1\r\nHost: a\r\nContent-Len", 0, Fate::close},
        {"half a body", post + "Content-Length: 9\r\n\r\na=b", 0, Fate::close},
        {"half a chunk", chunked + "9\r\na=b", 0, Fate::close},
        {"chunks without a last one", chunked + "3\r\na=b\r\n", 0, Fate::close},
        {"a last chunk without an end", chunked + "0\r\n", 0, Fate::close},
        {"nothing", "", 0, Fate::close},
        {"an empty line and nothing", "\r\n", 0, Fate::close},
    };
}

std::vector<Case> chunk_cases() {
    const std::string most(64 << 10, 'x');
    return {
        good_chunks("one chunk", "3\r\na=b\r\n0\r\n\r\n", "a=b"),
        good_chunks("two chunks", "1\r\na\r\n2\r\n=b\r\n0\r\n\r\n", "a=b"),
        good_chunks("only the last chunk", "0\r\n\r\n", ""),
        good_chunks("hex of either case", "A\r\n0123456789\r\nb\r\n0123456789a\r\n0\r\n\r\n",
                    "01234567890123456789a"),
        good_chunks("zeros before a size", "00000003\r\na=b\r\n00\r\n\r\n", "a=b"),
        good_chunks("an extension", "3;name=value\r\na=b\r\n0;last\r\n\r\n", "a=b"),
        good_chunks("line ends inside a chunk", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n"),
        good_chunks("a trailer", "0\r\nX: y\r\n\r\n", ""),
        good_chunks("a trailer does not count as a field", "0\r\nContent-Length: 9\r\n\r\n", ""),
        good_chunks("the longest body", "10000\r\n" + most + "\r\n0\r\n\r\n", most),
        good_chunks("many small chunks", repeated("1\r\nx\r\n", 5'000) + "0\r\n\r\n",
                    std::string(5'000, 'x')),
        good("any case of the coding", "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", ""),
        bad_chunks("a chunk beyond the limit", "10001\r\n" + most + "x\r\n0\r\n\r\n", 413),
        bad_chunks("chunks beyond the limit", "10000\r\n" + most + "\r\n1\r\nx\r\n0\r\n\r\n", 413),
        bad_chunks("a size of eight digits", "ffffffff\r\n", 413),
        bad_chunks("a size of nine digits", "000000003\r\na=b\r\n0\r\n\r\n"),
        bad_chunks("a size of 65 bits", "10000000000000003\r\na=b\r\n0\r\n\r\n"),
        bad_chunks("no size", "\r\na=b\r\n0\r\n\r\n"),
        bad_chunks("a size with a sign", "+3\r\na=b\r\n0\r\n\r\n"),
        bad_chunks("a negative size", "-3\r\na=b\r\n0\r\n\r\n"),
        bad_chunks("a size with 0x", "0x3\r\na=b\r\n0\r\n\r\n"),
        bad_chunks("a size that is no number", "g\r\na=b\r\n0\r\n\r\n"),
        bad_chunks("a blank before a size", " 3\r\na=b\r\n0\r\n\r\n"),
        bad_chunks("a blank behind a size", "3 \r\na=b\r\n0\r\n\r\n"),
        bad_chunks("a blank before an extension", "3 ;x\r\na=b\r\n0\r\n\r\n"),
        bad_chunks("a bare LF behind a size", "3\na=b\r\n0\r\n\r\n"),
        bad_chunks("a bare LF in an extension", "3;x\ny\r\na=b\r\n0\r\n\r\n"),
        bad_chunks("a lone CR in an extension", "3;x\ry\r\na=b\r\n0\r\n\r\n"),
        bad_chunks("a NUL in an extension", "3;x\0\r\na=b\r\n0\r\n\r\n"s),
        bad_chunks("an extension of 2 KiB", "3;" + std::string(2'048, 'x') + "\r\na=b\r\n"),
        bad_chunks("an extension without an end", "3;" + std::string(9'000, 'x')),
        bad_chunks("extensions of 20 KiB in all",
                   repeated("1;" + std::string(1'000, 'x') + "\r\nx\r\n", 20) + "0\r\n\r\n", 431),
        bad_chunks("a chunk longer than it says", "3\r\na=bc\r\n0\r\n\r\n"),
        bad_chunks("a chunk shorter than it says", "5\r\na=b\r\n0\r\n\r\n"),
        bad_chunks("a chunk that ends in a bare LF", "3\r\na=b\n0\r\n\r\n"),
        bad_chunks("a chunk that ends in CR alone", "3\r\na=b\r0\r\n\r\n"),
        bad_chunks("a trailer with a bare LF", "0\r\nX: y\n\r\n"),
        bad_chunks("a trailer without a colon", "0\r\nnonsense\r\n\r\n"),
        bad_chunks("a trailer with a blank before the colon", "0\r\nX : y\r\n\r\n"),
        bad_chunks("a folded trailer", "0\r\nX: y\r\n z\r\n\r\n"),
        bad_chunks("a NUL in a trailer", "0\r\nX: \0\r\n\r\n"s),
        bad_chunks("trailers of 20 KiB",
                   "0\r\n" + repeated("X: " + std::string(1'000, 'x') + "\r\n", 20) + "\r\n", 431),
        bad_chunks("trailers of 200 fields", "0\r\n" + repeated("X: y\r\n", 200) + "\r\n", 431),
        bad("chunks twice", "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
        bad("chunks in two fields",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        bad("gzip and chunks", "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        bad("chunks and identity", "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
        bad("identity", "Transfer-Encoding: identity\r\n\r\n"),
        bad("gzip", "Transfer-Encoding: gzip\r\n\r\n"),
        bad("an empty transfer coding", "Transfer-Encoding:\r\n\r\n"),
        bad("a transfer coding with a parameter",
            "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n"),
        bad("a transfer coding in quotes", "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"),
        bad("a transfer coding with a vertical tab",
            "Transfer-Encoding: \x0b"
            "chunked\r\n\r\n0\r\n\r\n"),
        bad("nearly chunked", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        {"chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         400, Fate::close},
    };
}

}  // namespace cmq::framing
