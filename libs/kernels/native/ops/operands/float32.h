// Products of float32 operands, which need no other form than that of their arrays. An instruction set's file includes this or
// bfloat16.h before the kernels.
#pragma once
#include "../../runtime/workspace.h"
#include "../vector.h"

namespace unroll {
namespace {

typedef float Operand;
typedef Vector Operands;

constexpr ptrdiff_t kNumbers = 1;  // of k in an operand

/// Operands of k numbers.
ALWAYS_INLINE ptrdiff_t operandsOf(ptrdiff_t k) { return k; }

ALWAYS_INLINE Vector multiplyAdd(Vector sums, Operands left, Operands right) { return sums + left * right; }

/// The operand `kk` of kWidth columns, where at(k) gives the numbers of row k of `depth`.
template <typename At>
ALWAYS_INLINE Operands operandAt(ptrdiff_t kk, ptrdiff_t, At at) {
  return at(kk);
}

/// Operands of k numbers that are side by side; `room` is for those that have to be packed.
ALWAYS_INLINE const Operand *rowOfOperands(Operand *, const float *from, ptrdiff_t) { return from; }

ALWAYS_INLINE Operand *operandSpace(Workspace name, ptrdiff_t count) { return workspace(name, count); }

constexpr ptrdiff_t kConflictStride = 512;  // floats: rows this far apart compete for the same lines of the first cache

/// Rows of left operands.
struct LeftRows {
  const Operand *first;
  ptrdiff_t stride;
};

/// The same of `rows` rows, `stride` floats apart.
ALWAYS_INLINE LeftRows leftRows(Workspace room, const float *from, ptrdiff_t rows, ptrdiff_t k, ptrdiff_t stride) {
  if (stride % kConflictStride != 0) return {from, stride};
  const ptrdiff_t apart = k + kWidth;
  float *to = workspace(room, rows * apart);
  for (ptrdiff_t i = 0; i < rows; i++) copy(to + i * apart, from + i * stride, k);
  return {to, apart};
}

}  // namespace
}  // namespace unroll
