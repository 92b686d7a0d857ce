// Layers whose units do not see one another: one pass over time, step by step, with vectors over the units. On a processor that is
// less work than a parallel scan, and memory is read in its order.
#pragma once
#include "../runtime/workspace.h"
#include "scan-cells.h"
#include "split.h"

namespace unroll {
namespace {

/// A vector at `unit` of each of N blocks of `hidden` columns.
template <int N>
ALWAYS_INLINE void loadBlocks(Vector *to, const float *from, ptrdiff_t hidden, ptrdiff_t unit) {
#pragma GCC unroll 4
  for (int block = 0; block < N; block++) to[block] = load(from + block * hidden + unit, hidden - unit);
}

template <int N>
ALWAYS_INLINE void storeBlocks(float *to, const Vector *from, ptrdiff_t hidden, ptrdiff_t unit) {
#pragma GCC unroll 4
  for (int block = 0; block < N; block++) store(to + block * hidden + unit, from[block], hidden - unit);
}

/// Blocks of what a step takes of the weights.
template <ScanCell C>
constexpr int stepWeights() {
  return Unit<C>::derived > 0 ? Unit<C>::derived : scanBlocks(C).weights;
}

/// What the steps of one lane take of the weights, [weightRows, stepWeights·H]; null where there are none.
template <ScanCell C>
const float *laneWeights(const Scan &s, ptrdiff_t lane) {
  constexpr int W = scanBlocks(C).weights, D = Unit<C>::derived;
  const ptrdiff_t H = s.hidden;
  const float *weights = W ? s.weights + lane * s.weightRows * W * H : nullptr;
  if constexpr (D > 0) {
    float *derived = workspace(Workspace::recurrentKernel, s.weightRows * D * H);
    for (ptrdiff_t row = 0; row < s.weightRows; row++)
      for (ptrdiff_t unit = 0; unit < H; unit += kWidth) {
        Vector w[W], d[D];
        loadBlocks<W>(w, weights + row * W * H, H, unit);
        Unit<C>::derive(w, d);
        storeBlocks<D>(derived + row * D * H, d, H, unit);
      }
    return derived;
  } else {
    return weights;
  }
}

/// The weights of a row of the batch.
template <ScanCell C>
ALWAYS_INLINE const float *rowWeights(const Scan &s, const float *weights, ptrdiff_t row) {
  return weights && s.weightRows > 1 ? weights + row * stepWeights<C>() * s.hidden : weights;
}

/// `count` rows of the batch of one lane, from row `first` on, over the whole sequence.
template <ScanCell C>
void scanRows(const Scan &s, const float *weights, ptrdiff_t lane, ptrdiff_t first, ptrdiff_t count) {
  constexpr ScanBlocks N = scanBlocks(C);
  constexpr int W = stepWeights<C>();
  const ptrdiff_t T = s.steps, B = s.batch, H = s.hidden, SH = N.states * H;
  const float *before = s.start + lane * B * SH;
  for (ptrdiff_t index = 0; index < T; index++) {
    const ptrdiff_t t = s.reverse ? T - 1 - index : index, step = (lane * T + t) * B;
    for (ptrdiff_t row = first; row < first + count; row++) {
      const float *x = s.inputs + (step + row) * N.inputs * H, *h = before + row * SH, *w = rowWeights<C>(s, weights, row);
      float *output = s.outputs + (step + row) * SH, *after = s.states + (step + row) * SH;
      if (s.valid && !s.valid[step + row]) {
        fillZero(output, SH);
        copy(after, h, SH);
        continue;
      }
      for (ptrdiff_t unit = 0; unit < H; unit += kWidth) {
        Vector inputs[N.inputs], own[W + 1], states[N.states], next[N.states];
        loadBlocks<N.inputs>(inputs, x, H, unit);
        loadBlocks<W>(own, w, H, unit);
        loadBlocks<N.states>(states, h, H, unit);
        Unit<C>::step(inputs, own, states, next);
        storeBlocks<N.states>(output, next, H, unit);
        if (after != output) storeBlocks<N.states>(after, next, H, unit);
      }
    }
    before = s.states + step * SH;
  }
  copy(s.last + (lane * B + first) * SH, before + first * SH, count * SH);
}

/// The same backwards, from the last step to the first. `ofWeights`: the gradients of what the steps take of the weights, of each row.
template <ScanCell C>
void scanRowsBack(const Scan &s, const ScanGradient &d, const float *weights, float *ofWeights, ptrdiff_t lane, ptrdiff_t first,
                  ptrdiff_t count) {
  constexpr ScanBlocks N = scanBlocks(C);
  constexpr int W = stepWeights<C>();
  const ptrdiff_t T = s.steps, B = s.batch, H = s.hidden, SH = N.states * H, WH = W * H;
  float *gradients = d.start + lane * B * SH;
  copy(gradients + first * SH, d.last + (lane * B + first) * SH, count * SH);
  if (W) fillZero(ofWeights + first * WH, count * WH);
  for (ptrdiff_t index = T - 1; index >= 0; index--) {
    const ptrdiff_t t = s.reverse ? T - 1 - index : index, step = (lane * T + t) * B;
    const float *before = index == 0 ? s.start + lane * B * SH : s.states + (step + (s.reverse ? B : -B)) * SH;
    for (ptrdiff_t row = first; row < first + count; row++) {
      float *dx = d.inputs + (step + row) * N.inputs * H;
      if (s.valid && !s.valid[step + row]) {
        fillZero(dx, N.inputs * H);
        continue;
      }
      const float *x = s.inputs + (step + row) * N.inputs * H, *w = rowWeights<C>(s, weights, row);
      const float *h = before + row * SH, *after = s.states + (step + row) * SH, *dy = d.outputs + (step + row) * SH;
      float *dh = gradients + row * SH, *dw = W ? ofWeights + row * WH : nullptr;
      for (ptrdiff_t unit = 0; unit < H; unit += kWidth) {
        Vector inputs[N.inputs], own[W + 1], states[N.states], next[N.states];
        Vector ofInputs[N.inputs], ofOwn[W + 1], ofStates[N.states], ofOutputs[N.states];
        loadBlocks<N.inputs>(inputs, x, H, unit);
        loadBlocks<W>(own, w, H, unit);
        loadBlocks<W>(ofOwn, dw, H, unit);
        loadBlocks<N.states>(states, h, H, unit);
        loadBlocks<N.states>(next, after, H, unit);
        loadBlocks<N.states>(ofStates, dh, H, unit);
        loadBlocks<N.states>(ofOutputs, dy, H, unit);
        for (int block = 0; block < N.states; block++) ofStates[block] += ofOutputs[block];
        Unit<C>::back(inputs, own, states, next, ofStates, ofInputs, ofOwn);
        storeBlocks<N.inputs>(dx, ofInputs, H, unit);
        storeBlocks<W>(dw, ofOwn, H, unit);
        storeBlocks<N.states>(dh, ofStates, H, unit);
      }
    }
  }
}

template <ScanCell C>
void scanOf(const Scan &s) {
  for (ptrdiff_t lane = 0; lane < s.lanes; lane++) {
    const float *weights = laneWeights<C>(s, lane);
    parallelFor(s.batch, 1, [&](ptrdiff_t first, ptrdiff_t count) { scanRows<C>(s, weights, lane, first, count); });
  }
}

/// The gradients of one lane's weights from those of what was derived of them, [B, derived·H].
template <ScanCell C>
void differentiateWeights(const Scan &s, const ScanGradient &d, const float *ofDerived, ptrdiff_t lane) {
  constexpr int W = scanBlocks(C).weights, D = Unit<C>::derived;
  const ptrdiff_t H = s.hidden;
  for (ptrdiff_t row = 0; row < s.batch; row++) {
    const float *w = s.weights + (lane * s.weightRows + (s.weightRows > 1 ? row : 0)) * W * H;
    float *dw = d.weights + (lane * s.batch + row) * W * H;
    for (ptrdiff_t unit = 0; unit < H; unit += kWidth) {
      Vector own[W], of[D], ofOwn[W];
      loadBlocks<W>(own, w, H, unit);
      loadBlocks<D>(of, ofDerived + row * D * H, H, unit);
      Unit<C>::backDerived(own, of, ofOwn);
      storeBlocks<W>(dw, ofOwn, H, unit);
    }
  }
}

template <ScanCell C>
void scanGradientOf(const Scan &s, const ScanGradient &d) {
  constexpr int W = scanBlocks(C).weights, D = Unit<C>::derived;
  for (ptrdiff_t lane = 0; lane < s.lanes; lane++) {
    const float *weights = laneWeights<C>(s, lane);
    float *ofWeights = D ? workspace(Workspace::gateGradients, s.batch * D * s.hidden)
                         : W ? d.weights + lane * s.batch * W * s.hidden : nullptr;
    parallelFor(s.batch, 1, [&](ptrdiff_t first, ptrdiff_t count) {
      scanRowsBack<C>(s, d, weights, ofWeights, lane, first, count);
    });
    if constexpr (D > 0) differentiateWeights<C>(s, d, ofWeights, lane);
  }
}

void scan(const Scan &s) {
  switch (s.cell) {
    case ScanCell::linear: return scanOf<ScanCell::linear>(s);
    case ScanCell::lru: return scanOf<ScanCell::lru>(s);
    case ScanCell::minGru: return scanOf<ScanCell::minGru>(s);
    case ScanCell::minLstm: return scanOf<ScanCell::minLstm>(s);
    case ScanCell::indRnn: return scanOf<ScanCell::indRnn>(s);
    case ScanCell::rgLru: return scanOf<ScanCell::rgLru>(s);
  }
}

void scanGradient(const Scan &s, const ScanGradient &d) {
  switch (s.cell) {
    case ScanCell::linear: return scanGradientOf<ScanCell::linear>(s, d);
    case ScanCell::lru: return scanGradientOf<ScanCell::lru>(s, d);
    case ScanCell::minGru: return scanGradientOf<ScanCell::minGru>(s, d);
    case ScanCell::minLstm: return scanGradientOf<ScanCell::minLstm>(s, d);
    case ScanCell::indRnn: return scanGradientOf<ScanCell::indRnn>(s, d);
    case ScanCell::rgLru: return scanGradientOf<ScanCell::rgLru>(s, d);
  }
}

}  // namespace
}  // namespace unroll
