// support/readiness.h: waits until a program says that it is ready, over a pipe that it inherits.
#pragma once

namespace cmq::support {

class Readiness {
public:
    Readiness();
    Readiness(const Readiness&) = delete;
    Readiness& operator=(const Readiness&) = delete;
    ~Readiness();

    int descriptor() const { return write_; }  // for the program, until `wait`
    bool wait();                               // false: it is gone, or silent for a minute

private:
    int read_ = -1, write_ = -1;
};

}  // namespace cmq::support
