// Any bytes from another node: read as a request or an answer of the bulk stream, which is written
// the same way again, or refused.

#include <cstdlib>
#include <string_view>

#include "shard/bulk.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace cmq::shard;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto request = decode_bulk_request(bytes))
        if (!decode_bulk_request(encode(*request))) std::abort();
    if (const auto answer = decode_bulk_answer(bytes))
        if (!decode_bulk_answer(encode(*answer))) std::abort();
    return 0;
}
