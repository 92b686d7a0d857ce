// One step of a recurrent layer. The kernel U is packed once, in panels of `blocks` blocks of kWidth units with the gates of a
// block side by side: a tile ends with all gates of its units, and the cell's arithmetic follows in registers.
#pragma once
#include "functions.h"
#include "matmul.h"

namespace unroll {
namespace {

template <Cell C>
struct Shape {
  static constexpr bool isRnn = C == Cell::rnnTanh || C == Cell::rnnRelu;
  static constexpr int gates = gateCount(C);
  static constexpr int blocks = isRnn ? 4 : 1;              // of kWidth units in a panel
  static constexpr int vectors = gates * blocks;            // in a panel
  static constexpr int rows = kAccumulators / vectors < kStepRows ? kAccumulators / vectors : kStepRows;  // in a tile
  static constexpr int units = blocks * kWidth;             // in a panel
};

/// Where one step of one lane reads and writes, from its first row on; all [B, ·] but `bias` and `own`. `seen`: h as the gates see
/// it. The step that is read next is `next` numbers of a state away; 0 for none.
struct Step {
  ptrdiff_t hidden, next;
  const float *projected, *bias, *own, *seen, *h, *c;
  const uint8_t *valid;
  float *output, *nextH, *nextC, *gates, *products, *statistics;
  Ahead *ahead;
};

/// The cell's arithmetic for kWidth units of one row, of which `count` exist, from the sums z of its gates.
template <Cell C>
ALWAYS_INLINE void activate(const Step &s, ptrdiff_t row, ptrdiff_t unit, ptrdiff_t count, const Vector *z) {
  constexpr int G = Shape<C>::gates;
  const ptrdiff_t H = s.hidden, at = row * H + unit;
  const bool isValid = !s.valid || s.valid[row];
  float *gates = s.gates ? s.gates + row * G * H + unit : nullptr;
  const auto save = [&](int gate, Vector x) {
    if (gates) store(gates + gate * H, x, count);
  };
  Vector next;
  if constexpr (C == Cell::slstm) {
    const float *c = s.c + row * 2 * H + unit;
    float *nextC = s.nextC + row * 2 * H + unit;
    const Vector mean = load(c, count), logN = load(c + H, count);
    const Softplus closing = softplus(-z[1]);  // −log f, and 1 − f
    const Vector kept = logN - closing.value;
    const Softplus newer = softplus(z[0] - kept);
    const Vector share = newer.slope, g = tanh(z[2]), o = sigmoid(z[3]), after = fused(share, g - mean, mean);
    next = o * after;
    save(0, share), save(1, 1.0f - closing.slope), save(2, g), save(3, o);
    store(nextC, isValid ? after : mean, count);
    store(nextC + H, isValid ? kept + newer.value : logN, count);
  } else if constexpr (hasCellState(C)) {
    const Vector before = load(s.c + at, count);
    // The sum of a gate, with c times its peephole weight.
    const auto seeing = [&](Vector sum, int which, Vector c) {
      if constexpr (C == Cell::peepholeLstm) return fused(load(s.own + which * H + unit, count), c, sum);
      else return sum;
    };
    const Vector i = sigmoid(seeing(z[0], 0, before)), f = sigmoid(seeing(z[1], 1, before)), g = tanh(z[2]);
    const Vector after = fused(f, before, i * g);
    const Vector o = sigmoid(seeing(z[3], 2, after));
    next = o * tanh(after);
    save(0, i), save(1, f), save(2, g), save(3, o);
    store(s.nextC + at, isValid ? after : before, count);
  } else if constexpr (C == Cell::gru) {
    const float *projected = s.projected + row * G * H + unit;
    const Vector r = sigmoid(z[0]), u = sigmoid(z[1]), n = tanh(fused(r, z[2], load(projected + 2 * H, count)));
    next = fused(u, load(s.h + at, count) - n, n);
    save(0, r), save(1, u), save(2, n);
    if (s.products) store(s.products + at, z[2], count);
  } else {
    // The comparison keeps NaN.
    if constexpr (C == Cell::rnnTanh) next = tanh(z[0]);
    else next = z[0] < 0.0f ? Vector{} : z[0];
    save(0, next);
  }
  store(s.output + at, isValid ? next : Vector{}, count);
  if (s.nextH != s.output) store(s.nextH + at, isValid ? next : load(s.h + at, count), count);
}

/// Fetches what a tile's end writes, and what the next panel's tile of the same rows begins with, while products are summed up. Where a
/// vector is a line of the cache: with narrower ones a line would be fetched for each of its parts, which takes more than it gains.
template <Cell C, int R>
ALWAYS_INLINE void prefetchTile(const Step &s, ptrdiff_t row, ptrdiff_t unit) {
  using S = Shape<C>;
  if constexpr (kWidth < 16) return;
  const ptrdiff_t H = s.hidden;
#pragma GCC unroll 16
  for (int i = 0; i < R; i++) {
#pragma GCC unroll 16
    for (int v = 0; v < S::vectors; v++) {
      const ptrdiff_t at = ((row + i) * S::gates + v % S::gates) * H + unit + v / S::gates * kWidth;
      __builtin_prefetch(s.projected + at + S::units, 0);
      if (s.gates) __builtin_prefetch(s.gates + at, 1);
    }
    __builtin_prefetch(s.output + (row + i) * H + unit, 1);
    for (int state = 0; state < cellStates(C); state++)
      __builtin_prefetch(s.nextC + ((row + i) * cellStates(C) + state) * H + unit, 1);
  }
}

/// What the sums of a tile's row begin with. `Whole`: all of its units exist.
template <Cell C, bool Whole>
ALWAYS_INLINE void beginRow(const Step &s, ptrdiff_t row, ptrdiff_t unit, Vector (&acc)[Shape<C>::vectors]) {
  using S = Shape<C>;
  const ptrdiff_t H = s.hidden;
#pragma GCC unroll 16
  for (int v = 0; v < S::vectors; v++) {
    const int gate = v % S::gates;
    const ptrdiff_t first = unit + v / S::gates * kWidth, count = Whole ? kWidth : H - first;
    acc[v] = Vector{};
    if (count <= 0) continue;
    if (!(C == Cell::gru && gate == 2)) acc[v] = load(s.projected + (row * S::gates + gate) * H + first, count);
    if (C == Cell::gru && s.bias) acc[v] += load(s.bias + gate * H + first, count);
  }
}

template <Cell C, bool Whole>
ALWAYS_INLINE void endRow(const Step &s, ptrdiff_t row, ptrdiff_t unit, const Vector (&acc)[Shape<C>::vectors]) {
  using S = Shape<C>;
#pragma GCC unroll 16
  for (int b = 0; b < S::blocks; b++) {
    const ptrdiff_t first = unit + b * kWidth, count = Whole ? kWidth : s.hidden - first;
    if (count > 0) activate<C>(s, row, first, count, &acc[b * S::gates]);
  }
}

/// beginRow for all rows. A tile some of whose units are missing loops over an array of its own: it is the last of a step, and written
/// out for each row it would double the time that the compiler takes. What is indexed at run time leaves the registers.
template <Cell C, int R>
ALWAYS_INLINE void beginTile(const Step &s, ptrdiff_t row, ptrdiff_t unit, bool isWhole, Vector (&acc)[R][Shape<C>::vectors]) {
  if (isWhole) {
#pragma GCC unroll 16
    for (int i = 0; i < R; i++) beginRow<C, true>(s, row + i, unit, acc[i]);
    return;
  }
  Vector begun[R][Shape<C>::vectors];
#pragma GCC unroll 1
  for (int i = 0; i < R; i++) beginRow<C, false>(s, row + i, unit, begun[i]);
#pragma GCC unroll 16
  for (int i = 0; i < R; i++)
#pragma GCC unroll 16
    for (int v = 0; v < Shape<C>::vectors; v++) acc[i][v] = begun[i][v];
}

/// endRow for all rows, as beginTile.
template <Cell C, int R>
ALWAYS_INLINE void endTile(const Step &s, ptrdiff_t row, ptrdiff_t unit, bool isWhole, const Vector (&acc)[R][Shape<C>::vectors]) {
  if (isWhole) {
#pragma GCC unroll 16
    for (int i = 0; i < R; i++) endRow<C, true>(s, row + i, unit, acc[i]);
    return;
  }
  Vector sums[R][Shape<C>::vectors];
#pragma GCC unroll 16
  for (int i = 0; i < R; i++)
#pragma GCC unroll 16
    for (int v = 0; v < Shape<C>::vectors; v++) sums[i][v] = acc[i][v];
#pragma GCC unroll 1
  for (int i = 0; i < R; i++) endRow<C, false>(s, row + i, unit, sums[i]);
}

/// Not inlined: in one function, the tiles of all numbers of rows take a compiler twice as long.
template <Cell C, int R>
NEVER_INLINE void stepTile(const Step &s, const LeftRows &seen, ptrdiff_t row, ptrdiff_t unit, const Operand *panel) {
  using S = Shape<C>;
  const bool isWhole = s.hidden - unit >= S::units;
  Vector acc[R][S::vectors];
  prefetchTile<C, R>(s, row, unit);
  beginTile<C, R>(s, row, unit, isWhole, acc);
  accumulate<R, S::vectors, false>(acc, operandsOf(s.hidden), seen.first + row * seen.stride, seen.stride, panel, s.ahead);
  endTile<C, R>(s, row, unit, isWhole, acc);
}

/// `stepTile` for a number of rows known only at run time, at most R.
template <Cell C, int R>
ALWAYS_INLINE void stepTileOfRows(ptrdiff_t rows, const Step &s, const LeftRows &seen, ptrdiff_t row, ptrdiff_t unit, const Operand *panel) {
  if constexpr (R > 1) {
    if (rows < R) return stepTileOfRows<C, R - 1>(rows, s, seen, row, unit, panel);
  }
  stepTile<C, R>(s, seen, row, unit, panel);
}

/// The same where a tile has the same code for any number of rows.
template <Cell C>
NEVER_INLINE void stepTileAtRunTime(ptrdiff_t rows, const Step &s, const LeftRows &seen, ptrdiff_t row, ptrdiff_t unit, const Operand *panel) {
  using S = Shape<C>;
  const bool isWhole = s.hidden - unit >= S::units;
  Vector acc[kStepRows][S::vectors];
  for (ptrdiff_t i = 0; i < rows; i++) {
    prefetchTile<C, 1>(s, row + i, unit);
    if (isWhole) beginRow<C, true>(s, row + i, unit, acc[i]);
    else beginRow<C, false>(s, row + i, unit, acc[i]);
  }
  accumulate<kStepRows, S::vectors, false>(acc, operandsOf(s.hidden), seen.first + row * seen.stride, seen.stride, panel, s.ahead);
  for (ptrdiff_t i = 0; i < rows; i++) {
    if (isWhole) endRow<C, true>(s, row + i, unit, acc[i]);
    else endRow<C, false>(s, row + i, unit, acc[i]);
  }
}

/// How a lane's kernel is packed, and what a step does with it.
template <Cell C>
struct Fused {
  using S = Shape<C>;

  static ptrdiff_t panels(ptrdiff_t H) { return (H + S::units - 1) / S::units; }
  static ptrdiff_t panelSize(ptrdiff_t H) { return operandsOf(H) * S::vectors * kWidth; }

  static void pack(Operand *to, const float *kernel, ptrdiff_t H) {
    for (ptrdiff_t unit = 0; unit < H; unit += S::units)
      for (ptrdiff_t kk = 0; kk < operandsOf(H); kk++)
        for (int v = 0; v < S::vectors; v++, to += kWidth) {
          const ptrdiff_t first = unit + v / S::gates * kWidth, count = H - first;
          const float *column = kernel + v % S::gates * H + first;
          store(to, operandAt(kk, H, [&](ptrdiff_t k) { return count > 0 ? load(column + k * S::gates * H, count) : Vector{}; }));
        }
  }

  /// What the next step reads and writes.
  static Ahead nextStep(const Step &s, ptrdiff_t count) {
    Ahead ahead;
    if (s.next == 0) return ahead;
    const ptrdiff_t tiles = panels(s.hidden) * ((count + S::rows - 1) / S::rows), turns = tiles * turnsOf(operandsOf(s.hidden));
    const auto fetch = [&](const float *first, int numbers) {
      const ptrdiff_t floats = numbers * count * s.hidden;
      ahead.add(first + numbers * s.next, floats, floats, 1, turns);
    };
    fetch(s.projected, S::gates);
    fetch(s.output, 1);
    if (s.gates && s.gates != s.projected) fetch(s.gates, S::gates);
    if (s.gates && hasCellState(C)) fetch(s.nextC, cellStates(C));
    return ahead;
  }

  static void step(Step &s, ptrdiff_t count, const Operand *packed) {
    Ahead ahead = nextStep(s, count);
    s.ahead = &ahead;
    const LeftRows seen = leftRows(Workspace::stepOperands, s.seen, count, s.hidden, s.hidden);
    for (ptrdiff_t panel = 0; panel < panels(s.hidden); panel++)
      forEachTile(count, S::rows, [&](ptrdiff_t row, ptrdiff_t rows) {
        const Operand *own = packed + panel * panelSize(s.hidden);
        if constexpr (kRowsAtRunTime) stepTileAtRunTime<C>(rows, s, seen, row, panel * S::units, own);
        else stepTileOfRows<C, S::rows>(rows, s, seen, row, panel * S::units, own);
      });
  }
};

}  // namespace
}  // namespace unroll
