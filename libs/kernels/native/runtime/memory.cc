#include "memory.h"

#include <cstdlib>
#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace unroll {

void *allocateMemory(size_t bytes) {
  constexpr size_t line = 64, hugePage = size_t(1) << 21;
  const size_t alignment = bytes < hugePage ? line : hugePage;
  void *memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
#if defined(__linux__)
  // What is left gets pages of the usual size, and only those that are used. No more than a request: it may be refused.
  if (memory && bytes >= hugePage) madvise(memory, bytes / hugePage * hugePage, MADV_HUGEPAGE);
#endif
  return memory;
}

void freeMemory(void *memory) { std::free(memory); }

}  // namespace unroll
