#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace cmq {

void check_failed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "cmq: invariant broken: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

}  // namespace cmq
