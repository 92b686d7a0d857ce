// Fetches memory that will soon be read or written while products are summed up, so that reading it then is as fast as from the
// second-level cache.
#pragma once
#include "vector.h"

namespace unroll {
namespace {

/// Operands of k between two turns of `Ahead`. With narrow vectors, a turn takes about as many instructions as four operands of a tile do,
/// which slows products down where another thread computes on the same core: there, turns are fewer and longer.
constexpr int kFetchEvery = kWidth < 16 ? 64 : 16;

/// Floats: a smaller array is in the second cache anyway.
constexpr ptrdiff_t kFar = 1 << 16;

/// The turns while `count` operands are summed up.
ALWAYS_INLINE ptrdiff_t turnsOf(ptrdiff_t count) { return (count + kFetchEvery - 1) / kFetchEvery; }

/// Up to `kMost` arrays, a few lines of each at every turn.
struct Ahead {
  static constexpr int kMost = 4;
  static constexpr bool kFetches = true;

  /// `rows` rows of `floats`, `apart` floats apart, in so many turns.
  void add(const float *first, ptrdiff_t floats, ptrdiff_t apart, ptrdiff_t rows, ptrdiff_t turns) {
    const ptrdiff_t lines = (floats + kLineFloats - 1) / kLineFloats;
    arrays[count++] = {first, lines, 0, apart - lines * kLineFloats, rows, (lines * rows + turns - 1) / turns};
  }

  inline __attribute__((always_inline)) void turn() {
    for (int i = 0; i < count; i++) {
      Array &array = arrays[i];
      for (ptrdiff_t line = 0; line < array.share && array.rows > 0; line++) {
        __builtin_prefetch(array.next, 0, 2);
        array.next += kLineFloats;
        if (++array.line == array.lines) array.line = 0, array.next += array.skipped, array.rows--;
      }
    }
  }

 protected:
  static constexpr ptrdiff_t kLineFloats = 16;  // of a line of the cache

 private:
  struct Array {
    const float *next;
    ptrdiff_t lines, line, skipped, rows, share;
  };
  Array arrays[kMost];
  int count = 0;
};

/// Nothing to fetch.
struct NothingAhead {
  static constexpr bool kFetches = false;
  inline __attribute__((always_inline)) void turn() {}
};

}  // namespace
}  // namespace unroll
