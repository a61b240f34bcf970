// Commands as the log keeps them: whatever decodes must encode to the same bytes' meaning.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "broker/codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto command = cmq::broker::decode(bytes);
    if (!command) return 0;
    std::string again;
    cmq::broker::encode(*command, again);
    const auto same = cmq::broker::decode(again);
    if (!same || same->action.index() != command->action.index()) std::abort();
    return 0;
}
