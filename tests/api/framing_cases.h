// api/framing_cases.h: bytes, and what a strict HTTP/1.1 server makes of them.
//
// Used twice: against the parser, cut at every place, and against a real server.
#pragma once

#include <string>
#include <vector>

#include "net/http_types.h"

namespace cmq::framing {

enum class Fate { keep, close };

struct Case {
    std::string name;
    std::string bytes;
    int status = 200;  // of the answer; 0: the bytes are no whole request, nothing is answered
    Fate fate = Fate::keep;
    std::string echo = {};  // method, target and body as the server understood them; "" is any
};

/// Of the server that the cases are for: the real ones, but for the body.
net::Limits limits();

std::vector<Case> cases();

// One chapter each.
std::vector<Case> line_cases();
std::vector<Case> field_cases();
std::vector<Case> length_cases();
std::vector<Case> chunk_cases();
std::vector<Case> persistence_cases();

/// What the server of these tests answers with: "METHOD path?query|body".
std::string echo(const net::Request& request);

}  // namespace cmq::framing
