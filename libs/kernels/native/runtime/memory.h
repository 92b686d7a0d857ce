// Memory for arrays that kernels read and write.
#pragma once
#include <cstddef>

namespace unroll {

/// At least `bytes`, uninitialised; null where there is none. It begins with a line of the cache: vectors that lie across two lines are read
/// and written at half the speed. As much of it as whole huge pages hold is in them, where the system has any.
void *allocateMemory(size_t bytes);

void freeMemory(void *);

}  // namespace unroll
