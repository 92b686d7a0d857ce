// The threads that kernels spread their work over: only the caller's, unless more are asked for.
#pragma once
#include <cstddef>

namespace unroll {

/// Calls work(context, part) for each part in [0, parts) on the available threads and returns when all are done. Rethrows a
/// std::bad_alloc that `work` throws.
void parallel(ptrdiff_t parts, void (*work)(const void *context, ptrdiff_t part), const void *context);

/// Rounds that threads go through together, each with a part of its own.
class Rounds;

/// Does a part of a round. It may begin before other parts of the round before have ended.
using RoundWork = void (*)(const void *context, ptrdiff_t round, ptrdiff_t part, const Rounds &rounds);

/// Returns once so many rounds of a part are done.
void await(const Rounds &rounds, ptrdiff_t part, ptrdiff_t round);

/// Most parts of `parallelRounds`.
constexpr ptrdiff_t kMostParts = 16;

/// Calls work(context, round, part, rounds) for each part in [0, parts), at most kMostParts, of each round in [0, rounds), one after the
/// other for each part; before it writes anything, each must wait for all others to have done the round before. The caller's thread does
/// part 0, and all parts whose threads have not come, or lose their cores: where there is only one core, it is alone. Rethrows as
/// `parallel`.
void parallelRounds(ptrdiff_t rounds, ptrdiff_t parts, RoundWork work, const void *context);

/// How many threads there are, the calling one included.
ptrdiff_t threads();

/// How many of them should go through rounds together now, at most kMostParts: for a while after one had lost its core, only the calling
/// one.
ptrdiff_t threadsInRounds();

/// Changes that number. Results do not depend on it: work is never split along an axis that is summed over.
void setThreads(ptrdiff_t count);

}  // namespace unroll
