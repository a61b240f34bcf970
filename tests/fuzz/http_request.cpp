// Any bytes, in pieces of any size: the parser never reads beyond them, and where they are cut
// changes nothing.

#include "net/http_parser.h"

#include <algorithm>
#include <cstdlib>

namespace {

using cmq::net::HttpParser;
using cmq::net::Limits;

struct Outcome {
    std::size_t requests = 0, body_bytes = 0;
    int fault = 0;
    bool begun = false;
    friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome parse(std::string_view bytes, std::size_t piece) {
    Limits limits;
    limits.request_line_bytes = 256;
    limits.header_bytes = 512;
    limits.header_fields = 8;
    limits.body_bytes = 1'024;
    HttpParser parser(limits);
    Outcome outcome;
    std::string in;
    while (!bytes.empty()) {
        in.append(bytes.substr(0, piece));
        bytes.remove_prefix(std::min(piece, bytes.size()));
        std::string_view rest = in;
        while (!rest.empty()) {
            const auto need = parser.feed(rest);
            if (!need) {
                outcome.fault = need.error().status;
                return outcome;
            }
            if (*need == HttpParser::Need::more) break;
            const auto request = parser.take();
            if (request.body.size() > limits.body_bytes || request.method.empty()) std::abort();
            outcome.body_bytes += request.body.size();
            ++outcome.requests;
        }
        in.erase(0, in.size() - rest.size());
    }
    outcome.begun = parser.begun();
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    const auto whole = parse(bytes, bytes.size() + 1);
    const auto cut = parse(bytes, data[0] % 32u + 1);
    // Which of two faults is met first may depend on how much was there; that there is one may not.
    if (whole.requests != cut.requests || whole.body_bytes != cut.body_bytes ||
        (whole.fault == 0) != (cut.fault == 0) || (whole.fault == 0 && whole.begun != cut.begun))
        std::abort();
    return 0;
}
