#include "tests/api/framing_cases.h"

namespace cmq::framing {

net::Limits limits() {
    net::Limits limits;
    limits.body_bytes = 64 << 10;
    return limits;
}

std::string echo(const net::Request& request) {
    auto text = request.method + ' ' + request.path;
    if (!request.query.empty()) text += '?' + request.query;
    return text + '|' + request.body;
}

std::vector<Case> cases() {
    std::vector<Case> all;
    for (const auto chapter :
         {line_cases, field_cases, length_cases, chunk_cases, persistence_cases})
        for (auto& one : chapter()) all.push_back(std::move(one));
    return all;
}

}  // namespace cmq::framing
