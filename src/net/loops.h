// net/loops.h: the event loops that own connections, a thread each.
//
// Loops outlive the servers and clients that run on them. Making them raises the soft limit of
// open files to the hard one.
#pragma once

#include <functional>
#include <memory>

namespace cmq::net {

class Loops {
public:
    explicit Loops(unsigned count);  // 1 or more
    ~Loops();                        // stop()

    void stop();  // ends the threads; pending work is dropped

    struct Parts;
    Parts& parts() { return *parts_; }

private:
    std::unique_ptr<Parts> parts_;
};

}  // namespace cmq::net
