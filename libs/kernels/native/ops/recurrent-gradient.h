// Backpropagation through time (Werbos 1990): step by step the gradients dz of the gates and dh = dz·Uᵀ, and after the loop the
// kernel's gradient as one product Hᵀ·dZ over all steps.
#pragma once
#include "layer-norm-lstm-gradient.h"
#include "recurrent.h"
#include "rows.h"

namespace unroll {
namespace {

/// Some rows through the cell.
template <Cell C>
void backThroughCell(const StepBack &s, ptrdiff_t first, ptrdiff_t rows) {
  constexpr int G = Shape<C>::gates;
  const ptrdiff_t H = s.hidden;
  for (ptrdiff_t row = first; row < first + rows; row++) {
    if (s.valid && !s.valid[row]) {
      fillZero(s.gradProjected + row * G * H, G * H);
      if (savedProducts(C)) fillZero(s.gradProduct + row * G * H, G * H);
      if (s.gradHidden) fillZero(s.gradHidden + row * H, H);
      continue;
    }
    if constexpr (C == Cell::layerNormLstm) {
      differentiateNormalised(s, row);
      continue;
    }
    const auto through = [&](ptrdiff_t unit, ptrdiff_t count) __attribute__((always_inline)) {
      const ptrdiff_t at = row * H + unit;
      const Vector dh = load(s.dh + at, count) + load(s.gradOutput + at, count);
      if (s.gradHidden) store(s.gradHidden + at, dh, count);
      differentiate<C>(s, row, unit, count, dh);
    };
    ptrdiff_t unit = 0;
    for (; H - unit >= kWidth; unit += kWidth) through(unit, kWidth);
    if (unit < H) through(unit, H - unit);
  }
}

/// What a lane's rows share in the gradient. `packed`: panels of Uᵀ.
struct Shared {
  ptrdiff_t lane;
  const Operand *packed;
  float *gradProducts;  // [T, B, G·H] where they are not `projected`
  float *gradOwn;       // [B, ownCount·H]
  float *seen;          // h before each step as the gates saw it, [T, B, H], with `kept`
};

constexpr ptrdiff_t kBackWidth = kBackColumns * kWidth;  // of a panel of Uᵀ

/// A step: some rows at a time, which are in the first cache then, through the cell and the recurrent product, dh += dz·Uᵀ∘kept. Meanwhile
/// fetches what the step before reads and writes, `previous` numbers of a state away; 0 for none.
template <Cell C>
void backThroughStep(const StepBack &s, const Operand *packed, const float *kept, ptrdiff_t previous) {
  constexpr int V = kBackColumns, R = kAccumulators / V;
  const ptrdiff_t H = s.hidden, width = gateCount(C) * H, depth = operandsOf(width), panels = (H + kBackWidth - 1) / kBackWidth;
  Ahead ahead;
  if (previous != 0) {
    const ptrdiff_t turns = panels * ((s.batch + R - 1) / R) * turnsOf(depth);
    const auto fetch = [&](const float *first, ptrdiff_t floats) { ahead.add(first, floats, floats, 1, turns); };
    fetch(s.gates + gateCount(C) * previous, s.batch * width);
    if (s.gradProjected != s.gates) fetch(s.gradProjected + gateCount(C) * previous, s.batch * width);
    fetch(s.gradOutput + previous, s.batch * H);
    if (cellStates(C)) fetch(s.previousC, cellStates(C) * s.batch * H);
  }
  float *all = kept ? workspace(Workspace::stepProducts, s.batch * H) : s.dh;
  forEachTile(s.batch, R, [&](ptrdiff_t row, ptrdiff_t rows) {
    backThroughCell<C>(s, row, rows);
    const LeftRows dz = leftRows(Workspace::stepOperands, s.gradProduct + row * width, rows, width, width);
    for (ptrdiff_t panel = 0; panel < panels; panel++) {
      const ptrdiff_t column = panel * kBackWidth;
      tileOfRows<R, V, false>(rows, depth, dz.first, dz.stride, packed + panel * depth * kBackWidth, all + row * H + column, H, H - column,
                              !kept, &ahead);
    }
  });
  if (!kept) return;
  for (ptrdiff_t i = 0; i < s.batch * H; i += kWidth) {
    const ptrdiff_t count = s.batch * H - i;
    store(s.dh + i, load(s.dh + i, count) + load(all + i, count) * load(kept + i, count), count);
  }
}

/// `count` rows of the batch of one lane, from row `first` on, from the last step to the first.
template <Cell C>
void backwardRows(const Recurrent &r, const RecurrentGradient &d, const Shared &shared, ptrdiff_t first, ptrdiff_t count) {
  const TileRegisters registers;
  const ptrdiff_t T = r.steps, H = r.hidden, G = gateCount(C), state = r.batch * H, lane = shared.lane;
  const ptrdiff_t start = first * H, own = lane * state + start;
  constexpr int states = cellStates(C);
  float *dh = d.h0 + own, *dc = states ? d.c0 + states * own : nullptr;
  copy(dh, d.hT + own, count * H);
  if (states) copy(dc, d.cT + states * own, states * count * H);
  const float *kept = r.kept ? r.kept + own : nullptr;
  const ptrdiff_t firstRead = r.reverse ? T - 1 : 0, previous = r.reverse ? state : -state;
  for (ptrdiff_t index = T - 1; index >= 0; index--) {
    const ptrdiff_t t = r.reverse ? T - 1 - index : index, at = lane * T + t, offset = at * state + start;
    const bool isFirst = t == firstRead;
    StepBack s{};
    s.batch = count;
    s.hidden = H;
    s.gates = r.gates + G * offset;
    s.products = savedProducts(C) ? r.products + savedProducts(C) * offset : nullptr;
    s.previousH = isFirst ? r.h0 + own : r.hiddens + offset + previous;
    if (states) {
      s.c = r.cells + states * offset;
      s.previousC = isFirst ? r.c0 + states * own : r.cells + states * (offset + previous);
    }
    if (ownCount(C)) {
      s.own = r.own + lane * ownCount(C) * H;
      s.gradOwn = shared.gradOwn + ownCount(C) * start;
    }
    if (C == Cell::layerNormLstm) {
      s.projected = r.projected + G * offset;
      s.statistics = r.statistics + (at * r.batch + first) * kStatistics;
    }
    s.gradOutput = d.outputs + offset;
    s.valid = r.valid ? r.valid + at * r.batch + first : nullptr;
    s.dh = dh;
    s.dc = dc;
    s.gradProjected = d.projected + G * offset;
    s.gradHidden = d.hiddens ? d.hiddens + offset : nullptr;
    s.gradProduct = savedProducts(C) ? shared.gradProducts + G * (t * state + start) : s.gradProjected;
    if (kept) multiplyValues(count * H, s.previousH, kept, shared.seen + t * state + start);
    backThroughStep<C>(s, shared.packed, kept, isFirst ? 0 : previous);
  }
}

/// Row (t, b) of H is the state before step t: that after the step read before it, or the initial one, at rows `begin` to `begin + batch`.
struct RowsBefore {
  const float *after, *initial;
  ptrdiff_t begin, batch, hidden;
  const float *operator()(ptrdiff_t k) const {
    return k >= begin && k < begin + batch ? initial + (k - begin) * hidden : after + k * hidden;
  }
  RowsBefore from(ptrdiff_t start) const { return {after + start, initial + start, begin, batch, hidden}; }
};

template <Cell C>
void backward(const Recurrent &r, const RecurrentGradient &d) {
  const ptrdiff_t T = r.steps, B = r.batch, H = r.hidden, G = gateCount(C), state = B * H, own = ownCount(C) * H;
  const ptrdiff_t panels = (H + kBackWidth - 1) / kBackWidth, panelSize = operandsOf(G * H) * kBackWidth;
  Operand *packed = operandSpace(Workspace::recurrentKernel, panels * panelSize);
  float *gradProducts = savedProducts(C) ? workspace(Workspace::gateGradients, T * G * state) : nullptr;
  float *gradOwn = own ? workspace(Workspace::ownGradients, B * own) : nullptr;
  float *seen = r.kept ? workspace(Workspace::keptStates, T * state) : nullptr;
  for (ptrdiff_t lane = 0; lane < r.lanes; lane++) {
    const float *kernel = r.kernel + lane * H * G * H;
    for (ptrdiff_t panel = 0; panel < panels; panel++)
      packPanel<kBackColumns>(packed + panel * panelSize, G * H, H - panel * kBackWidth, G * H,
                              [&](ptrdiff_t k) { return kernel + panel * kBackWidth * G * H + k; });
    if (own) fillZero(gradOwn, B * own);
    const Shared shared{lane, packed, gradProducts, gradOwn, seen};
    parallelFor(B, 1, [&](ptrdiff_t first, ptrdiff_t count) { backwardRows<C>(r, d, shared, first, count); });
    const float *dz = savedProducts(C) ? gradProducts : d.projected + lane * T * G * state;
    const float *h0 = r.h0 + lane * state, *hiddens = r.hiddens + lane * T * state;
    const ptrdiff_t begin = r.reverse ? (T - 1) * B : 0, previous = r.reverse ? state : -state;
    const RowsBefore rowOfH = seen ? RowsBefore{seen, seen, 0, 0, H} : RowsBefore{hiddens + previous, h0, begin, B, H};
    float *bias = d.bias ? d.bias + lane * G * H : nullptr;
    product(H, G * H, T * B, rowOfH, 1, RowsOfMatrix{dz, G * H}, 1, d.kernel + lane * H * G * H, false, Nothing(), bias);
    if (own) sumRows(1, B, own, gradOwn, d.own + lane * own);
  }
}

void recurrentGradient(const Recurrent &r, const RecurrentGradient &d) {
  switch (r.cell) {
    case Cell::rnnTanh: return backward<Cell::rnnTanh>(r, d);
    case Cell::rnnRelu: return backward<Cell::rnnRelu>(r, d);
    case Cell::lstm: return backward<Cell::lstm>(r, d);
    case Cell::gru: return backward<Cell::gru>(r, d);
    case Cell::peepholeLstm: return backward<Cell::peepholeLstm>(r, d);
    case Cell::layerNormLstm: return backward<Cell::layerNormLstm>(r, d);
    case Cell::slstm: return backward<Cell::slstm>(r, d);
  }
}

}  // namespace
}  // namespace unroll
