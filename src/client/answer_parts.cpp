#include "client/answer_parts.h"

#include "base/text.h"
#include "client/wire_errors.h"

namespace cmq::client {

tl::unexpected<Error> odd(std::string_view what) {
    return fail(Code::internal,
                "not an answer of a CMQ broker: " + std::string(what) + "; check the endpoint");
}

Result<std::string> text(const Json& object, const char* name) {
    const auto at = object.find(name);
    if (at == object.end() || !at->is_string()) return odd(std::string(name) + " is not a text");
    return at->get<std::string>();
}

Result<std::int64_t> number(const Json& object, const char* name) {
    const auto at = object.find(name);
    if (at != object.end() && at->is_number_integer()) return at->get<std::int64_t>();
    if (at != object.end() && at->is_string())
        if (const auto digits = parse_digits(at->get_ref<const std::string&>()))
            return static_cast<std::int64_t>(*digits);
    return odd(std::string(name) + " is not a whole number");
}

Result<std::uint64_t> count(const Json& object, const char* name) {
    const auto value = CMQ_TRY(number(object, name));
    if (value < 0) return odd(std::string(name) + " is negative");
    return static_cast<std::uint64_t>(value);
}

Result<Stamp> time(const Json& object, const char* name) {
    return Stamp{std::chrono::seconds{CMQ_TRY(number(object, name))}};
}

Result<bool> truth(const Json& object, const char* name) {
    const auto at = object.find(name);
    if (at == object.end() || !at->is_boolean()) return odd(std::string(name) + " is not a truth");
    return at->get<bool>();
}

Error Envelope::error() const { return error_of(code, message); }

Result<Envelope> open_envelope(std::string_view answer) {
    Envelope envelope;
    envelope.fields = Json::parse(answer, nullptr, false);
    if (!envelope.fields.is_object()) return odd("not a JSON object");
    envelope.code = static_cast<int>(CMQ_TRY(number(envelope.fields, "code")));
    envelope.message = CMQ_TRY(text(envelope.fields, "message"));
    return envelope;
}

Result<Json> fields_of(std::string_view answer) {
    auto envelope = CMQ_TRY(open_envelope(answer));
    if (envelope.code != 0) return tl::unexpected(envelope.error());
    return std::move(envelope.fields);
}

}  // namespace cmq::client
