// protocol/form.h: application/x-www-form-urlencoded, and the parameters in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "auth/signature.h"
#include "protocol/error_codes.h"

namespace cmq::protocol {

template <class T>
using Decoded = tl::expected<T, WireError>;

inline constexpr std::size_t form_bytes_max = 4 << 20;  // encoded; percent-encoding inflates
inline constexpr std::size_t parameters_max = 1'000;

std::string form_encode(std::string_view text);           // all but letters, digits and -._~
Decoded<std::string> form_decode(std::string_view text);  // %XX and '+'

/// Raw names and decoded values, in order of appearance. errors  10420.
Decoded<auth::Parameters> parse_form(std::string_view text);
std::string to_form(const auth::Parameters& parameters);

/// Look-ups by trimmed name; an empty value counts as not given. Points into the parameters.
class Fields {
public:
    explicit Fields(const auth::Parameters& parameters) : parameters_(&parameters) {}

    /// errors  10330: a name that is not an array's stands twice.
    Decoded<void> check_repeats() const;

    std::optional<std::string_view> find(std::string_view name) const;
    bool names(std::string_view name) const;                          // given, even if empty
    Decoded<std::string_view> required(std::string_view name) const;  // errors  10390
    /// Decimal digits; a sign or too many digits is out of range. errors  10350, 10360.
    Decoded<std::optional<std::int64_t>> number(std::string_view name) const;
    /// `name.N`, N from 0 or 1, in numeric order; a bare `name` is a list of one.
    /// errors  10380: a gap; 10310: N is no number.
    Decoded<std::vector<std::string_view>> list(std::string_view name) const;

private:
    const auth::Parameters* parameters_;
};

}  // namespace cmq::protocol
