#include "shard/row_seal.h"

#include "base/bytes.h"
#include "base/hash.h"

namespace cmq::shard {
namespace {

std::string bytes_of(RowName name) {
    std::string bytes;
    Encoder(bytes)
        .u8(static_cast<std::uint8_t>(name.table))
        .u64(name.key.major)
        .u64(name.key.minor);
    return bytes;
}

std::uint32_t crc_of(RowName name, std::string_view value) {
    return crc32c(value, crc32c(bytes_of(name)));
}

std::uint64_t hash_of(RowName name, std::string_view stored) {
    return xxh3(stored, xxh3(bytes_of(name)));
}

}  // namespace

std::string sealed(RowName name, std::string value) {
    const auto crc = crc_of(name, value);
    Encoder(value).u32(crc);
    return value;
}

Result<std::string> unsealed(RowName name, std::string_view stored,
                             const std::filesystem::path& file) {
    if (stored.size() >= 4) {
        const auto value = stored.substr(0, stored.size() - 4);
        if (Decoder(stored.substr(value.size())).u32() == crc_of(name, value))
            return std::string(value);
    }
    return fail(Code::corrupt, file.string() + ": row " +
                                   std::to_string(static_cast<int>(name.table)) + '/' +
                                   std::to_string(name.key.major) + '/' +
                                   std::to_string(name.key.minor) + ": CRC does not match");
}

void RowSum::add(RowName name, std::string_view stored) {
    ++count;
    hash += hash_of(name, stored);
}

void RowSum::subtract(RowName name, std::string_view stored) {
    --count;
    hash -= hash_of(name, stored);
}

}  // namespace cmq::shard
