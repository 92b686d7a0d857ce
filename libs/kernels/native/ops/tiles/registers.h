// Tiles of a product in vector registers: a place of a vector holds one sum.
#pragma once
#include <type_traits>

#include "../ahead.h"
#include "../split.h"

namespace unroll {
namespace {

/// What has to be set up while tiles are computed: nothing.
struct TileRegisters {
  TileRegisters() {}
};

constexpr int kStepRows = kTileRows;    // of a recurrent tile, at most
constexpr bool kRowsAtRunTime = false;  // the code of a tile differs with its number of rows
constexpr bool kColumnsStay = true;     // a transposed left operand is packed as [k, rows], which broadcasts read as well
constexpr bool kPacksByPanels = true;   // of a product with such a left operand, each panel of the right one is packed when it is needed

/// Cuts rows into tiles of at most `largest` rows.
template <typename Visit>
ALWAYS_INLINE void forEachTile(ptrdiff_t total, ptrdiff_t largest, Visit visit) {
  forEachPart(total, largest, visit);
}

/// acc += a·b over the operands of k from `begin` to `end`. a: rows `stride` apart, or packed [k, R]; b: packed [k, V·kWidth].
template <int R, int V, bool Packed>
ALWAYS_INLINE void accumulatePart(Vector (&acc)[R][V], ptrdiff_t begin, ptrdiff_t end, const Operand *a, ptrdiff_t stride,
                                  const Operand *b) {
  for (ptrdiff_t kk = begin; kk < end; kk++) {
    Operands right[V];
#pragma GCC unroll 16
    for (int v = 0; v < V; v++) right[v] = load(b + (kk * V + v) * kWidth);
#pragma GCC unroll 16
    for (int i = 0; i < R; i++) {
      const Operands left = broadcast(Packed ? a[kk * R + i] : a[i * stride + kk]);
#pragma GCC unroll 16
      for (int v = 0; v < V; v++) acc[i][v] = multiplyAdd(acc[i][v], left, right[v]);
    }
  }
}

/// The same over k operands, `ahead` in turns between parts of it.
template <int R, int V, bool Packed, typename Fetch = NothingAhead>
ALWAYS_INLINE void accumulate(Vector (&acc)[R][V], ptrdiff_t k, const Operand *a, ptrdiff_t stride, const Operand *b,
                              Fetch *ahead = nullptr) {
  if constexpr (!Fetch::kFetches) return accumulatePart<R, V, Packed>(acc, 0, k, a, stride, b);
  for (ptrdiff_t begin = 0; begin < k; begin += kFetchEvery) {
    ahead->turn();
    accumulatePart<R, V, Packed>(acc, begin, k - begin < kFetchEvery ? k : begin + kFetchEvery, a, stride, b);
  }
}

/// A tile of c, of which `columns` exist, added to `from` (or null), whose rows are strideFrom apart: c itself, or one row.
template <int R, int V, bool Packed, typename Fetch>
void tile(ptrdiff_t k, const Operand *a, ptrdiff_t stride, const Operand *b, float *c, ptrdiff_t strideC, ptrdiff_t columns,
          const float *from, ptrdiff_t strideFrom, Fetch *ahead) {
  Vector acc[R][V] = {};
  if (from == c) {
#pragma GCC unroll 16
    for (int i = 0; i < R; i++)
#pragma GCC unroll 16
      for (int v = 0; v < V; v++) __builtin_prefetch(c + i * strideC + v * kWidth, 1);
  }
  accumulate<R, V, Packed>(acc, k, a, stride, b, ahead);
  const auto finish = [&](auto whole) __attribute__((always_inline)) {
#pragma GCC unroll 16
    for (int i = 0; i < R; i++) {
#pragma GCC unroll 16
      for (int v = 0; v < V; v++) {
        const ptrdiff_t count = whole ? kWidth : columns - v * kWidth;
        if (count <= 0) break;
        const Vector sums = from ? load(from + i * strideFrom + v * kWidth, count) + acc[i][v] : acc[i][v];
        store(c + i * strideC + v * kWidth, sums, count);
      }
    }
  };
  if (columns >= V * kWidth) finish(std::true_type());
  else finish(std::false_type());
}

/// The same, added to what c holds where `add` is set.
template <int R, int V, bool Packed, typename Fetch>
ALWAYS_INLINE void tile(ptrdiff_t k, const Operand *a, ptrdiff_t stride, const Operand *b, float *c, ptrdiff_t strideC,
                        ptrdiff_t columns, bool add, Fetch *ahead) {
  tile<R, V, Packed>(k, a, stride, b, c, strideC, columns, add ? c : nullptr, strideC, ahead);
}

/// `tile` for a number of rows known only at run time, at most R.
template <int R, int V, bool Packed, typename... Rest>
ALWAYS_INLINE void tileOfRows(ptrdiff_t rows, Rest... rest) {
  if constexpr (R > 1) {
    if (rows < R) return tileOfRows<R - 1, V, Packed>(rows, rest...);
  }
  tile<R, V, Packed>(rest...);
}

constexpr int kTileRowVectors = (kTileRows + kWidth - 1) / kWidth;
// Of several tiles, forEachTile gives each but the last at least kTileRows / 2 + 1 rows. packColumns writes whole vectors of all operands but
// the last: the last of these vectors end within the two last operands of their tile, and leave the next tile as it is.
static_assert(2 * (kTileRows / 2 + 1) >= kTileRowVectors * kWidth, "whole vectors of a tile reach into the next one");

/// Packs the operands of k from `begin` to `end` of `rows` rows of a as [operandsOf(depth), rows], where element (i, kk) of a is at
/// rowOfA(kk) + i and `readable` floats may be read from rowOfA(kk) on. Writes whole vectors: what lies beyond a row is overwritten by the
/// next row of the same tile, which is packed after it.
template <typename RowOfA>
ALWAYS_INLINE void packColumns(Operand *to, ptrdiff_t depth, ptrdiff_t begin, ptrdiff_t end, ptrdiff_t rows, ptrdiff_t readable,
                               RowOfA rowOfA) {
  const bool wholeVectors = readable >= kTileRowVectors * kWidth && rows > (kTileRowVectors - 1) * kWidth;
  const ptrdiff_t count = operandsOf(depth);
  to += begin * rows;
  for (ptrdiff_t kk = begin; kk < end; kk++, to += rows) {
    if (kk + 1 < count && wholeVectors) {
      for (int v = 0; v < kTileRowVectors; v++)
        store(to + v * kWidth, operandAt(kk, depth, [&](ptrdiff_t at) { return load(rowOfA(at) + v * kWidth); }));
    } else
      for (ptrdiff_t i = 0; i < rows; i += kWidth) {
        const ptrdiff_t left = rows - i;
        Operand own[kWidth];
        store(own, operandAt(kk, depth, [&](ptrdiff_t at) { return load(rowOfA(at) + i, left); }));
        for (ptrdiff_t j = 0; j < kWidth && j < left; j++) to[i + j] = own[j];
      }
  }
}

/// Floats of a that are packed at a time, half of a first cache.
constexpr ptrdiff_t kPackedAtOnce = 4096;

/// Packs `rows` rows of a transposed left operand, tile by tile; as packColumns. All tiles of some k, then those of the next: a line of the
/// cache holds numbers of several tiles, and with a power of two between them the lines of all k would have room for a few only.
template <typename RowOfA>
ALWAYS_INLINE LeftRows leftColumns(ptrdiff_t depth, ptrdiff_t rows, ptrdiff_t readable, RowOfA rowOfA) {
  const ptrdiff_t count = operandsOf(depth), most = kPackedAtOnce / (rows * kNumbers), some = most > 1 ? most : 1;
  Operand *to = operandSpace(Workspace::leftOperand, rows * count + kTileRowVectors * kWidth);
  for (ptrdiff_t begin = 0; begin < count; begin += some) {
    const ptrdiff_t end = count - begin < some ? count : begin + some;
    forEachTile(rows, kTileRows, [&](ptrdiff_t start, ptrdiff_t height) {
      packColumns(to + start * count, depth, begin, end, height, readable - start, [&](ptrdiff_t kk) { return rowOfA(kk) + start; });
    });
  }
  return {to, 0};
}

}  // namespace
}  // namespace unroll
