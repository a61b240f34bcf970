// base/log.h: one line an event: a name that never changes, then keys. Goes to stderr.
//
//     log::info("leader_elected", {{"shard", shard}, {"term", term}});
//
// error: someone must act. warn: it healed itself. info: a rare change of state. debug: each
// request. Secrets and message bodies never. The pure rooms do not log at all.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace cmq::log {

struct Field {
    template <std::integral T>
    Field(std::string_view key_, T value_) : key(key_), value(std::to_string(value_)) {}
    Field(std::string_view key_, std::string_view value_) : key(key_), value(value_) {}
    Field(std::string_view key_, const char* value_) : key(key_), value(value_) {}
    Field(std::string_view key_, const std::string& value_) : key(key_), value(value_) {}

    std::string_view key;
    std::string value;
};

enum class Level { none, error, warn, info, debug };

void set_level(Level level);  // info to begin with; call before threads start

void error(std::string_view event, std::initializer_list<Field> fields = {});
void warn(std::string_view event, std::initializer_list<Field> fields = {});
void info(std::string_view event, std::initializer_list<Field> fields = {});
void debug(std::string_view event, std::initializer_list<Field> fields = {});

}  // namespace cmq::log
