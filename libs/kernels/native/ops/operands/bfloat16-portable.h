// bfloat16 without instructions for it: the truth that those of processors are held against. Slower than float32.
#pragma once
#include "pair.h"

namespace unroll {
namespace {

/// float32 rounded to bfloat16, to nearest and ties to even, in the high half; NaN stays NaN.
ALWAYS_INLINE Words rounded(Vector x) {
  const Words bits = reinterpret_cast<Words>(x);
  const Words nearest = bits + 0x7fffu + ((bits >> 16) & 1u);
  const Words kept = reinterpret_cast<Words>(x == x);
  return ((nearest & kept) | ((bits | 0x400000u) & ~kept)) & 0xffff0000u;
}

ALWAYS_INLINE Vector lowHalf(Words pairs) { return reinterpret_cast<Vector>(pairs << 16); }
ALWAYS_INLINE Vector highHalf(Words pairs) { return reinterpret_cast<Vector>(pairs & 0xffff0000u); }

/// In the order of VDPBF16PS. Products of 8 bits are exact in float32: with or without fused multiply-adds, the sums are the same.
ALWAYS_INLINE Vector multiplyAdd(Vector sums, Words left, Words right) {
  return sums + highHalf(left) * highHalf(right) + lowHalf(left) * lowHalf(right);
}

ALWAYS_INLINE Words pairs(Vector even, Vector odd) { return rounded(odd) | rounded(even) >> 16; }

ALWAYS_INLINE Words consecutive(Vector first, Vector second) {
  float all[2 * kWidth], even[kWidth], odd[kWidth];
  store(all, first), store(all + kWidth, second);
  for (int i = 0; i < kWidth; i++) even[i] = all[2 * i], odd[i] = all[2 * i + 1];
  return pairs(load(even), load(odd));
}

}  // namespace
}  // namespace unroll
