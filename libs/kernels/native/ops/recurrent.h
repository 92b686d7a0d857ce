// A recurrent layer over a whole sequence.
#pragma once
#include "layer-norm-lstm.h"
#include "recurrent-step.h"

namespace unroll {
namespace {

/// out = x·y, elementwise.
ALWAYS_INLINE void multiplyValues(ptrdiff_t count, const float *x, const float *y, float *out) {
  for (ptrdiff_t i = 0; i < count; i += kWidth) store(out + i, load(x + i, count - i) * load(y + i, count - i), count - i);
}

/// `count` rows of the batch of one lane, from row `first` on, over the whole sequence.
template <Cell C>
void forwardRows(const Recurrent &r, ptrdiff_t lane, const Operand *packed, ptrdiff_t first, ptrdiff_t count) {
  const TileRegisters registers;
  const ptrdiff_t T = r.steps, H = r.hidden, G = gateCount(C), state = r.batch * H, start = lane * state + first * H;
  const float *kept = r.kept ? r.kept + start : nullptr;
  float *seen = kept ? workspace(Workspace::keptStates, count * H) : nullptr;
  const float *h = r.h0 + start, *c = hasCellState(C) ? r.c0 + cellStates(C) * start : nullptr;
  for (ptrdiff_t index = 0; index < T; index++) {
    const ptrdiff_t t = r.reverse ? T - 1 - index : index, at = lane * T + t, offset = at * state + first * H;
    if (kept) multiplyValues(count * H, h, kept, seen);
    Step s{};
    s.hidden = H;
    s.next = index + 1 == T ? 0 : r.reverse ? -state : state;
    s.projected = r.projected + G * offset;
    s.bias = r.bias ? r.bias + lane * G * H : nullptr;
    s.own = ownCount(C) ? r.own + lane * ownCount(C) * H : nullptr;
    s.valid = r.valid ? r.valid + at * r.batch + first : nullptr;
    s.seen = kept ? seen : h;
    s.h = h;
    s.c = c;
    s.output = r.outputs + offset;
    s.nextH = r.hiddens + offset;
    s.nextC = hasCellState(C) ? r.cells + cellStates(C) * ((r.gates ? at : lane) * state + first * H) : nullptr;
    s.gates = r.gates ? r.gates + G * offset : nullptr;
    s.products = r.products ? r.products + savedProducts(C) * offset : nullptr;
    s.statistics = r.statistics ? r.statistics + (at * r.batch + first) * kStatistics : nullptr;
    Fused<C>::step(s, count, packed);
    h = s.nextH;
    c = s.nextC;
  }
  copy(r.hT + start, h, count * H);
  if (hasCellState(C)) copy(r.cT + cellStates(C) * start, c, cellStates(C) * count * H);
}

template <Cell C>
void forward(const Recurrent &r) {
  const ptrdiff_t H = r.hidden;
  Operand *packed = operandSpace(Workspace::recurrentKernel, Fused<C>::panels(H) * Fused<C>::panelSize(H));
  for (ptrdiff_t lane = 0; lane < r.lanes; lane++) {
    Fused<C>::pack(packed, r.kernel + lane * H * gateCount(C) * H, H);
    parallelFor(r.batch, 1, [&](ptrdiff_t first, ptrdiff_t count) { forwardRows<C>(r, lane, packed, first, count); });
  }
}

void recurrent(const Recurrent &r) {
  switch (r.cell) {
    case Cell::rnnTanh: return forward<Cell::rnnTanh>(r);
    case Cell::rnnRelu: return forward<Cell::rnnRelu>(r);
    case Cell::lstm: return forward<Cell::lstm>(r);
    case Cell::gru: return forward<Cell::gru>(r);
    case Cell::peepholeLstm: return forward<Cell::peepholeLstm>(r);
    case Cell::layerNormLstm: return forward<Cell::layerNormLstm>(r);
    case Cell::slstm: return forward<Cell::slstm>(r);
  }
}

}  // namespace
}  // namespace unroll
