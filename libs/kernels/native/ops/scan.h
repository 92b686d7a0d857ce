// Layers whose units do not see one another: one pass over time, step by step, with vectors over the units. On a processor that is
// less work than a parallel scan, and memory is read in its order.
#pragma once
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

/// Where a row of the batch is among [L, B], and its weights.
struct ScanRow {
  ptrdiff_t state;
  const float *weights;
};

template <ScanCell C>
ALWAYS_INLINE ScanRow scanRow(const Scan &s, ptrdiff_t lane, ptrdiff_t row) {
  const ptrdiff_t width = scanBlocks(C).weights * s.hidden, ownRow = s.weightRows > 1 ? row : 0;
  return {lane * s.batch + row, width ? s.weights + (lane * s.weightRows + ownRow) * width : nullptr};
}

/// `count` rows of the batch of one lane, from row `first` on, over the whole sequence.
template <ScanCell C>
void scanRows(const Scan &s, ptrdiff_t lane, ptrdiff_t first, ptrdiff_t count) {
  constexpr ScanBlocks N = scanBlocks(C);
  const ptrdiff_t T = s.steps, B = s.batch, H = s.hidden, SH = N.states * H;
  const float *before = s.start + lane * B * SH;
  for (ptrdiff_t index = 0; index < T; index++) {
    const ptrdiff_t t = s.reverse ? T - 1 - index : index, step = (lane * T + t) * B;
    for (ptrdiff_t row = first; row < first + count; row++) {
      const float *x = s.inputs + (step + row) * N.inputs * H, *h = before + row * SH, *w = scanRow<C>(s, lane, row).weights;
      float *output = s.outputs + (step + row) * SH, *after = s.states + (step + row) * SH;
      if (s.valid && !s.valid[step + row]) {
        fillZero(output, SH);
        copy(after, h, SH);
        continue;
      }
      for (ptrdiff_t unit = 0; unit < H; unit += kWidth) {
        Vector inputs[N.inputs], weights[N.weights + 1], states[N.states], next[N.states];
        loadBlocks<N.inputs>(inputs, x, H, unit);
        loadBlocks<N.weights>(weights, w, H, unit);
        loadBlocks<N.states>(states, h, H, unit);
        Unit<C>::step(inputs, weights, states, next);
        storeBlocks<N.states>(output, next, H, unit);
        if (after != output) storeBlocks<N.states>(after, next, H, unit);
      }
    }
    before = s.states + step * SH;
  }
  copy(s.last + (lane * B + first) * SH, before + first * SH, count * SH);
}

/// The same backwards, from the last step to the first.
template <ScanCell C>
void scanRowsBack(const Scan &s, const ScanGradient &d, ptrdiff_t lane, ptrdiff_t first, ptrdiff_t count) {
  constexpr ScanBlocks N = scanBlocks(C);
  const ptrdiff_t T = s.steps, B = s.batch, H = s.hidden, SH = N.states * H, WH = N.weights * H;
  float *gradients = d.start + lane * B * SH;
  copy(gradients + first * SH, d.last + (lane * B + first) * SH, count * SH);
  if (WH) fillZero(d.weights + (lane * B + first) * WH, count * WH);
  for (ptrdiff_t index = T - 1; index >= 0; index--) {
    const ptrdiff_t t = s.reverse ? T - 1 - index : index, step = (lane * T + t) * B;
    const float *before = index == 0 ? s.start + lane * B * SH : s.states + (step + (s.reverse ? B : -B)) * SH;
    for (ptrdiff_t row = first; row < first + count; row++) {
      float *dx = d.inputs + (step + row) * N.inputs * H;
      if (s.valid && !s.valid[step + row]) {
        fillZero(dx, N.inputs * H);
        continue;
      }
      const float *x = s.inputs + (step + row) * N.inputs * H, *w = scanRow<C>(s, lane, row).weights;
      const float *h = before + row * SH, *after = s.states + (step + row) * SH, *dy = d.outputs + (step + row) * SH;
      float *dh = gradients + row * SH, *dw = WH ? d.weights + (lane * B + row) * WH : nullptr;
      for (ptrdiff_t unit = 0; unit < H; unit += kWidth) {
        Vector inputs[N.inputs], weights[N.weights + 1], states[N.states], next[N.states];
        Vector ofInputs[N.inputs], ofWeights[N.weights + 1], ofStates[N.states], ofOutputs[N.states];
        loadBlocks<N.inputs>(inputs, x, H, unit);
        loadBlocks<N.weights>(weights, w, H, unit);
        loadBlocks<N.weights>(ofWeights, dw, H, unit);
        loadBlocks<N.states>(states, h, H, unit);
        loadBlocks<N.states>(next, after, H, unit);
        loadBlocks<N.states>(ofStates, dh, H, unit);
        loadBlocks<N.states>(ofOutputs, dy, H, unit);
        for (int block = 0; block < N.states; block++) ofStates[block] += ofOutputs[block];
        Unit<C>::back(inputs, weights, states, next, ofStates, ofInputs, ofWeights);
        storeBlocks<N.inputs>(dx, ofInputs, H, unit);
        storeBlocks<N.weights>(dw, ofWeights, H, unit);
        storeBlocks<N.states>(dh, ofStates, H, unit);
      }
    }
  }
}

/// Calls `work` for the rows of each lane, on all threads.
template <typename Work>
ALWAYS_INLINE void forEachScanRow(const Scan &s, const Work &work) {
  for (ptrdiff_t lane = 0; lane < s.lanes; lane++)
    parallelFor(s.batch, 1, [&](ptrdiff_t first, ptrdiff_t count) { work(lane, first, count); });
}

template <ScanCell C>
void scanOf(const Scan &s) {
  forEachScanRow(s, [&](ptrdiff_t lane, ptrdiff_t first, ptrdiff_t count) { scanRows<C>(s, lane, first, count); });
}

template <ScanCell C>
void scanGradientOf(const Scan &s, const ScanGradient &d) {
  forEachScanRow(s, [&](ptrdiff_t lane, ptrdiff_t first, ptrdiff_t count) { scanRowsBack<C>(s, d, lane, first, count); });
}

void scan(const Scan &s) {
  switch (s.cell) {
    case ScanCell::linear: return scanOf<ScanCell::linear>(s);
    case ScanCell::complexLinear: return scanOf<ScanCell::complexLinear>(s);
    case ScanCell::minGru: return scanOf<ScanCell::minGru>(s);
    case ScanCell::minLstm: return scanOf<ScanCell::minLstm>(s);
    case ScanCell::indRnn: return scanOf<ScanCell::indRnn>(s);
    case ScanCell::rgLru: return scanOf<ScanCell::rgLru>(s);
  }
}

void scanGradient(const Scan &s, const ScanGradient &d) {
  switch (s.cell) {
    case ScanCell::linear: return scanGradientOf<ScanCell::linear>(s, d);
    case ScanCell::complexLinear: return scanGradientOf<ScanCell::complexLinear>(s, d);
    case ScanCell::minGru: return scanGradientOf<ScanCell::minGru>(s, d);
    case ScanCell::minLstm: return scanGradientOf<ScanCell::minLstm>(s, d);
    case ScanCell::indRnn: return scanGradientOf<ScanCell::indRnn>(s, d);
    case ScanCell::rgLru: return scanGradientOf<ScanCell::rgLru>(s, d);
  }
}

}  // namespace
}  // namespace unroll
