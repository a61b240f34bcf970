#include "base/thread.h"

#include <pthread.h>

namespace cmq {

// Only a name that is too long is refused, and then a thread goes without.
void name_thread(const char* name) { (void)pthread_setname_np(pthread_self(), name); }

}  // namespace cmq
