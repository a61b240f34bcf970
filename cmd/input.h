// cmd/input.h: what comes in on a descriptor, whole or in records.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/result.h"

namespace cmq::cmd {

inline constexpr std::size_t record_bytes_max = 4u << 20;  // four times what a body may have

/// errors  io; invalid: more than `bytes_max`.
Result<std::string> read_all(int descriptor, std::size_t bytes_max);

/// Records that end with `delimiter`; the last one may lack it.
class RecordReader {
public:
    RecordReader(int descriptor, char delimiter) : descriptor_(descriptor), delimiter_(delimiter) {}

    /// Waits for the next one; nothing: the input ended.
    /// errors  io; invalid: a record of more than record_bytes_max.
    Result<std::optional<std::string>> next();
    /// Whether next() would answer without waiting.
    bool has_more_now();
    /// How much of a file is read, 0 to 1; nothing: not a file, or an empty one.
    std::optional<double> share() const;

private:
    Result<bool> fill();  // false: the input ended

    int descriptor_;
    char delimiter_;
    std::string buffer_;
    std::size_t begin_ = 0;    // of the next record
    std::size_t scanned_ = 0;  // no delimiter between begin_ and here
    bool is_ended_ = false;
};

}  // namespace cmq::cmd
