// Frames to bytes and back, without a socket.

#include <doctest/doctest.h>

#include <cstring>
#include <random>

#include "net/frame_queue.h"
#include "net/frame_reader.h"

namespace {

using namespace cmq;
using namespace cmq::net;

std::string framed(std::string_view bytes) {
    std::string out;
    Encoder(out).u32(static_cast<std::uint32_t>(bytes.size())).raw(bytes);
    return out;
}

/// All frames of `bytes`, given in pieces of at most `piece`.
std::vector<std::string> read_all(FrameReader& reader, std::string_view bytes, std::size_t piece) {
    std::vector<std::string> frames;
    while (!bytes.empty()) {
        const auto room = reader.room();
        const auto count = std::min({room.size(), piece, bytes.size()});
        std::memcpy(room.data(), bytes.data(), count);
        reader.filled(count);
        bytes.remove_prefix(count);
        for (auto next = reader.next(); next.value(); next = reader.next())
            frames.emplace_back(**next);
    }
    return frames;
}

/// All that `queue` holds, written `piece` bytes at a time.
std::string drain(FrameQueue& queue, std::size_t piece) {
    std::string all;
    while (true) {
        const auto front = queue.front();
        if (front.empty()) return all;
        const auto count = std::min(front.size(), piece);
        all.append(front.substr(0, count));
        queue.written(count);
    }
}

}  // namespace

TEST_SUITE("unit/net") {
    SCENARIO("frames come out as they went in, wherever the bytes are cut") {
        const std::vector<std::string> sent = {
            "one", "", std::string(100'000, 'x'), "y", std::string(300'000, 'z'), "last"};
        std::string bytes;
        for (const auto& frame : sent) bytes += framed(frame);
        for (const std::size_t piece : {7u, 4'096u, 16'384u, 1'000'000'000u}) {
            FrameReader reader(300'000);
            CHECK(read_all(reader, bytes, piece) == sent);
        }
    }

    SCENARIO("a frame is as long as the limit and no longer") {
        FrameReader reader(10);
        CHECK(read_all(reader, framed(std::string(10, 'x')), 100).size() == 1);
        const auto bytes = framed(std::string(11, 'x')).substr(0, 4);
        std::memcpy(reader.room().data(), bytes.data(), bytes.size());
        reader.filled(bytes.size());
        CHECK(reader.next().error().code == Code::invalid);
    }

    SCENARIO("a length that is only promised takes no memory") {
        FrameReader reader(1 << 30);
        std::string bytes;
        Encoder(bytes).u32(1 << 30).raw(std::string(1'000, 'x'));
        CHECK(read_all(reader, bytes, 100).empty());
        CHECK(reader.room().size() < 2 << 20);
    }

    SCENARIO("the memory of a long frame is given back") {
        FrameReader reader(64 << 20);
        CHECK(read_all(reader, framed(std::string(32 << 20, 'x')), 1 << 20).size() == 1);
        CHECK(reader.memory() >= 32 << 20);
        CHECK(reader.room().size() == FrameReader::usual_bytes);
    }

    SCENARIO("pieces are one frame, and their bytes are not copied when they are many") {
        FrameQueue queue(1 << 20);
        queue.open();
        const auto large = make_blob(std::string(100'000, 'x'));
        CHECK(queue.push({make_blob("head"), nullptr, make_blob(""), large}) ==
              FrameQueue::Pushed::to_write);
        CHECK(queue.push({make_blob("next")}) == FrameQueue::Pushed::behind);
        const auto first = queue.front();
        CHECK(first.size() == FrameQueue::gathered_bytes);
        queue.written(first.size());
        const auto second = queue.front();
        CHECK(second.data() > large->data());
        CHECK(second.data() + second.size() == large->data() + large->size());
        queue.written(second.size());
        CHECK(queue.front() == framed("next"));
    }

    SCENARIO("many small frames are written as few") {
        FrameQueue queue(1 << 20);
        queue.open();
        for (int number = 0; number < 1'000; ++number)
            queue.push({make_blob(std::string(96, 'x'))});
        for (int number = 0; number < 6; ++number) {
            const auto front = queue.front();
            CHECK(front.size() <= FrameQueue::gathered_bytes);
            CHECK(front.size() > FrameQueue::gathered_bytes - frame_head_bytes);
            queue.written(front.size());
        }
    }

    SCENARIO("what is pushed is what is written, and counted") {
        std::mt19937 random(7);
        for (const std::size_t piece : {1u, 1'000u, 16'384u, 1'000'000u}) {
            FrameQueue queue(64 << 20);
            queue.open();
            std::string expected;
            for (int number = 0; number < 60; ++number) {
                std::string whole;
                Pieces pieces;
                for (auto left = random() % 4; left > 0; --left) {
                    const auto size = random() % 3 == 0 ? random() % 40'000 : random() % 50;
                    pieces.push_back(make_blob(std::string(size, static_cast<char>(random()))));
                    whole += *pieces.back();
                }
                queue.push(pieces);
                expected += framed(whole);
            }
            CHECK(queue.bytes() == expected.size());
            CHECK(drain(queue, piece) == expected);
            CHECK(queue.bytes() == 0);
        }
    }

    SCENARIO("a queue is bounded") {
        FrameQueue queue(800);
        using Pushed = FrameQueue::Pushed;
        const auto frame = [](std::size_t size) -> Pieces {
            return {make_blob(std::string(size - frame_head_bytes, 'x'))};
        };
        CHECK(queue.push(frame(10)) == Pushed::no);  // not open yet
        queue.open();
        WHEN("it is filled to the brim") {
            CHECK(queue.push(frame(700)) != Pushed::no);
            CHECK(queue.push(frame(101)) == Pushed::no);
            CHECK(queue.push(frame(100)) != Pushed::no);
            CHECK(queue.push(frame(5)) == Pushed::no);
            CHECK(queue.push(frame(100), Room::reserve) != Pushed::no);
            CHECK(queue.push(frame(5), Room::reserve) == Pushed::no);
            drain(queue, 1'000);
            CHECK(queue.push(frame(800)) == Pushed::to_write);
        }
        WHEN("a frame is longer than it may be long") {
            CHECK(queue.push(frame(10'000)) != Pushed::no);
            CHECK(queue.push(frame(5)) == Pushed::no);
        }
        WHEN("it is closed") {
            queue.push(frame(10));
            queue.close();
            CHECK(queue.push(frame(10)) == Pushed::no);
            queue.drop();
            CHECK(queue.bytes() == 0);
            CHECK(queue.front().empty());
        }
    }
}
