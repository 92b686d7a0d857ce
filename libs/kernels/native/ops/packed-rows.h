// A recurrent layer over several sequences side by side, its weights packed in float32: a tile of rows and columns stays in registers
// while k runs, and nothing is kept but the states.
#pragma once
#include "packed-step.h"

namespace unroll {
namespace {

/// Floats: rows of h this far apart would compete for the same lines of the first cache.
constexpr ptrdiff_t kStatesConflict = 512;

constexpr int tileRows(int vectors) { return kAccumulators / vectors < 6 ? kAccumulators / vectors : 6; }

/// What the rows of a tile read: x·W, then h·U. Rows are strides apart, and of a packed matrix those of k `panelStride`. `begin`, in
/// the order of the tile's vectors, is added to x·W, or is given in its place; of a gru its third gate goes to `third`, and `bias` is
/// added to what follows. `sums`: [rows, vectors·kWidth].
struct RowTile {
  const float *x, *weight;
  ptrdiff_t inputs;
  const float *h, *kernel;
  ptrdiff_t hidden, stride, panelStride;
  const float *begin, *bias;
  ptrdiff_t beginStride;
  float *sums, *third;
  ptrdiff_t thirdStride;
};

/// x, read from memory once: a compiler may read an operand again for each of few uses.
ALWAYS_INLINE Vector onceRead(Vector x) {
#if defined(__AVX512F__)
  __asm__("" : "+v"(x));
#elif defined(__AVX2__)
  __asm__("" : "+x"(x));
#elif defined(__aarch64__)
  __asm__("" : "+w"(x));
#endif
  return x;
}

/// acc += a·b over k: a [R, ·], rows `stride` apart; b [k, V·kWidth], rows `panelStride` apart. Either the vectors of b or the numbers of a
/// are held for a k, those that fit beside the sums: a sum that leaves its register waits for memory at every k.
template <int R, int V>
ALWAYS_INLINE void addProducts(Vector (&acc)[R][V], ptrdiff_t k, const float *a, ptrdiff_t stride, const float *b, ptrdiff_t panelStride) {
  constexpr bool holdsRight = R * V + V + 1 <= kRegisters;
  for (ptrdiff_t kk = 0; kk < k; kk++, b += panelStride) {
    Vector held[holdsRight ? V : R];
    if constexpr (holdsRight) {
#pragma GCC unroll 16
      for (int v = 0; v < V; v++) held[v] = onceRead(load(b + v * kWidth));
#pragma GCC unroll 16
      for (int i = 0; i < R; i++) {
        const Vector left = broadcast(a[i * stride + kk]);
#pragma GCC unroll 16
        for (int v = 0; v < V; v++) acc[i][v] = acc[i][v] + left * held[v];
      }
    } else {
#pragma GCC unroll 16
      for (int i = 0; i < R; i++) held[i] = onceRead(broadcast(a[i * stride + kk]));
#pragma GCC unroll 16
      for (int v = 0; v < V; v++) {
        const Vector right = onceRead(load(b + v * kWidth));
#pragma GCC unroll 16
        for (int i = 0; i < R; i++) acc[i][v] = acc[i][v] + held[i] * right;
      }
    }
  }
}

constexpr ptrdiff_t productRows = 6;

/// sums [R, V·kWidth] = x·matrix, for V vectors of the columns of a panel.
template <int R, int V>
NEVER_INLINE void productTile(ptrdiff_t k, const float *x, const float *panel, ptrdiff_t panelStride, float *sums) {
  Vector acc[R][V] = {};
  addProducts<R, V>(acc, k, x, k, panel, panelStride);
#pragma GCC unroll 16
  for (int i = 0; i < R; i++)
#pragma GCC unroll 16
    for (int v = 0; v < V; v++) store(sums + (i * V + v) * kWidth, acc[i][v]);
}

template <int R, int V>
ALWAYS_INLINE void productTileOfRows(ptrdiff_t rows, ptrdiff_t k, const float *x, const float *panel, ptrdiff_t panelStride, float *sums) {
  if constexpr (R > 1) {
    if (rows < R) return productTileOfRows<R - 1, V>(rows, k, x, panel, panelStride, sums);
  }
  productTile<R, V>(k, x, panel, panelStride, sums);
}

/// out [rows, gates·units] = x·matrix + bias, for the blocks of units from `from` up to `to`.
void multiplyRows(ptrdiff_t rows, const PackedShape &s, ptrdiff_t from, ptrdiff_t to, const float *x,
                  const PackedMatrix<Packing::float32> &matrix, const float *bias, float *out) {
  constexpr ptrdiff_t most = kAccumulators / productRows < 4 ? kAccumulators / productRows : 4;
  float sums[productRows * most * kWidth];
  forEachPanelOf(s, from, to, [&](ptrdiff_t blocks, ptrdiff_t block) {
    const ptrdiff_t vectors = blocks * s.gates, stride = vectors * kWidth;
    const float *panel = reinterpret_cast<const float *>(matrix.weights) + block * s.gates * kWidth * s.k;
    for (ptrdiff_t first = 0, count; first < vectors; first += count) {
      count = vectors - first < most ? vectors - first : most;
      forEachPart(rows, productRows, [&](ptrdiff_t row, ptrdiff_t height) {
        const float *left = x + row * s.k, *right = panel + first * kWidth;
        if (count == 1) productTileOfRows<productRows, 1>(height, s.k, left, right, stride, sums);
        else if (count == 2) productTileOfRows<productRows, 2>(height, s.k, left, right, stride, sums);
        else if (count == 3) productTileOfRows<productRows, most < 3 ? most : 3>(height, s.k, left, right, stride, sums);
        else productTileOfRows<productRows, most>(height, s.k, left, right, stride, sums);
        for (ptrdiff_t i = 0; i < height; i++)
          for (ptrdiff_t v = 0; v < count; v++) {
            const ptrdiff_t unit = (block + (first + v) / s.gates) * kWidth, column = (first + v) % s.gates * s.units + unit;
            const Vector own = load(sums + (i * count + v) * kWidth);
            store(out + (row + i) * s.gates * s.units + column, bias ? load(bias + column, s.units - unit) + own : own, s.units - unit);
          }
      });
    }
  });
}

template <int R, int V>
NEVER_INLINE void sumTile(const RowTile &t) {
  Vector acc[R][V] = {};
  if (t.weight) addProducts<R, V>(acc, t.inputs, t.x, t.inputs, t.weight, t.panelStride);
#pragma GCC unroll 16
  for (int i = 0; i < R; i++)
#pragma GCC unroll 16
    for (int v = 0; v < V; v++) {
      const Vector begin = load(t.begin + i * t.beginStride + v * kWidth);
      acc[i][v] = t.weight ? acc[i][v] + begin : begin;
      if (V % 3 != 0) continue;
      if (v % 3 == 2) store(t.third + i * t.thirdStride + v / 3 * kWidth, acc[i][v]), acc[i][v] = Vector{};
      if (t.bias) acc[i][v] += load(t.bias + v * kWidth);
    }
  addProducts<R, V>(acc, t.hidden, t.h, t.stride, t.kernel, t.panelStride);
#pragma GCC unroll 16
  for (int i = 0; i < R; i++)
#pragma GCC unroll 16
    for (int v = 0; v < V; v++) store(t.sums + (i * V + v) * kWidth, acc[i][v]);
}

/// `sumTile` for a number of rows known only at run time, at most R.
template <int R, int V>
ALWAYS_INLINE void sumTileOfRows(ptrdiff_t rows, const RowTile &t) {
  if constexpr (R > 1) {
    if (rows < R) return sumTileOfRows<R - 1, V>(rows, t);
  }
  sumTile<R, V>(t);
}

/// One step of several sequences, and room for a tile's numbers.
template <Cell C>
struct RowsStep {
  const RecurrentPacked &r;
  const PackedMatrix<Packing::float32> &kernel, *weight;
  ptrdiff_t rows, stride;  // of h: how far its rows are apart
  const float *projected, *x, *shift, *bias;  // the last two in the order of packed columns
  const float *before;
  float *after, *c, *output;
  float *sums, *begin, *third;
};

/// What a tile of the blocks from `block` on reads, of a panel of `blocks` from `first` on.
template <Cell C>
ALWAYS_INLINE RowTile tileOf(const RowsStep<C> &s, ptrdiff_t first, ptrdiff_t blocks, ptrdiff_t block) {
  constexpr ptrdiff_t columns = gateCount(C) * kWidth;
  const ptrdiff_t H = s.r.hidden;
  const auto panel = [&](const PackedMatrix<Packing::float32> &m) {
    return reinterpret_cast<const float *>(m.weights) + first * columns * m.k + (block - first) * columns;
  };
  RowTile t{};
  t.inputs = s.r.inputs;
  t.weight = s.weight ? panel(*s.weight) : nullptr;
  t.hidden = H;
  t.kernel = panel(s.kernel);
  t.stride = s.stride;
  t.panelStride = blocks * columns;
  t.begin = s.weight ? s.shift + block * columns : s.begin;
  t.bias = s.bias ? s.bias + block * columns : nullptr;
  t.sums = s.sums;
  t.third = s.third + 2 * H + block * kWidth;
  t.thirdStride = gateCount(C) * H;
  return t;
}

/// All rows of the B blocks from `block` on.
template <Cell C, int B>
NEVER_INLINE void stepBlocks(const RowsStep<C> &s, RowTile t, ptrdiff_t block) {
  constexpr int G = gateCount(C), V = G * B;
  const ptrdiff_t H = s.r.hidden, unit = block * kWidth;
  if (!t.weight) t.beginStride = V * kWidth;
  Step own{};
  own.hidden = H;
  own.own = s.r.own;
  forEachPart(s.rows, tileRows(V), [&](ptrdiff_t row, ptrdiff_t rows) {
    t.h = s.before + row * s.stride;
    t.x = t.weight ? s.x + row * s.r.inputs : nullptr;
    for (ptrdiff_t i = 0; i < rows && !t.weight; i++)
      for (int v = 0; v < V; v++) {
        const ptrdiff_t at = unit + v / G * kWidth;
        store(s.begin + (i * V + v) * kWidth, load(s.projected + ((row + i) * G + v % G) * H + at, H - at));
      }
    sumTileOfRows<tileRows(V), V>(rows, t);
    for (ptrdiff_t i = 0; i < rows; i++) {
      own.projected = s.third + i * G * H;
      own.h = s.before + (row + i) * s.stride;
      own.nextH = s.after + (row + i) * s.stride;
      own.c = own.nextC = hasCellState(C) ? s.c + (row + i) * cellStates(C) * H : nullptr;
      own.output = s.output + (row + i) * s.r.stride;
      for (int b = 0; b < B; b++) {
        Vector sums[G];
#pragma GCC unroll 8
        for (int g = 0; g < G; g++) sums[g] = load(s.sums + ((i * B + b) * G + g) * kWidth);
        activate<C>(own, 0, unit + b * kWidth, H - unit - b * kWidth, sums);
      }
    }
  });
}

template <Cell C>
ALWAYS_INLINE void stepRows(const RowsStep<C> &s, bool backwards) {
  constexpr int most = partBlocks(gateCount(C));
  forEachPanel<most>(blocksOf(s.r.hidden), backwards, [&](auto panel, ptrdiff_t first) {
    constexpr int P = decltype(panel)::value, B = P < tileBlocks(gateCount(C)) ? P : tileBlocks(gateCount(C));
    for (ptrdiff_t block = first; block < first + P; block += B) stepBlocks<C, B>(s, tileOf(s, first, P, block), block);
  });
}

/// A row of gates in the order of packed columns.
template <Cell C>
const float *inPackedOrder(ptrdiff_t H, const float *row, float *to) {
  constexpr ptrdiff_t G = gateCount(C);
  for (ptrdiff_t block = 0; block < blocksOf(H); block++)
    for (ptrdiff_t gate = 0; gate < G; gate++)
      store(to + (block * G + gate) * kWidth, load(row + gate * H + block * kWidth, H - block * kWidth));
  return to;
}

/// The sequences from `first` on.
template <Cell C>
void packedRows(const RecurrentPacked &r, ptrdiff_t first, ptrdiff_t count) {
  constexpr ptrdiff_t G = gateCount(C), most = 32;  // vectors of a tile
  const ptrdiff_t H = r.hidden, T = r.steps, wide = blocksOf(H) * G * kWidth, stride = H % kStatesConflict ? H : H + kWidth;
  const PackedMatrix<Packing::float32> kernel({H, H, G, Packing::float32}, r.kernel);
  const PackedMatrix<Packing::float32> weight({r.inputs, H, G, Packing::float32}, r.weight ? r.weight : r.kernel);
  float *states = workspace(Workspace::packedStates, 2 * count * stride), *h = r.h + first * H;
  float *packed = workspace(Workspace::packedShift, 2 * wide), *sums = workspace(Workspace::packedSums, 2 * most * kWidth);
  RowsStep<C> s{r, kernel, r.weight ? &weight : nullptr, 0, stride, nullptr, nullptr, nullptr, nullptr, states, states + count * stride,
                hasCellState(C) ? r.c + first * cellStates(C) * H : nullptr, nullptr, sums, sums + most * kWidth, nullptr};
  if (r.weight) s.shift = inPackedOrder<C>(H, r.shift, packed);
  if (r.bias) s.bias = inPackedOrder<C>(H, r.bias, packed + wide);
  if (C == Cell::gru) s.third = workspace(Workspace::packedThird, tileRows(G) * G * H + kWidth);
  float *before = states, *after = states + count * stride;
  const auto rowsOf = [&](ptrdiff_t t) {
    const ptrdiff_t rows = rowsAt(r, t) - first;
    return rows < count ? rows > 0 ? rows : 0 : count;
  };
  // Sequences join, or end and leave their states.
  const auto join = [&](ptrdiff_t from, ptrdiff_t to) {
    for (ptrdiff_t row = from; row < to; row++) copy(before + row * stride, h + row * H, H);
  };
  const auto leave = [&](ptrdiff_t from, ptrdiff_t to) {
    for (ptrdiff_t row = from; row < to; row++) copy(h + row * H, before + row * stride, H);
  };
  ptrdiff_t at = first;  // among the rows of all steps
  for (ptrdiff_t t = 0; r.reverse && t + 1 < T; t++) at += rowsAt(r, t);
  for (ptrdiff_t index = 0; index < T; index++) {
    const ptrdiff_t t = r.reverse ? T - 1 - index : index, rows = rowsOf(t);
    join(s.rows, rows);
    leave(rows, s.rows);
    s.rows = rows;
    s.projected = r.weight ? nullptr : r.projected + at * G * H;
    s.x = r.weight ? r.x + at * r.inputs : nullptr;
    s.output = r.outputs + at * r.stride;
    s.before = before;
    s.after = after;
    if (rows > 0) stepRows<C>(s, index % 2 != 0);
    float *other = before;
    before = after, after = other;
    if (!r.reverse) at += rowsAt(r, t);
    else if (t > 0) at -= rowsAt(r, t - 1);
  }
  leave(0, s.rows);
}

}  // namespace
}  // namespace unroll
