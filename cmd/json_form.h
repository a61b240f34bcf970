// cmd/json_form.h: results that are a tree of JSON, as such or by a template.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "cmd/form.h"

namespace cmq::cmd {

/// "sent", "send.p99_ms": all but the inner objects themselves.
std::vector<std::string> keys_of(const nlohmann::ordered_json& object);

/// By form.pattern, or else as JSON.
void print(std::ostream& out, const nlohmann::ordered_json& object, const Form& form);

}  // namespace cmq::cmd
