// A join token as a stranger may send it: read or refused, and never taken without its secret.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "auth/join_token.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cmq;
    const std::string_view given(reinterpret_cast<const char*>(data), size);
    for (const auto& text :
         {std::string(given), std::string(auth::join_token_prefix).append(given)}) {
        const auto token = auth::read_token(text);
        if (token && token->fingerprint.size() != 64) std::abort();
        if (auth::check_token("a secret that nobody has", text, stamp_of(0))) std::abort();
    }
    return 0;
}
