#include "placement.h"

#if defined(__linux__)
#include <pthread.h>
#include <sched.h>
#endif

namespace unroll {

#if defined(__linux__)

ptrdiff_t usableProcessors() {
  cpu_set_t own;
  // Fails beyond CPU_SETSIZE processors, and where a sandbox forbids it.
  return sched_getaffinity(0, sizeof own, &own) == 0 ? CPU_COUNT(&own) : ptrdiff_t(std::thread::hardware_concurrency());
}

void Placement::keepApart(std::vector<std::thread> &helpers) {
  const int now = sched_getcpu();
  if (now == caller || now < 0) return;
  caller = now;
  cpu_set_t own;
  // The caller's as it is now: it may have been changed since the helpers were made. Fails beyond CPU_SETSIZE processors.
  if (now >= CPU_SETSIZE || sched_getaffinity(0, sizeof own, &own) != 0) return;
  CPU_CLR(now, &own);
  if (CPU_COUNT(&own) == 0) return;
  // All others for each: the system chooses one that is free, where another process has some of them. A failure leaves the thread where it
  // may be now, where it gives the same results.
  for (std::thread &helper : helpers) pthread_setaffinity_np(helper.native_handle(), sizeof own, &own);
}

#else

ptrdiff_t usableProcessors() { return ptrdiff_t(std::thread::hardware_concurrency()); }

void Placement::keepApart(std::vector<std::thread> &) {}

#endif

}  // namespace unroll
