// Products of operands rounded to bfloat16, with sums in float32: an operand is a pair of numbers, those of k and k + 1, and one
// instruction multiplies both and adds them up. Needs, from the instruction set's own file or from bfloat16-portable.h:
// multiplyAdd(sums, left, right), pairs(even, odd), which interleaves, and consecutive(first, second), the 2·kWidth numbers of both.
#pragma once
#include "../../runtime/workspace.h"
#include "pair.h"

namespace unroll {
namespace {

typedef Pair Operand;
typedef Words Operands;

constexpr ptrdiff_t kNumbers = 2;  // of k in an operand

/// Operands of k numbers, up to a multiple of kOperandMultiple: beyond k there are zeros.
ALWAYS_INLINE ptrdiff_t operandsOf(ptrdiff_t k) {
  constexpr ptrdiff_t numbers = kNumbers * kOperandMultiple;
  return (k + numbers - 1) / numbers * kOperandMultiple;
}

/// The operand `kk` of kWidth columns, where at(k) gives the numbers of row k of `depth`.
template <typename At>
ALWAYS_INLINE Operands operandAt(ptrdiff_t kk, ptrdiff_t depth, At at) {
  if (kOperandMultiple > 1 && 2 * kk >= depth) return Operands{};
  return pairs(at(2 * kk), 2 * kk + 1 < depth ? at(2 * kk + 1) : Vector{});
}

/// Operands of k numbers that are side by side; `room` is for those that have to be packed.
ALWAYS_INLINE const Operand *rowOfOperands(Operand *room, const float *from, ptrdiff_t k) {
  constexpr ptrdiff_t width = 2 * kWidth;
  Operand *to = room;
  for (; k >= width; k -= width, from += width, to += kWidth) store(to, consecutive(load(from), load(from + kWidth)));
  if (k <= 0) return room;
  Operand last[kWidth];
  store(last, consecutive(load(from, k), k > kWidth ? load(from + kWidth, k - kWidth) : Vector{}));
  for (ptrdiff_t i = 0; i < operandsOf(k); i++) to[i] = last[i];
  return room;
}

ALWAYS_INLINE Operand *operandSpace(Workspace name, ptrdiff_t count) { return reinterpret_cast<Operand *>(workspace(name, count)); }

/// Rows of left operands.
struct LeftRows {
  const Operand *first;
  ptrdiff_t stride;
};

/// Room for `rows` rows of k numbers, and for the rows of a tile that begins with the last one.
ALWAYS_INLINE LeftRows leftSpace(Workspace room, ptrdiff_t rows, ptrdiff_t k) {
  // Not a power of two apart: rows of a tile would compete for the same lines of the cache.
  const ptrdiff_t apart = (operandsOf(k) + 15) / 16 * 16 + 16;
  return {operandSpace(room, (rows + kOperandMultiple - 1) * apart), apart};
}

/// The operands of `rows` rows, `stride` floats apart.
ALWAYS_INLINE LeftRows leftRows(Workspace room, const float *from, ptrdiff_t rows, ptrdiff_t k, ptrdiff_t stride) {
  const LeftRows left = leftSpace(room, rows, k);
  Operand *to = const_cast<Operand *>(left.first);
  for (ptrdiff_t i = 0; i < rows; i++) rowOfOperands(to + i * left.stride, from + i * stride, k);
  return left;
}

}  // namespace
}  // namespace unroll
