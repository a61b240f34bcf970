// cmd/load_report.h: what `cmq bench` measured, for people and for programs.
#pragma once

#include <chrono>
#include <cmath>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "client/load.h"
#include "cmd/form.h"

namespace cmq::cmd {

void print_load(std::ostream& out, const client::LoadOptions& options,
                const client::LoadReport& report, const Form& form);
std::vector<std::string> load_keys();  // for templates

// What both forms share.
void print_load_text(std::ostream& out, const client::LoadReport& report, Color color);

inline constexpr std::pair<const char*, double> percentiles[] = {
    {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}};

inline double milliseconds_in(std::chrono::nanoseconds time) {
    return std::chrono::duration<double, std::milli>(time).count();
}
inline double rate(std::uint64_t count, std::chrono::duration<double> time) {
    return time.count() > 0 ? static_cast<double>(count) / time.count() : 0;
}

}  // namespace cmq::cmd
