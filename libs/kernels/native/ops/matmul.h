// Blocked matrix products: a tile of kTileRows × kTileColumns·kWidth of the result stays in registers while k runs. An instruction set's
// file includes one of tiles/ before.
#pragma once
#include <type_traits>

#include "../kernels.h"
#include "functions.h"
#include "split.h"

namespace unroll {
namespace {

constexpr ptrdiff_t kDepth = 512;                // of k: what is summed up before it is added to c
/// Rows of a that are packed at a time. They need not fit into the second-level cache: tiles read them in order, which is as fast from the
/// third. With fewer rows, the packed panels of b would be read more often, each time after the second-level cache has lost them.
constexpr ptrdiff_t kRowBlock = kTileRows * (kTileRows < 12 ? 288 / kTileRows : 24);
static_assert(kRowBlock * (kDepth / kNumbers) * sizeof(Operand) <= 768 << 10, "packed rows of a would crowd the third-level cache");

/// Packs a panel of b, k × V·kWidth, with 0 for columns from `columns` on. Element (kk, j) is at row(kk) + j·step; where step is
/// not 1, consecutive rows start one float apart.
template <int V, typename Row>
ALWAYS_INLINE void packPanel(Operand *to, ptrdiff_t k, ptrdiff_t columns, ptrdiff_t step, Row row) {
  const ptrdiff_t width = V * kWidth;
  if (step == 1) {
    for (ptrdiff_t kk = 0; kk < operandsOf(k); kk++)
      for (int v = 0; v < V; v++) {
        const ptrdiff_t first = v * kWidth, count = columns - first;
        store(to + kk * width + first,
              operandAt(kk, k, [&](ptrdiff_t at) { return count > 0 ? load(row(at) + first, count) : Vector{}; }));
      }
    return;
  }
  // A cache line at a time: columns are usually a power of two apart and would evict each other.
  constexpr ptrdiff_t line = 16 * kNumbers;
  for (ptrdiff_t k0 = 0; k0 < k; k0 += line, to += 16 * width) {
    const ptrdiff_t depth = k - k0 < line ? k - k0 : line;
    const float *from = row(k0);
    for (ptrdiff_t j = 0; j < width; j++) {
      Operand room[16];
      const Operand *own = j < columns ? rowOfOperands(room, from + j * step, depth) : nullptr;
      for (ptrdiff_t kk = 0; kk < operandsOf(depth); kk++) to[kk * width + j] = own ? own[kk] : Operand(0);
    }
  }
}

constexpr ptrdiff_t kSummedRows = 64;  // summed up on their own first, which keeps float32 accurate enough
static_assert(kDepth % kSummedRows == 0, "sums of columns would depend on where a product is cut");

/// Adds `Chunks` times `rows` rows of a panel, of which `columns` exist, to `sums`, from 0 where `first` is set.
template <int V, int Chunks, typename Row>
ALWAYS_INLINE void sumChunks(float *sums, ptrdiff_t rows, ptrdiff_t columns, bool first, Row row) {
  Vector partial[Chunks][V] = {};
  for (ptrdiff_t kk = 0; kk < rows; kk++)
#pragma GCC unroll 8
    for (int chunk = 0; chunk < Chunks; chunk++)
#pragma GCC unroll 8
      for (int v = 0; v < V; v++) partial[chunk][v] += load(row(chunk * kSummedRows + kk) + v * kWidth, columns - v * kWidth);
  for (int v = 0; v < V; v++) {
    float *to = sums + v * kWidth;
    const ptrdiff_t count = columns - v * kWidth;
    Vector total = first ? Vector{} : load(to, count);
    for (int chunk = 0; chunk < Chunks; chunk++) total += partial[chunk][v];
    store(to, total, count);
  }
}

/// Adds all rows of a panel: they have just been packed, and are in a cache. Some chunks at a time, as one would wait for its sums.
template <int V, typename Row>
ALWAYS_INLINE void sumPanel(float *sums, ptrdiff_t rows, ptrdiff_t columns, bool first, Row row) {
  constexpr int some = 4;
  ptrdiff_t start = 0;
  const auto from = [&](ptrdiff_t kk) { return row(start + kk); };
  for (; rows - start >= some * kSummedRows; start += some * kSummedRows)
    sumChunks<V, some>(sums, kSummedRows, columns, first && start == 0, from);
  for (; start < rows; start += kSummedRows) {
    const ptrdiff_t left = rows - start;
    sumChunks<V, 1>(sums, left < kSummedRows ? left : kSummedRows, columns, first && start == 0, from);
  }
}

/// What follows the sums of most products.
struct Nothing {
  void operator()(float *, ptrdiff_t, ptrdiff_t, ptrdiff_t) const {}
};

/// What the sums of a product are added to: nothing, one row [n], or what c holds.
struct Before {
  const float *row;
  bool add;
  Before(const float *row) : row(row), add(false) {}
  Before(bool add) : row(nullptr), add(add) {}
};

/// Packs the next panel of b, whose columns are all there, while products are summed up: a few rows at every turn. Fetched only, many of its
/// rows would be gone again before they are packed, as they are usually a power of two apart.
struct PackAhead : Ahead {
  /// `count` rows, `floats` apart, in so many turns.
  void pack(Operand *panel, const float *first, ptrdiff_t floats, ptrdiff_t count, ptrdiff_t turns) {
    to = panel, from = first, apart = floats, depth = count, operands = operandsOf(count), share = (operands + turns - 1) / turns;
  }

  inline __attribute__((always_inline)) void turn() {
    packSome(share);
    const ptrdiff_t end = (operands - next < share ? operands : next + share) * kNumbers;
    for (ptrdiff_t row = next * kNumbers; row < end; row++) __builtin_prefetch(from + row * apart, 0, 3);  // for the next turn
    Ahead::turn();
  }

  /// Packs what the turns have left.
  void finish() { packSome(operands); }

 private:
  inline __attribute__((always_inline)) void packSome(ptrdiff_t most) {
    const ptrdiff_t end = operands - next < most ? operands : next + most;
    for (; next < end; next++)
#pragma GCC unroll 4
      for (int v = 0; v < kTileColumns; v++)
        store(to + (next * kTileColumns + v) * kWidth,
              operandAt(next, depth, [&](ptrdiff_t at) { return load(from + at * apart + v * kWidth); }));
  }

  Operand *to = nullptr;
  const float *from = nullptr;
  ptrdiff_t apart = 0, depth = 0, operands = 0, next = 0, share = 0;
};

/// Evenly spaced rows of an operand. All right operands have these, and most left ones, without a type of their own: each instance of
/// `block` takes long to compile.
struct RowsOfMatrix {
  const float *first;
  ptrdiff_t apart;
  const float *operator()(ptrdiff_t kk) const { return first + kk * apart; }
  /// The same rows from a later element on.
  RowsOfMatrix from(ptrdiff_t start) const { return {first + start, apart}; }
};

/// Prepares what follows panel j of b's rows k0 to k0 + depth, meanwhile: packs the next panel to `room`, or fetches it where a part of its
/// columns is missing; after the last one, fetches the first of the next rows. And fetches a part of those rows of a. Returns whether it
/// packs the next panel.
template <typename RowOfA>
ALWAYS_INLINE bool prepareNext(PackAhead &ahead, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, RowOfA rowOfA, RowsOfMatrix rowOfB, ptrdiff_t k0,
                               ptrdiff_t depth, ptrdiff_t j, ptrdiff_t turns, Operand *room) {
  constexpr ptrdiff_t width = kTileColumns * kWidth;
  if (depth < 2) return false;
  const ptrdiff_t apart = rowOfB.apart, next = k0 + depth, left = n - j - width;
  const bool packs = left >= width;
  if (packs) ahead.pack(room, rowOfB(k0) + j + width, apart, depth, turns);
  if (n * k < kFar) return packs;
  if (left > 0 && !packs) ahead.add(rowOfB(k0) + j + width, left, apart, depth, turns);
  if (k - next < 2) return packs;
  const ptrdiff_t rows = k - next < kDepth ? k - next : kDepth;
  if (left <= 0) ahead.add(rowOfB(next), n < width ? n : width, apart, rows, turns);
  const ptrdiff_t panels = (n + width - 1) / width, share = (rows + panels - 1) / panels, first = j / width * share;
  if (first < rows) ahead.add(rowOfA(next + first), m, rowOfA(next + 1) - rowOfA(next), rows - first < share ? rows - first : share, turns);
  return packs;
}

/// c [m, n], with rows strideC apart, = a·b, added to what was there `before`. Element (i, kk) of a is at rowOfA(kk) + i·stepA,
/// where stepA is 1 or rowOfA's rows are one float apart; element (kk, j) of b is at rowOfB(kk) + j·stepB. `finish` gets each tile
/// of c with its rows' distance, its rows and its columns, once it is complete. `columnSums` gets those of b, where stepB is 1.
template <typename RowOfA, typename Finish = Nothing>
void block(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, RowOfA rowOfA, ptrdiff_t stepA, RowsOfMatrix rowOfB, ptrdiff_t stepB, float *c,
           ptrdiff_t strideC, Before before, const Finish &finish = Finish(), float *columnSums = nullptr) {
  constexpr ptrdiff_t width = kTileColumns * kWidth;
  const ptrdiff_t deepest = operandsOf(k < kDepth ? k : kDepth), panels = (n + width - 1) / width;
  const TileRegisters registers;
  // A panel that is packed when it is needed, and is not used again, stays in the second cache: all take turns at two places.
  const bool byPanels = kPacksByPanels && stepA == 1, twoPlaces = byPanels && m <= kRowBlock;
  Operand *right = operandSpace(Workspace::rightOperand, (twoPlaces ? 2 : panels) * width * deepest);
  for (ptrdiff_t k0 = 0; k0 < k; k0 += kDepth) {
    const ptrdiff_t depth = k - k0 < kDepth ? k - k0 : kDepth, count = operandsOf(depth);
    const auto panelAt = [&](ptrdiff_t j) { return right + (twoPlaces ? j % (2 * width) : j) * count; };
    const auto pack = [&](ptrdiff_t j) {
      const auto row = [&](ptrdiff_t kk) { return rowOfB(k0 + kk) + j * stepB; };
      if (n - j <= kWidth) packPanel<1>(panelAt(j), depth, n - j, stepB, row);
      else packPanel<kTileColumns>(panelAt(j), depth, n - j, stepB, row);
    };
    const auto sumColumns = [&](ptrdiff_t j, bool wasAhead) {
      const auto row = [&](ptrdiff_t kk) { return rowOfB(k0 + kk) + j * stepB; };
      if (n - j <= kWidth) return sumPanel<1>(columnSums + j, depth, n - j, k0 == 0, row);
      // The rows of a panel that was packed ahead are no longer near. Of operands that are rounded, only they have the numbers.
      if constexpr (kNumbers == 1)
        if (wasAhead)
          return sumPanel<kTileColumns>(columnSums + j, depth, n - j, k0 == 0, [&](ptrdiff_t kk) { return panelAt(j) + kk * width; });
      sumPanel<kTileColumns>(columnSums + j, depth, n - j, k0 == 0, row);
    };
    const auto multiplyTile = [&](auto packed, const LeftRows &a, ptrdiff_t m0, ptrdiff_t start, ptrdiff_t rows, ptrdiff_t j, auto *ahead) {
      constexpr bool Packed = decltype(packed)::value;
      const ptrdiff_t columns = n - j;
      const Operand *first = a.first + start * (Packed ? count : a.stride), *panel = panelAt(j);
      float *to = c + (m0 + start) * strideC + j;
      const bool addTile = before.add || k0 > 0;
      const float *from = addTile ? to : before.row ? before.row + j : nullptr;
      const ptrdiff_t next = addTile ? strideC : 0;
      if (columns <= kWidth)
        tileOfRows<kTileRows, 1, Packed>(rows, count, first, a.stride, panel, to, strideC, columns, from, next, ahead);
      else tileOfRows<kTileRows, kTileColumns, Packed>(rows, count, first, a.stride, panel, to, strideC, columns, from, next, ahead);
      if (k0 + depth == k) finish(to, strideC, rows, columns < width ? columns : width);
    };
    if (!byPanels)
      for (ptrdiff_t j = 0; j < n; j += width) {
        pack(j);
        if (columnSums) sumColumns(j, false);
      }
    forEachTile(m, kRowBlock, [&](ptrdiff_t m0, ptrdiff_t height) {
      if (stepA == 1) {
        const LeftRows a = leftColumns(depth, height, m - m0, [&](ptrdiff_t kk) { return rowOfA(k0 + kk) + m0; });
        const ptrdiff_t turns = (height + kTileRows - 1) / kTileRows * turnsOf(count);
        bool isPacked = false;
        for (ptrdiff_t j = 0; j < n; j += width) {
          PackAhead ahead;
          if (byPanels && m0 == 0) {
            if (!isPacked) pack(j);
            if (columnSums) sumColumns(j, isPacked);
            isPacked = stepB == 1 && prepareNext(ahead, m, n, k, rowOfA, rowOfB, k0, depth, j, turns, panelAt(j + width));
          }
          forEachTile(height, kTileRows, [&](ptrdiff_t start, ptrdiff_t rows) {
            multiplyTile(std::bool_constant<kColumnsStay>(), a, m0, start, rows, j, &ahead);
          });
          ahead.finish();
        }
      } else {
        // All columns of a few rows, which are written side by side, while those rows of a are in the first cache.
        const ptrdiff_t turns = panels * turnsOf(count);
        forEachTile(height, kTileRows, [&](ptrdiff_t start, ptrdiff_t rows) {
          const ptrdiff_t first = m0 + start, left = m - first - rows;
          const LeftRows a = leftRows(Workspace::leftOperand, rowOfA(k0) + first * stepA, rows, depth, stepA);
          Ahead ahead;
          if (left > 0 && m * k >= kFar) ahead.add(rowOfA(k0) + (first + rows) * stepA, depth, stepA, left < rows ? left : rows, turns);
          for (ptrdiff_t j = 0; j < n; j += width) multiplyTile(std::false_type(), a, first, 0, rows, j, &ahead);
        });
      }
    });
  }
}

/// `block` on all threads, each of which computes some of the rows or of the columns of c, whose rows are n apart, and of the sums.
template <typename RowOfA, typename Finish = Nothing>
void product(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, RowOfA rowOfA, ptrdiff_t stepA, RowsOfMatrix rowOfB, ptrdiff_t stepB, float *c,
             Before before, const Finish &finish = Finish(), float *columnSums = nullptr) {
  constexpr ptrdiff_t width = kTileColumns * kWidth;
  if (m >= n)
    parallelFor(m, kTileRows, [&](ptrdiff_t start, ptrdiff_t rows) {
      block(rows, n, k, rowOfA.from(start * stepA), stepA, rowOfB, stepB, c + start * n, n, before, finish,
            start == 0 ? columnSums : nullptr);
    });
  else
    parallelFor(n, width, [&](ptrdiff_t start, ptrdiff_t columns) {
      Before ofOwn = before;
      if (ofOwn.row) ofOwn.row += start;
      block(m, columns, k, rowOfA, stepA, rowOfB.from(start * stepB), stepB, c + start, n, ofOwn, finish,
            columnSums ? columnSums + start : nullptr);
    });
}

/// What follows the sums of a product in c.
struct Ends {
  const ProductEnds &ends;
  const float *c;
  void operator()(float *to, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t columns) const {
    const auto [bias, added, gate, activation, columnSums] = ends;
    if (!added && !gate && activation == Activation::none) return;
    const ptrdiff_t at = to - c;
    for (ptrdiff_t row = 0; row < rows; row++)
      for (ptrdiff_t j = 0; j < columns; j += kWidth) {
        const ptrdiff_t place = row * stride + j, count = columns - j;
        Vector x = load(to + place, count);
        if (added) x += load(added + at + place, count);
        if (activation == Activation::relu) x = x < 0.0f ? Vector{} : x;  // keeps NaN
        else if (activation == Activation::tanh) x = tanh(x);
        if (gate) x = load(gate + at + place, count) > 0.0f ? x : Vector{};
        store(to + place, x, count);
      }
  }
};

void multiply(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const float *a, bool transposeA, const float *b, bool transposeB,
              const ProductEnds &ends, float *c) {
  const RowsOfMatrix rowOfA{a, transposeA ? m : 1}, rowOfB{b, transposeB ? 1 : n};
  product(m, n, k, rowOfA, transposeA ? 1 : k, rowOfB, transposeB ? k : 1, c, ends.bias, Ends{ends, c}, ends.columnSums);
}

}  // namespace
}  // namespace unroll
