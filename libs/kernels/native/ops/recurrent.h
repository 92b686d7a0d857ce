// A recurrent layer over a whole sequence. The kernel U is packed once, in panels of `blocks` blocks of kWidth units with the gates
// of a block side by side: a tile ends with all gates of its units, and the cell's arithmetic follows in registers.
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
  static constexpr int rows = kAccumulators / vectors;      // in a tile
  static constexpr int units = blocks * kWidth;             // in a panel
};

/// Where one step of one lane reads and writes, from its first row on; all [B, ·].
struct Step {
  ptrdiff_t hidden;
  const float *projected, *bias, *h, *c;
  const uint8_t *valid;
  float *output, *nextH, *nextC, *gates, *products;
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
  if constexpr (C == Cell::lstm) {
    const Vector i = sigmoid(z[0]), f = sigmoid(z[1]), g = tanh(z[2]), o = sigmoid(z[3]);
    const Vector before = load(s.c + at, count);
    const Vector after = f * before + i * g;
    next = o * tanh(after);
    save(0, i), save(1, f), save(2, g), save(3, o);
    store(s.nextC + at, isValid ? after : before, count);
  } else if constexpr (C == Cell::gru) {
    const float *projected = s.projected + row * G * H + unit;
    const Vector r = sigmoid(z[0]), u = sigmoid(z[1]), n = tanh(load(projected + 2 * H, count) + r * z[2]);
    next = n + u * (load(s.h + at, count) - n);
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

template <Cell C, int R>
void stepTile(const Step &s, ptrdiff_t row, ptrdiff_t unit, const float *panel) {
  using S = Shape<C>;
  const ptrdiff_t H = s.hidden;
  Vector acc[R][S::vectors];
#pragma GCC unroll 16
  for (int i = 0; i < R; i++)
#pragma GCC unroll 16
    for (int v = 0; v < S::vectors; v++) {
      const int gate = v % S::gates;
      const ptrdiff_t first = unit + v / S::gates * kWidth, count = H - first;
      acc[i][v] = Vector{};
      if (count <= 0) continue;
      if (!(C == Cell::gru && gate == 2)) acc[i][v] = load(s.projected + ((row + i) * S::gates + gate) * H + first, count);
      if (C == Cell::gru && s.bias) acc[i][v] += load(s.bias + gate * H + first, count);
    }
  accumulate<R, S::vectors, false>(acc, H, s.h + row * H, H, panel);
#pragma GCC unroll 16
  for (int i = 0; i < R; i++)
#pragma GCC unroll 16
    for (int b = 0; b < S::blocks; b++) {
      const ptrdiff_t first = unit + b * kWidth;
      if (first < H) activate<C>(s, row + i, first, H - first, &acc[i][b * S::gates]);
    }
}

/// `stepTile` for a number of rows known only at run time, at most R.
template <Cell C, int R>
ALWAYS_INLINE void stepTileOfRows(ptrdiff_t rows, const Step &s, ptrdiff_t row, ptrdiff_t unit, const float *panel) {
  if constexpr (R > 1) {
    if (rows < R) return stepTileOfRows<C, R - 1>(rows, s, row, unit, panel);
  }
  stepTile<C, R>(s, row, unit, panel);
}

template <Cell C>
void packKernel(float *to, const float *kernel, ptrdiff_t H) {
  using S = Shape<C>;
  for (ptrdiff_t unit = 0; unit < H; unit += S::units)
    for (ptrdiff_t k = 0; k < H; k++)
      for (int v = 0; v < S::vectors; v++, to += kWidth) {
        const ptrdiff_t first = unit + v / S::gates * kWidth, count = H - first;
        store(to, count > 0 ? load(kernel + k * S::gates * H + v % S::gates * H + first, count) : Vector{});
      }
}

/// `count` rows of the batch of one lane, from row `first` on, over the whole sequence.
template <Cell C>
void forwardRows(const Recurrent &r, ptrdiff_t lane, const float *packed, ptrdiff_t first, ptrdiff_t count) {
  using S = Shape<C>;
  const ptrdiff_t T = r.steps, H = r.hidden, G = S::gates, state = r.batch * H;
  const ptrdiff_t panels = (H + S::units - 1) / S::units, panelSize = H * S::vectors * kWidth;
  const float *h = r.h0 + lane * state + first * H, *c = C == Cell::lstm ? r.c0 + lane * state + first * H : nullptr;
  for (ptrdiff_t index = 0; index < T; index++) {
    const ptrdiff_t t = r.reverse ? T - 1 - index : index, at = lane * T + t, offset = at * state + first * H;
    Step s{};
    s.hidden = H;
    s.projected = r.projected + G * offset;
    s.bias = r.bias ? r.bias + lane * G * H : nullptr;
    s.valid = r.valid ? r.valid + at * r.batch + first : nullptr;
    s.h = h;
    s.c = c;
    s.output = r.outputs + offset;
    s.nextH = r.hiddens + offset;
    s.nextC = C == Cell::lstm ? r.cells + (r.gates ? at : lane) * state + first * H : nullptr;
    s.gates = r.gates ? r.gates + G * offset : nullptr;
    s.products = r.products ? r.products + offset : nullptr;
    for (ptrdiff_t panel = 0; panel < panels; panel++)
      forEachPart(count, S::rows, [&](ptrdiff_t row, ptrdiff_t rows) {
        stepTileOfRows<C, S::rows>(rows, s, row, panel * S::units, packed + panel * panelSize);
      });
    h = s.nextH;
    c = s.nextC;
  }
  copy(r.hT + lane * state + first * H, h, count * H);
  if (C == Cell::lstm) copy(r.cT + lane * state + first * H, c, count * H);
}

template <Cell C>
void forward(const Recurrent &r) {
  using S = Shape<C>;
  const ptrdiff_t H = r.hidden, panels = (H + S::units - 1) / S::units;
  float *packed = workspace(Workspace::recurrentKernel, panels * H * S::vectors * kWidth);
  for (ptrdiff_t lane = 0; lane < r.lanes; lane++) {
    packKernel<C>(packed, r.kernel + lane * H * S::gates * H, H);
    parallelFor(r.batch, 1, [&](ptrdiff_t first, ptrdiff_t count) { forwardRows<C>(r, lane, packed, first, count); });
  }
}

void recurrent(const Recurrent &r) {
  switch (r.cell) {
    case Cell::rnnTanh: return forward<Cell::rnnTanh>(r);
    case Cell::rnnRelu: return forward<Cell::rnnRelu>(r);
    case Cell::lstm: return forward<Cell::lstm>(r);
    case Cell::gru: return forward<Cell::gru>(r);
  }
}

}  // namespace
}  // namespace unroll
