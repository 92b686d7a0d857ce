// The threads that kernels spread their work over: only the caller's, unless more are asked for.
#pragma once
#include <cstddef>

namespace unroll {

/// Calls work(context, part) for each part in [0, parts) on the available threads and returns when all are done. Rethrows a
/// std::bad_alloc that `work` throws.
void parallel(ptrdiff_t parts, void (*work)(const void *context, ptrdiff_t part), const void *context);

/// How many threads there are, the calling one included.
ptrdiff_t threads();

/// Changes that number. Results do not depend on it: work is never split along an axis that is summed over.
void setThreads(ptrdiff_t count);

}  // namespace unroll
