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

/// Panels of b that are packed together, one row of all of them after another. A row of a panel is a line or two of the cache: more of them
/// side by side are read much faster where they are far, from the third cache or from memory.
constexpr ptrdiff_t kPanelsTogether = 4;

/// Rows between the one that is packed and the one that is fetched.
constexpr ptrdiff_t kRowsFetched = 8;

/// Packs the next panels of b, whose columns are all there, while products are summed up: a few rows at every turn. Fetched only, many of
/// their rows would be gone again before they are packed, as they are usually a power of two apart.
struct PackAhead : Ahead {
  /// `count` rows, `floats` apart, to so many panels, which are `size` operands apart, in so many turns.
  void pack(Operand *place, ptrdiff_t size, int panels, const float *first, ptrdiff_t floats, ptrdiff_t count, ptrdiff_t turns) {
    to = place, panelSize = size, together = panels, from = first, apart = floats, depth = count, operands = operandsOf(count);
    share = (operands * panels + turns - 1) / turns;
  }

  inline __attribute__((always_inline)) void turn() {
    packSome(share);
    Ahead::turn();
  }

  /// Packs what the turns have left.
  void finish() { packSome(operands * together); }

 private:
  /// At most so many rows of a panel.
  inline __attribute__((always_inline)) void packSome(ptrdiff_t most) {
    for (ptrdiff_t i = 0; i < most && next < operands; i++) {
      const ptrdiff_t column = panel * kTileColumns * kWidth;
#pragma GCC unroll 4
      for (int v = 0; v < kTileColumns; v++)
        store(to + panel * panelSize + (next * kTileColumns + v) * kWidth,
              operandAt(next, depth, [&](ptrdiff_t at) { return load(from + at * apart + column + v * kWidth); }));
#pragma GCC unroll 4
      for (int number = 0; number < kNumbers; number++)
#pragma GCC unroll 4
        for (int line = 0; line < kTileColumns * kWidth; line += kLineFloats)
          __builtin_prefetch(from + (next * kNumbers + number + kRowsFetched) * apart + column + line, 0, 2);
      if (++panel == together) panel = 0, next++;
    }
  }

  Operand *to = nullptr;
  const float *from = nullptr;
  ptrdiff_t panelSize = 0, apart = 0, depth = 0, operands = 0, next = 0, share = 0;
  int together = 0, panel = 0;
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

/// Where panels of b are packed: those of rows k0 on, in groups of kPanelsTogether. Where a group is packed when it is needed and is not used
/// again, all take turns at two places, which stay in the second cache.
struct Panels {
  Operand *right;
  ptrdiff_t size, count, together;
  bool twoPlaces;

  Panels(ptrdiff_t n, ptrdiff_t k, bool twoPlaces)
      : size(kTileColumns * kWidth * operandsOf(k < kDepth ? k : kDepth)), count((n + kTileColumns * kWidth - 1) / (kTileColumns * kWidth)),
        together(count < kPanelsTogether ? count : kPanelsTogether), twoPlaces(twoPlaces) {
    right = operandSpace(Workspace::rightOperand, (twoPlaces ? 2 * together : count) * size);
  }
  ptrdiff_t groups() const { return (count + together - 1) / together; }
  /// The panel of column j.
  Operand *at(ptrdiff_t k0, ptrdiff_t j) const {
    const ptrdiff_t panel = j / (kTileColumns * kWidth), place = (k0 / kDepth * groups() + panel / together) % 2;
    return right + (twoPlaces ? place * together + panel % together : panel) * size;
  }
};

/// Prepares what follows the group of panels that ends before column `end` of b's rows k0 to k0 + depth, meanwhile: packs the whole panels of
/// the next group, fetches a panel whose columns are not all there, and a part of the next rows of a. Returns how many columns it packs.
template <typename RowOfA>
ALWAYS_INLINE ptrdiff_t prepareNext(PackAhead &ahead, const Panels &panels, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, RowOfA rowOfA,
                                    RowsOfMatrix rowOfB, ptrdiff_t k0, ptrdiff_t depth, ptrdiff_t end, ptrdiff_t turns) {
  constexpr ptrdiff_t width = kTileColumns * kWidth;
  const ptrdiff_t later = k0 + depth, left = k - later < kDepth ? k - later : kDepth;
  const ptrdiff_t row = end < n ? k0 : later, column = end < n ? end : 0, rows = end < n ? depth : panels.twoPlaces ? left : 0;
  const ptrdiff_t columns = n - column < panels.together * width ? n - column : panels.together * width, whole = columns / width * width;
  if (rows > 0 && whole > 0)
    ahead.pack(panels.at(row, column), panels.size, int(whole / width), rowOfB(row) + column, rowOfB.apart, rows, turns);
  if (n * k < kFar) return rows > 0 ? whole : 0;
  if (rows > 0 && columns > whole) ahead.add(rowOfB(row) + column + whole, columns - whole, rowOfB.apart, rows, turns);
  if (left < 2) return rows > 0 ? whole : 0;
  const ptrdiff_t share = (left + panels.groups() - 1) / panels.groups(), first = (end - 1) / (panels.together * width) * share;
  if (first < left)
    ahead.add(rowOfA(later + first), m, rowOfA(later + 1) - rowOfA(later), left - first < share ? left - first : share, turns);
  return rows > 0 ? whole : 0;
}

/// c [m, n], with rows strideC apart, = a·b, added to what was there `before`. Element (i, kk) of a is at rowOfA(kk) + i·stepA,
/// where stepA is 1 or rowOfA's rows are one float apart; element (kk, j) of b is at rowOfB(kk) + j·stepB. `finish` gets each tile
/// of c with its rows' distance, its rows and its columns, once it is complete. `columnSums` gets those of b, where stepB is 1.
template <typename RowOfA, typename Finish = Nothing>
void block(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, RowOfA rowOfA, ptrdiff_t stepA, RowsOfMatrix rowOfB, ptrdiff_t stepB, float *c,
           ptrdiff_t strideC, Before before, const Finish &finish = Finish(), float *columnSums = nullptr) {
  constexpr ptrdiff_t width = kTileColumns * kWidth;
  const TileRegisters registers;
  const bool byPanels = kPacksByPanels && stepA == 1;
  const Panels panels(n, k, byPanels && m <= kRowBlock);
  const ptrdiff_t group = panels.together * width;
  ptrdiff_t ready = 0;  // columns of b's rows k0 on that are packed
  for (ptrdiff_t k0 = 0; k0 < k; k0 += kDepth) {
    const ptrdiff_t depth = k - k0 < kDepth ? k - k0 : kDepth, count = operandsOf(depth);
    const auto packPanels = [&](ptrdiff_t first, ptrdiff_t end) {
      const ptrdiff_t whole = stepB == 1 ? (end - first) / width : 0;
      PackAhead now;
      if (whole > 0) now.pack(panels.at(k0, first), panels.size, int(whole), rowOfB(k0) + first, rowOfB.apart, depth, 1);
      now.finish();
      for (ptrdiff_t j = first + whole * width; j < end; j += width) {
        const auto row = [&](ptrdiff_t kk) { return rowOfB(k0 + kk) + j * stepB; };
        if (n - j <= kWidth) packPanel<1>(panels.at(k0, j), depth, n - j, stepB, row);
        else packPanel<kTileColumns>(panels.at(k0, j), depth, n - j, stepB, row);
      }
    };
    const auto sumColumns = [&](ptrdiff_t j) {
      const auto row = [&](ptrdiff_t kk) { return rowOfB(k0 + kk) + j * stepB; };
      if (n - j <= kWidth) return sumPanel<1>(columnSums + j, depth, n - j, k0 == 0, row);
      // The rows of a panel that was packed ahead are no longer near. Of operands that are rounded, only they have the numbers.
      if constexpr (kNumbers == 1) {
        const Operand *packed = panels.at(k0, j);
        sumPanel<kTileColumns>(columnSums + j, depth, n - j, k0 == 0, [&](ptrdiff_t kk) { return packed + kk * width; });
      } else sumPanel<kTileColumns>(columnSums + j, depth, n - j, k0 == 0, row);
    };
    const auto multiplyTile = [&](auto packed, const LeftRows &a, ptrdiff_t m0, ptrdiff_t start, ptrdiff_t rows, ptrdiff_t j,
                                  const Operand *panel, auto *ahead) {
      constexpr bool Packed = decltype(packed)::value;
      const ptrdiff_t columns = n - j;
      const Operand *first = a.first + start * (Packed ? count : a.stride);
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
        packPanels(j, n - j < width ? n : j + width);
        if (columnSums) sumColumns(j);
      }
    forEachTile(m, kRowBlock, [&](ptrdiff_t m0, ptrdiff_t height) {
      const ptrdiff_t turns = turnsOf(count);
      if (stepA == 1) {
        const LeftRows a = leftColumns(depth, height, m - m0, [&](ptrdiff_t kk) { return rowOfA(k0 + kk) + m0; });
        const ptrdiff_t turnsOfPanel = (height + kTileRows - 1) / kTileRows * turns;
        for (ptrdiff_t first = 0, end; first < n; first = end) {
          end = n - first < group ? n : first + group;
          PackAhead ahead;
          if (byPanels && m0 == 0) {
            if (ready < end) packPanels(first < ready ? ready : first, end);
            for (ptrdiff_t j = first; columnSums && j < end; j += width) sumColumns(j);
            const ptrdiff_t meanwhile = (end - first + width - 1) / width * turnsOfPanel;
            ready = end < n ? end : 0;
            if (stepB == 1) ready += prepareNext(ahead, panels, m, n, k, rowOfA, rowOfB, k0, depth, end, meanwhile);
          }
          for (ptrdiff_t j = first; j < end; j += width)
            forEachTile(height, kTileRows, [&](ptrdiff_t start, ptrdiff_t rows) {
              multiplyTile(std::bool_constant<kColumnsStay>(), a, m0, start, rows, j, panels.at(k0, j), &ahead);
            });
          ahead.finish();
        }
      } else {
        // All columns of a few rows, which are written side by side, while those rows of a are in the first cache.
        forEachTile(height, kTileRows, [&](ptrdiff_t start, ptrdiff_t rows) {
          const ptrdiff_t first = m0 + start, left = m - first - rows;
          const LeftRows a = leftRows(Workspace::leftOperand, rowOfA(k0) + first * stepA, rows, depth, stepA);
          Ahead ahead;
          if (left > 0 && m * k >= kFar)
            ahead.add(rowOfA(k0) + (first + rows) * stepA, depth, stepA, left < rows ? left : rows, panels.count * turns);
          for (ptrdiff_t j = 0; j < n; j += width) multiplyTile(std::false_type(), a, first, 0, rows, j, panels.at(k0, j), &ahead);
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
