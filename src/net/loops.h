// net/loops.h: the event loops that own connections, a thread each.
#pragma once

#include <functional>
#include <memory>

namespace cmq::net {

class Loops {
public:
    explicit Loops(unsigned count);
    ~Loops();  // stop()

    void stop();  // ends the threads; pending work is dropped

    struct Parts;
    Parts& parts() { return *parts_; }

private:
    std::unique_ptr<Parts> parts_;
};

}  // namespace cmq::net
