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

/// What the sums of a panel's gates begin with.
template <Cell C, Packing P, int B>
ALWAYS_INLINE void beginPanel(const PackedStep<P> &p, ptrdiff_t block, Vector (&sums)[B * gateCount(C)]) {
  constexpr int G = gateCount(C);
  const Step &s = p.s;
  const ptrdiff_t H = s.hidden;
#pragma GCC unroll 8
  for (int v = 0; v < B * G; v++) sums[v] = Vector{};
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
}

/// The cell's arithmetic, which the processor does while it fetches the next panel.
template <Cell C, Packing P, int B>
ALWAYS_INLINE void endPanel(const PackedStep<P> &p, ptrdiff_t block, const Vector (&sums)[B * gateCount(C)]) {
#pragma GCC unroll 8
  for (int b = 0; b < B; b++) {
    const ptrdiff_t unit = (block + b) * kWidth;
    activate<C>(p.s, 0, unit, p.s.hidden - unit, &sums[b * gateCount(C)]);
  }
}

/// The units of a panel of B blocks.
template <Cell C, Packing P, int B>
NEVER_INLINE void stepPanel(const PackedStep<P> &p, ptrdiff_t block) {
  Vector sums[B * gateCount(C)];
  beginPanel<C, P, B>(p, block, sums);
  p.kernel.add(p.seen, block, sums);
  endPanel<C, P, B>(p, block, sums);
}

/// `stepPanel` up to the sum over h before `middle`, which is kept in `room`; and what follows.
template <Cell C, Packing P, int B>
NEVER_INLINE void firstOfPanel(const PackedStep<P> &p, ptrdiff_t block, ptrdiff_t middle, float *room) {
  constexpr int V = B * gateCount(C);
  Vector sums[V];
  beginPanel<C, P, B>(p, block, sums);
  p.kernel.addPart(p.seen, block, 0, middle, sums);
#pragma GCC unroll 8
  for (int v = 0; v < V; v++) store(room + v * kWidth, sums[v]);
}

template <Cell C, Packing P, int B>
NEVER_INLINE void restOfPanel(const PackedStep<P> &p, ptrdiff_t block, ptrdiff_t middle, const float *room) {
  constexpr int V = B * gateCount(C);
  Vector sums[V];
#pragma GCC unroll 8
  for (int v = 0; v < V; v++) sums[v] = load(room + v * kWidth);
  p.kernel.addPart(p.seen, block, middle, p.s.hidden, sums);
  endPanel<C, P, B>(p, block, sums);
}

/// Sequences that have step t.
ALWAYS_INLINE ptrdiff_t rowsAt(const RecurrentPacked &r, ptrdiff_t t) { return r.counts ? r.counts[t] : r.batch; }

/// Sequence number `row` by itself.
template <Cell C, Packing P>
struct PackedSequence {
  static constexpr ptrdiff_t G = gateCount(C);
  const RecurrentPacked &r;
  const ptrdiff_t row, steps;
  const PackedMatrix<P> kernel, weight;
  // A panel reads h of all units, so that after the step is written elsewhere.
  float *const states, *const projected;

  PackedSequence(const RecurrentPacked &r, ptrdiff_t row)
      : r(r),
        row(row),
        steps(stepsOf(r, row)),
        kernel({r.hidden, r.hidden, G, P}, r.kernel),
        weight({r.inputs, r.hidden, G, P}, r.weight ? r.weight : r.kernel),
        states(workspace(Workspace::packedStates, 2 * stateSize())),
        projected(workspace(Workspace::packedSums, G * r.hidden)) {
    copy(states, r.h + row * r.hidden, r.hidden);
  }

  /// All units in step number `index`, whose row is `at` among those of all steps.
  void step(ptrdiff_t index, ptrdiff_t at) const {
    const PackedStep<P> p = stepOf(index, at);
    forEachPanel<panelBlocks(G)>(blocksOf(r.hidden), isBackwards(index),
                                 [&](auto blocks, ptrdiff_t block) { stepPanel<C, P, blocks>(p, block); });
  }

  PackedStep<P> stepOf(ptrdiff_t index, ptrdiff_t at) const {
    const ptrdiff_t H = r.hidden;
    float *before = stateBefore(index);
    PackedStep<P> p{{}, kernel, r.weight ? &weight : nullptr, {}, {}, r.shift, projected};
    p.seen = toRow<P>(H, before, Workspace::packedOperands);
    if (r.weight) p.read = toRow<P>(r.inputs, r.x + at * r.inputs, Workspace::packedInputs);
    p.s.hidden = H;
    p.s.projected = r.weight ? projected : r.projected + at * G * H;
    p.s.bias = r.bias;
    p.s.own = r.own;
    p.s.h = before;
    p.s.nextH = stateBefore(index + 1);
    p.s.c = p.s.nextC = hasCellState(C) ? r.c + row * cellStates(C) * H : nullptr;
    p.s.output = r.outputs + at * r.stride;
    return p;
  }

  /// What was read last of the weights is read first in the next step: it is still near.
  static bool isBackwards(ptrdiff_t index) { return index % 2 != 0; }

  void end() const { copy(r.h + row * r.hidden, stateBefore(steps), r.hidden); }

 private:
  ptrdiff_t stateSize() const { return blocksOf(r.hidden) * kWidth; }
  float *stateBefore(ptrdiff_t index) const { return states + (index % 2) * stateSize(); }

  static ptrdiff_t stepsOf(const RecurrentPacked &r, ptrdiff_t row) {
    ptrdiff_t steps = r.steps;
    while (steps > 0 && rowsAt(r, steps - 1) <= row) steps--;
    return steps;
  }
};

/// One sequence of several.
template <Cell C, Packing P>
void packedSteps(const RecurrentPacked &r, ptrdiff_t row) {
  const PackedSequence<C, P> sequence(r, row);
  const ptrdiff_t steps = sequence.steps;
  ptrdiff_t at = row;  // among the rows of all steps
  if (r.reverse)
    for (ptrdiff_t t = 0; t + 1 < steps; t++) at += rowsAt(r, t);
  for (ptrdiff_t index = 0; index < steps; index++) {
    const ptrdiff_t t = r.reverse ? steps - 1 - index : index;
    sequence.step(index, at);
    if (!r.reverse) at += rowsAt(r, t);
    else if (t > 0) at -= rowsAt(r, t - 1);
  }
  sequence.end();
}

/// Bytes of weights that a thread reads in a step, and in all steps, for which it is worth to have its states from another core.
constexpr ptrdiff_t kStepShare = 64 << 10, kShare = 2 << 20;

/// Threads that share the units of a single sequence: whole panels each.
template <Cell C, Packing P>
ptrdiff_t sharersOf(const RecurrentPacked &r) {
  ptrdiff_t sharers = threadsInRounds();
  if (sharers == 1) return 1;
  const ptrdiff_t bytes = packedSize({r.hidden, r.hidden, gateCount(C), P}), panels = blocksOf(r.hidden) / panelBlocks(gateCount(C));
  if (sharers > panels) sharers = panels;
  if (sharers > bytes / kStepShare) sharers = bytes / kStepShare;
  if (sharers > bytes * r.steps / kShare) sharers = bytes * r.steps / kShare;
  return sharers;
}

/// The only sequence, its units shared by threads: each reads its part of the weights from its own cache. No sum is cut or reordered, so
/// that the bits are those of one thread.
template <Cell C, Packing P>
struct SharedSequence {
  static constexpr ptrdiff_t G = gateCount(C);
  PackedSequence<C, P> sequence;
  ptrdiff_t sharers;
  float *sums;  // [H, G] in the order of packed columns

  SharedSequence(const RecurrentPacked &r, ptrdiff_t sharers)
      : sequence(r, 0), sharers(sharers), sums(workspace(Workspace::packedShift, blocksOf(r.hidden) * G * kWidth)) {}

  /// The first block of a part.
  ptrdiff_t firstOf(ptrdiff_t part) const {
    constexpr ptrdiff_t most = panelBlocks(G);
    const ptrdiff_t blocks = blocksOf(sequence.r.hidden);
    return part == sharers ? blocks : blocks / most * part / sharers * most;
  }

  /// The sums over the units of the parts up to its own begin before later parts have done the step before: a state takes a while to come
  /// from another core.
  void work(ptrdiff_t index, ptrdiff_t part, const Rounds &rounds) const {
    const ptrdiff_t first = firstOf(part), count = firstOf(part + 1) - first;
    const auto panels = [&](const auto &visit) { forEachPanel<panelBlocks(G)>(count, sequence.isBackwards(index), visit); };
    const auto awaitAll = [&](ptrdiff_t from, ptrdiff_t to) {
      for (ptrdiff_t other = from; other < to; other++) await(rounds, other, index);
    };
    awaitAll(0, part);
    if (P == Packing::int8) awaitAll(part + 1, sharers);  // a row is rounded as a whole
    const PackedStep<P> p = sequence.stepOf(index, sequence.r.reverse ? sequence.steps - 1 - index : index);
    if constexpr (P == Packing::float32)
      if (part + 1 < sharers) {
        const ptrdiff_t middle = firstOf(part + 1) * kWidth;
        const auto roomOf = [&](ptrdiff_t block) { return sums + (first + block) * G * kWidth; };
        panels([&](auto blocks, ptrdiff_t block) { firstOfPanel<C, P, blocks>(p, first + block, middle, roomOf(block)); });
        awaitAll(part + 1, sharers);
        return panels([&](auto blocks, ptrdiff_t block) { restOfPanel<C, P, blocks>(p, first + block, middle, roomOf(block)); });
      }
    panels([&](auto blocks, ptrdiff_t block) { stepPanel<C, P, blocks>(p, first + block); });
  }
};

template <Cell C, Packing P>
void packedStepsShared(const RecurrentPacked &r, ptrdiff_t sharers) {
  const SharedSequence<C, P> shared(r, sharers);
  const auto work = [](const void *context, ptrdiff_t index, ptrdiff_t part, const Rounds &rounds) {
    static_cast<const SharedSequence<C, P> *>(context)->work(index, part, rounds);
  };
  parallelRounds(shared.sequence.steps, sharers, work, &shared);
  shared.sequence.end();
}

}  // namespace
}  // namespace unroll
