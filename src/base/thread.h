// base/thread.h: threads that say who they are.
#pragma once

namespace cmq {

/// As tools such as top and perf show this thread; 15 bytes at most.
void name_thread(const char* name);

}  // namespace cmq
