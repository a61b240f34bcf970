// net/loops_parts.h: inside of Loops, for the files of this room that use Asio.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "net/loops.h"

namespace cmq::net {

struct Loop {
    boost::asio::io_context io{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> busy{
        io.get_executor()};
    std::jthread thread;
};

struct Loops::Parts {
    std::vector<std::unique_ptr<Loop>> loops;
    std::atomic<std::size_t> turn = 0;

    boost::asio::io_context& next() { return loops[turn++ % loops.size()]->io; }
};

}  // namespace cmq::net
