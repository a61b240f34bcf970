#include "store/wal.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace cmq::store {
namespace {

constexpr std::uint32_t magic = 0x377f0682;  // the lowest bit: checksums of big-endian words
constexpr std::uint64_t frames_a_read = 128;
constexpr int damaged_bits_max = 4;

std::uint32_t native(std::string_view bytes, std::size_t at) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

template <std::endian order>
std::uint32_t word(std::string_view bytes, std::size_t at) {
    const auto value = native(bytes, at);
    return order == std::endian::native ? value : __builtin_bswap32(value);
}

std::uint32_t big_endian(std::string_view bytes, std::size_t at) {
    return word<std::endian::big>(bytes, at);
}

struct Sum {
    std::uint32_t first = 0, second = 0;
    friend bool operator==(Sum, Sum) = default;
};

template <std::endian order>
Sum sum_of(std::string_view bytes, Sum sum) {
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
        sum.first += word<order>(bytes, at) + sum.second;
        sum.second += word<order>(bytes, at + 4) + sum.first;
    }
    return sum;
}

Sum sum_of(std::string_view bytes, Sum sum, std::endian order) {
    return order == std::endian::big ? sum_of<std::endian::big>(bytes, sum)
                                     : sum_of<std::endian::little>(bytes, sum);
}

struct Header {
    std::uint64_t page_bytes = 0;
    std::string salts;
    Sum sum;
    std::endian order = std::endian::little;
};

std::optional<Header> read_header(std::string_view bytes) {
    const auto found = big_endian(bytes, 0);
    if ((found & ~1u) != magic) return std::nullopt;
    Header header;
    header.page_bytes = big_endian(bytes, 8);
    if (header.page_bytes < 512 || header.page_bytes > 65536 ||
        (header.page_bytes & (header.page_bytes - 1)) != 0)
        return std::nullopt;
    header.order = (found & 1u) != 0 ? std::endian::big : std::endian::little;
    header.salts = bytes.substr(16, 8);
    header.sum = sum_of(bytes.substr(0, 24), {}, header.order);
    if (header.sum != Sum{big_endian(bytes, 24), big_endian(bytes, 28)}) return std::nullopt;
    return header;
}

/// Goes over the frames in order.
class Walk {
public:
    Walk(const Header& header, WalScan& scan) : header_(header), scan_(scan), sum_(header.sum) {
        scan_.end = scan_.tail_end = wal_header_bytes;
    }

    void take(std::string_view frame) {
        const bool ours = resembles_salts(frame.substr(8, 8));
        const bool commits = big_endian(frame, 4) != 0;
        const bool exact = frame.substr(8, 8) == header_.salts;
        if (!bad_ && !(exact && fits(frame))) bad_ = position_;
        const auto end = position_ + frame.size();
        if (bad_) {
            take_behind(ours, commits, end);
        } else {
            ++seen_;
            scan_.tail_end = end;
            if (commits) take_commit(end);
        }
        position_ = end;
    }

private:
    /// Salts are random: those of another WAL differ in some 32 bits, damaged ones in a few.
    bool resembles_salts(std::string_view salts) const {
        int different = 0;
        for (std::size_t at = 0; at < salts.size(); ++at)
            different += std::popcount(static_cast<unsigned char>(salts[at] ^ header_.salts[at]));
        return different <= damaged_bits_max;
    }

    bool fits(std::string_view frame) {
        auto sum = sum_of(frame.substr(0, 8), sum_, header_.order);
        sum = sum_of(frame.substr(wal_frame_header_bytes), sum, header_.order);
        sum_ = sum;
        return sum == Sum{big_endian(frame, 16), big_endian(frame, 20)};
    }

    void take_commit(std::uint64_t end) {
        scan_.frames = seen_;
        scan_.end = end;
        ++scan_.transactions;
    }

    void take_behind(bool ours, bool commits, std::uint64_t end) {
        if (!ours) return;
        scan_.tail_end = end;
        if (transaction_over_ && !scan_.rot) scan_.rot = bad_;
        if (commits) transaction_over_ = true;
    }

    const Header& header_;
    WalScan& scan_;
    Sum sum_;
    std::uint64_t seen_ = 0;
    std::uint64_t position_ = wal_header_bytes;
    std::optional<std::uint64_t> bad_;
    bool transaction_over_ = false;  // the one with the bad frame
};

bool all_zero(std::string_view bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](char byte) { return byte == 0; });
}

/// Gives each frame that is there in whole, up to `frames`; true goes on.
template <class Take>
Status each_frame(File& wal, std::uint64_t page_bytes, std::uint64_t frames, Take take) {
    const auto frame_bytes = wal_frame_header_bytes + page_bytes;
    for (std::uint64_t done = 0; done < frames;) {
        const auto want = std::min(frames - done, frames_a_read);
        const auto bytes = CMQ_TRY(wal.read(wal_header_bytes + done * frame_bytes,
                                            static_cast<std::size_t>(want * frame_bytes)));
        const std::string_view all = bytes;
        for (std::size_t at = 0; at + frame_bytes <= all.size(); at += frame_bytes)
            take(all.substr(at, frame_bytes));
        if (all.size() < want * frame_bytes) return {};
        done += want;
    }
    return {};
}

}  // namespace

Result<WalScan> scan_wal(File& wal) {
    WalScan scan;
    const auto head = CMQ_TRY(wal.read(0, wal_header_bytes));
    if (all_zero(head)) return scan;
    const auto header = head.size() == wal_header_bytes ? read_header(head) : std::nullopt;
    if (!header) {
        const auto behind = CMQ_TRY(wal.read(wal_header_bytes, wal_frame_header_bytes));
        if (!all_zero(behind)) scan.header = WalScan::Header::damaged;
        return scan;
    }
    scan.header = WalScan::Header::valid;
    scan.page_bytes = header->page_bytes;
    const auto size = CMQ_TRY(wal.size());
    const auto frames = (size - wal_header_bytes) / (wal_frame_header_bytes + scan.page_bytes);
    Walk walk(*header, scan);
    CMQ_TRY(each_frame(wal, scan.page_bytes, frames,
                       [&walk](std::string_view frame) { walk.take(frame); }));
    return scan;
}

Result<std::string> image_of(File& wal, const WalScan& scan, std::string database) {
    std::uint64_t pages = 0;
    CMQ_TRY(each_frame(wal, scan.page_bytes, scan.frames, [&](std::string_view frame) {
        const std::uint64_t page = big_endian(frame, 0);
        if (page == 0) return;
        if (big_endian(frame, 4) != 0) pages = big_endian(frame, 4);
        const auto content = frame.substr(wal_frame_header_bytes);
        if (database.size() < page * scan.page_bytes) database.resize(page * scan.page_bytes);
        std::copy(content.begin(), content.end(),
                  database.begin() + static_cast<std::ptrdiff_t>((page - 1) * scan.page_bytes));
    }));
    if (pages != 0) database.resize(pages * scan.page_bytes);
    if (database.size() >= 20) database[18] = database[19] = 1;
    return database;
}

}  // namespace cmq::store
