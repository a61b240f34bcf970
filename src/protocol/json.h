// protocol/json.h: JSON out, in order, without a tree.
#pragma once

// Part of every x86-64: text that needs no escape is copied 16 bytes at a time.
#ifdef __SSE2__
#define RAPIDJSON_SSE2
#endif
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace cmq::protocol {

/// Members and elements in the order of the calls.
class JsonWriter {
public:
    JsonWriter& begin_object() { return writer_.StartObject(), *this; }
    JsonWriter& end_object() { return writer_.EndObject(), *this; }
    JsonWriter& begin_list(std::string_view name) { return key(name), writer_.StartArray(), *this; }
    JsonWriter& end_list() { return writer_.EndArray(), *this; }

    JsonWriter& text(std::string_view name, std::string_view value) {
        key(name);
        writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
        return *this;
    }
    JsonWriter& element(std::string_view value) {
        writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
        return *this;
    }
    JsonWriter& number(std::string_view name, std::int64_t value) {
        return key(name), writer_.Int64(value), *this;
    }
    JsonWriter& count(std::string_view name, std::uint64_t value) {
        return key(name), writer_.Uint64(value), *this;
    }
    JsonWriter& truth(std::string_view name, bool value) {
        return key(name), writer_.Bool(value), *this;
    }

    std::string take() const { return {buffer_.GetString(), buffer_.GetSize()}; }

private:
    void key(std::string_view name) {
        writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    }

    rapidjson::StringBuffer buffer_;
    rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

}  // namespace cmq::protocol
