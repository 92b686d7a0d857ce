#include "placement.h"

#if defined(__linux__)
#include <pthread.h>
#include <sched.h>
#endif

namespace unroll {

#if defined(__linux__)

ptrdiff_t usableProcessors() {
  cpu_set_t own;
  return sched_getaffinity(0, sizeof own, &own) == 0 ? CPU_COUNT(&own) : 0;
}

void Placement::keepApart(std::vector<std::thread> &helpers) {
  const int now = sched_getcpu();
  if (now == caller || now < 0) return;
  caller = now;
  cpu_set_t own;
  // The caller's as it is now: it may have been changed since the helpers were made. Fails beyond CPU_SETSIZE processors.
  if (now >= CPU_SETSIZE || sched_getaffinity(0, sizeof own, &own) != 0) return;
  CPU_CLR(now, &own);
  const ptrdiff_t others = CPU_COUNT(&own), helpersApart = ptrdiff_t(helpers.size()) < others ? ptrdiff_t(helpers.size()) : others;
  if (others == 0) return;
  for (size_t helper = 0; helper < helpers.size(); helper++) {
    // Several where there are more than helpers: the system chooses one that is free.
    cpu_set_t of;
    CPU_ZERO(&of);
    for (ptrdiff_t cpu = 0, index = 0; index < others; cpu++)
      if (CPU_ISSET(cpu, &own) && index++ % helpersApart == ptrdiff_t(helper) % helpersApart) CPU_SET(cpu, &of);
    // A failure leaves the thread where it may be now, where it gives the same results.
    pthread_setaffinity_np(helpers[helper].native_handle(), sizeof of, &of);
  }
}

#else

ptrdiff_t usableProcessors() { return ptrdiff_t(std::thread::hardware_concurrency()); }

void Placement::keepApart(std::vector<std::thread> &) {}

#endif

}  // namespace unroll
