// Work cut into parts: for tiles, and for threads.
#pragma once
#include "../runtime/threads.h"
#include "vector.h"

namespace unroll {
namespace {

/// Cuts `total` into as few parts of at most `largest` as possible, of sizes as even as possible: calls visit(start, size).
template <typename Visit>
ALWAYS_INLINE void forEachPart(ptrdiff_t total, ptrdiff_t largest, Visit visit) {
  const ptrdiff_t parts = (total + largest - 1) / largest, size = total / parts, larger = total % parts;
  for (ptrdiff_t part = 0, start = 0; part < parts; part++) {
    const ptrdiff_t length = size + (part < larger);
    visit(start, length);
    start += length;
  }
}

/// Calls work(start, size) on all threads, for parts of `total` that are multiples of `grain`, except the last.
template <typename Work>
void parallelFor(ptrdiff_t total, ptrdiff_t grain, const Work &work) {
  const ptrdiff_t grains = (total + grain - 1) / grain, parts = grains < threads() ? grains : threads();
  if (parts <= 1) return work(ptrdiff_t(0), total);
  struct Context {
    ptrdiff_t total, grain, grains, parts;
    const Work &work;
  } const context{total, grain, grains, parts, work};
  const auto runPart = [](const void *pointer, ptrdiff_t part) {
    const Context &c = *static_cast<const Context *>(pointer);
    const ptrdiff_t from = c.grains * part / c.parts * c.grain, to = c.grains * (part + 1) / c.parts * c.grain;
    c.work(from, (to < c.total ? to : c.total) - from);
  };
  parallel(parts, runPart, &context);
}

}  // namespace
}  // namespace unroll
