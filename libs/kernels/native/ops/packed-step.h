// A recurrent layer over one sequence, its weights packed. Each weight is read once for a step, so what counts is how many bytes it has,
// and that no sum waits for another.
#pragma once
#include "packed-matrix.h"
#include "recurrent-step.h"

namespace unroll {
namespace {

/// One step of one sequence. `read` is what the input product takes, and `projected` room for it, where x·W is not given.
template <Packing P>
struct PackedStep {
  Step s;
  const PackedMatrix<P> &kernel, *weight;
  PackedRow seen, read;
  const float *shift;
  float *projected;
};

/// The units of a panel of B blocks: their sums, and the cell's arithmetic, which the processor does while it fetches the next panel.
template <Cell C, Packing P, int B>
NEVER_INLINE void stepPanel(const PackedStep<P> &p, ptrdiff_t block) {
  constexpr int G = gateCount(C);
  const Step &s = p.s;
  const ptrdiff_t H = s.hidden;
  Vector sums[B * G] = {};
  if (p.weight) p.weight->add(p.read, block, sums);
#pragma GCC unroll 8
  for (int v = 0; v < B * G; v++) {
    const int gate = v % G;
    const ptrdiff_t unit = (block + v / G) * kWidth, at = gate * H + unit, count = H - unit;
    sums[v] = p.weight ? sums[v] + load(p.shift + at, count) : load(s.projected + at, count);
    if (C != Cell::gru) continue;
    if (gate == 2) {
      if (p.weight) store(p.projected + at, sums[v], count);
      sums[v] = Vector{};
    }
    if (s.bias) sums[v] += load(s.bias + at, count);
  }
  p.kernel.add(p.seen, block, sums);
#pragma GCC unroll 8
  for (int b = 0; b < B; b++) {
    const ptrdiff_t unit = (block + b) * kWidth;
    activate<C>(s, 0, unit, H - unit, &sums[b * G]);
  }
}

/// Sequences that have step t.
ALWAYS_INLINE ptrdiff_t rowsAt(const RecurrentPacked &r, ptrdiff_t t) { return r.counts ? r.counts[t] : r.batch; }

/// Sequence number `row` by itself.
template <Cell C, Packing P>
void packedSteps(const RecurrentPacked &r, ptrdiff_t row) {
  constexpr ptrdiff_t G = gateCount(C);
  const ptrdiff_t H = r.hidden;
  const PackedMatrix<P> kernel({H, H, G, P}, r.kernel), weight({r.inputs, H, G, P}, r.weight ? r.weight : r.kernel);
  ptrdiff_t steps = r.steps;
  while (steps > 0 && rowsAt(r, steps - 1) <= row) steps--;
  ptrdiff_t at = row;  // among the rows of all steps
  if (r.reverse)
    for (ptrdiff_t t = 0; t + 1 < steps; t++) at += rowsAt(r, t);
  // A panel reads h of all units, so that after the step is written elsewhere.
  float *before = workspace(Workspace::packedStates, 2 * H), *after = before + H, *h = r.h + row * H;
  float *projected = workspace(Workspace::packedSums, G * H);
  copy(before, h, H);
  PackedStep<P> p{{}, kernel, r.weight ? &weight : nullptr, {}, {}, r.shift, projected};
  p.s.hidden = H;
  p.s.bias = r.bias;
  p.s.own = r.own;
  p.s.c = p.s.nextC = hasCellState(C) ? r.c + row * cellStates(C) * H : nullptr;
  for (ptrdiff_t index = 0; index < steps; index++) {
    const ptrdiff_t t = r.reverse ? steps - 1 - index : index;
    p.s.output = r.outputs + at * r.stride;
    p.s.projected = r.weight ? projected : r.projected + at * G * H;
    p.s.h = before;
    p.s.nextH = after;
    p.seen = toRow<P>(H, before, Workspace::packedOperands);
    if (r.weight) p.read = toRow<P>(r.inputs, r.x + at * r.inputs, Workspace::packedInputs);
    forEachPanel<panelBlocks(G)>(blocksOf(H), index % 2 != 0, [&](auto blocks, ptrdiff_t block) { stepPanel<C, P, blocks>(p, block); });
    float *other = before;
    before = after, after = other;
    if (!r.reverse) at += rowsAt(r, t);
    else if (t > 0) at -= rowsAt(r, t - 1);
  }
  copy(h, before, H);
}

}  // namespace
}  // namespace unroll
