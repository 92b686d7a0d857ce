// A selective state space with a diagonal A (Gu & Dao 2023): kSelectiveStates states of each unit. A row of the batch goes through all
// steps with its states in the cache; backwards its states are computed once more, which takes less time than to keep them.
#pragma once
#include "../runtime/workspace.h"
#include "functions.h"
#include "split.h"

namespace unroll {
namespace {

constexpr int N = kSelectiveStates;

/// x·σ(x), and its slope.
struct Silu {
  Vector value, slope;
};
ALWAYS_INLINE Silu silu(Vector x) {
  const Vector s = sigmoid(x);
  return {x * s, s * (1.0f + x * (1.0f - s))};
}

/// What a step computes of a unit before its states: x, Δ and its slope, and the gate.
struct SelectiveUnit {
  Silu x, gate;
  Softplus delta;
};

/// One lane: its arrays, and A = −exp(A_log), [N·H].
struct SelectiveLane {
  ptrdiff_t hidden;
  const float *a, *skip, *bias;
};

ALWAYS_INLINE SelectiveUnit selectiveUnit(const SelectiveLane &l, const float *inputs, ptrdiff_t unit) {
  const ptrdiff_t H = l.hidden, rest = H - unit;
  const Vector shifted = load(inputs + H + unit, rest) + load(l.bias + unit, rest);
  return {silu(load(inputs + unit, rest)), silu(load(inputs + 2 * H + unit, rest)), softplus(shifted)};
}

/// The states after a step, and h where `output` is not null: `mixing` holds B and C, a number for each state.
ALWAYS_INLINE void selectiveStep(const SelectiveLane &l, const float *inputs, const float *mixing, const float *before, float *after,
                                 float *output) {
  const ptrdiff_t H = l.hidden;
  for (ptrdiff_t unit = 0; unit < H; unit += kWidth) {
    const ptrdiff_t rest = H - unit;
    const SelectiveUnit u = selectiveUnit(l, inputs, unit);
    const Vector taken = u.delta.value * u.x.value;
    Vector y = load(l.skip + unit, rest) * u.x.value;
    for (int n = 0; n < N; n++) {
      const Vector kept = decay(u.delta.value * load(l.a + n * H + unit, rest));
      const Vector state = kept * load(before + n * H + unit, rest) + taken * mixing[n];
      store(after + n * H + unit, state, rest);
      y += state * mixing[N + n];
    }
    if (output) store(output + unit, y * u.gate.value, rest);
  }
}

/// A lane with its A in the workspace.
inline SelectiveLane selectiveLane(const SelectiveScan &s, ptrdiff_t lane) {
  const ptrdiff_t H = s.hidden;
  const float *weights = s.weights + lane * (N + 2) * H;
  float *a = workspace(Workspace::recurrentKernel, N * H);
  for (ptrdiff_t i = 0; i < N * H; i += kWidth) store(a + i, -exp(load(weights + i, N * H - i)), N * H - i);
  return {H, a, weights + N * H, weights + (N + 1) * H};
}

/// Where the arrays of a row begin at the step that is read `index`-th; among [L, T, B].
inline ptrdiff_t selectiveStepAt(const SelectiveScan &s, ptrdiff_t lane, ptrdiff_t row, ptrdiff_t index) {
  return (lane * s.steps + (s.reverse ? s.steps - 1 - index : index)) * s.batch + row;
}

void selectiveScan(const SelectiveScan &s) {
  const ptrdiff_t H = s.hidden;
  for (ptrdiff_t lane = 0; lane < s.lanes; lane++) {
    const SelectiveLane l = selectiveLane(s, lane);
    parallelFor(s.batch, 1, [&](ptrdiff_t first, ptrdiff_t count) {
      for (ptrdiff_t row = first; row < first + count; row++) {
        float *states = s.last + (lane * s.batch + row) * N * H;
        copy(states, s.start + (lane * s.batch + row) * N * H, N * H);
        for (ptrdiff_t index = 0; index < s.steps; index++) {
          const ptrdiff_t at = selectiveStepAt(s, lane, row, index);
          if (s.valid && !s.valid[at]) fillZero(s.outputs + at * H, H);
          else selectiveStep(l, s.inputs + at * 3 * H, s.mixing + at * 2 * N, states, states, s.outputs + at * H);
        }
      }
    });
  }
}

/// Gradients of a row that are summed up over the steps: of the states before a step, and of the weights.
struct SelectiveSums {
  float *states, *a, *skip, *bias;
};

/// One step backwards, from the gradient of h: `before` and `after` are the states.
inline void selectiveStepBack(const SelectiveLane &l, const float *inputs, const float *mixing, const float *before, const float *after,
                              const float *gradOutput, const SelectiveSums &sums, float *gradInputs, float *gradMixing) {
  const ptrdiff_t H = l.hidden;
  Vector ofMixing[2 * N] = {};
  for (ptrdiff_t unit = 0; unit < H; unit += kWidth) {
    const ptrdiff_t rest = H - unit;
    const SelectiveUnit u = selectiveUnit(l, inputs, unit);
    const Vector x = u.x.value, skip = load(l.skip + unit, rest), dh = load(gradOutput + unit, rest), dy = dh * u.gate.value;
    Vector y = skip * x, ofDelta{}, ofTaken{};
    for (int n = 0; n < N; n++) {
      const ptrdiff_t place = n * H + unit;
      const Vector a = load(l.a + place, rest), kept = decay(u.delta.value * a), state = load(after + place, rest);
      const Vector ds = load(sums.states + place, rest) + dy * mixing[N + n];
      const Vector ofExponent = ds * kept * load(before + place, rest);
      y += state * mixing[N + n];
      ofMixing[N + n] += dy * state;
      ofMixing[n] += ds * u.delta.value * x;
      ofTaken += ds * mixing[n];
      ofDelta += ofExponent * a;
      // A = −exp(A_log) is its own derivative.
      store(sums.a + place, load(sums.a + place, rest) + ofExponent * u.delta.value * a, rest);
      store(sums.states + place, ds * kept, rest);
    }
    const Vector shifted = (ofDelta + ofTaken * x) * u.delta.slope;
    store(gradInputs + unit, (ofTaken * u.delta.value + dy * skip) * u.x.slope, rest);
    store(gradInputs + H + unit, shifted, rest);
    store(gradInputs + 2 * H + unit, dh * y * u.gate.slope, rest);
    store(sums.skip + unit, load(sums.skip + unit, rest) + dy * x, rest);
    store(sums.bias + unit, load(sums.bias + unit, rest) + shifted, rest);
  }
  for (int n = 0; n < 2 * N; n++) gradMixing[n] = sum(ofMixing[n]);
}

/// One row of the batch backwards. `states`: room for those before each step and after the last, [T + 1, N·H].
inline void selectiveRowBack(const SelectiveScan &s, const SelectiveScanGradient &d, const SelectiveLane &l, ptrdiff_t lane,
                             ptrdiff_t row, float *states) {
  const ptrdiff_t H = s.hidden, place = lane * s.batch + row;
  copy(states, s.start + place * N * H, N * H);
  for (ptrdiff_t index = 0; index < s.steps; index++) {
    const ptrdiff_t at = selectiveStepAt(s, lane, row, index);
    float *before = states + index * N * H, *after = before + N * H;
    if (s.valid && !s.valid[at]) copy(after, before, N * H);
    else selectiveStep(l, s.inputs + at * 3 * H, s.mixing + at * 2 * N, before, after, nullptr);
  }
  float *weights = d.weights + place * (N + 2) * H;
  const SelectiveSums sums{d.start + place * N * H, weights, weights + N * H, weights + (N + 1) * H};
  copy(sums.states, d.last + place * N * H, N * H);
  fillZero(weights, (N + 2) * H);
  for (ptrdiff_t index = s.steps - 1; index >= 0; index--) {
    const ptrdiff_t at = selectiveStepAt(s, lane, row, index);
    const float *before = states + index * N * H;
    float *gradInputs = d.inputs + at * 3 * H, *gradMixing = d.mixing + at * 2 * N;
    if (s.valid && !s.valid[at]) {
      fillZero(gradInputs, 3 * H);
      fillZero(gradMixing, 2 * N);
    } else {
      selectiveStepBack(l, s.inputs + at * 3 * H, s.mixing + at * 2 * N, before, before + N * H, d.outputs + at * H, sums, gradInputs,
                        gradMixing);
    }
  }
}

void selectiveScanGradient(const SelectiveScan &s, const SelectiveScanGradient &d) {
  for (ptrdiff_t lane = 0; lane < s.lanes; lane++) {
    const SelectiveLane l = selectiveLane(s, lane);
    parallelFor(s.batch, 1, [&](ptrdiff_t first, ptrdiff_t count) {
      float *states = workspace(Workspace::gateGradients, (s.steps + 1) * N * s.hidden);
      for (ptrdiff_t row = first; row < first + count; row++) selectiveRowBack(s, d, l, lane, row, states);
    });
  }
}

}  // namespace
}  // namespace unroll
