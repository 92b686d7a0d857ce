// A selective state space with a diagonal A (Gu & Dao 2023): kSelectiveStates states of each unit. Of a row of the batch, what a step reads
// is brought into the cache in the order of memory; then a vector of units at a time goes through all steps with its states in registers.
// Backwards its states are computed once more, which takes less time than to keep them.
#pragma once
#include "../runtime/workspace.h"
#include "functions.h"
#include "split.h"

namespace unroll {
namespace {

constexpr int N = kSelectiveStates;

/// 2ˣ for x ≤ 0, at least 1e-38: exactly 1 for 0, relative error below 2e-7, NaN for NaN. 2ⁿ·2ᶠ with |f| ≤ 1/2, and the polynomial of
/// degree 6 with the least relative error.
ALWAYS_INLINE Vector powerOfTwo(Vector x) {
  const Vector magic = broadcast(12582912.0f);  // 1.5·2²³: adding it rounds to an integer
  const Vector bounded = greater(broadcast(-126.0f), x), shifted = bounded + magic, f = bounded - (shifted - magic);
  Vector p = f * 0.000153533619f + 0.00133988744f;
  p = p * f + 0.00961843736f;
  p = p * f + 0.0555033247f;
  p = p * f + 0.240226479f;
  p = p * f + 0.693147203f;
  p = p * f + 1.0f;
  return reinterpret_cast<Vector>(reinterpret_cast<Integers>(p) + (reinterpret_cast<Integers>(shifted) << 23));
}

/// x·σ(x), and its slope.
struct Silu {
  Vector value, slope;
};
ALWAYS_INLINE Silu silu(Vector x) {
  const Vector s = sigmoid(x);
  return {x * s, s * (1.0f + x * (1.0f - s))};
}

/// out = SiLU of the first of three blocks: x [rows, 3·width], out [rows, width].
void firstSilu(ptrdiff_t rows, ptrdiff_t width, const float *x, float *out) {
  for (ptrdiff_t row = 0; row < rows; row++, x += 3 * width, out += width)
    for (ptrdiff_t i = 0; i < width; i += kWidth) store(out + i, silu(load(x + i, width - i)).value, width - i);
}

/// The gradient of x from that of `out`: 0 in the other blocks.
void firstSiluGradient(ptrdiff_t rows, ptrdiff_t width, const float *x, const float *gradOut, float *out) {
  for (ptrdiff_t row = 0; row < rows; row++, x += 3 * width, gradOut += width, out += 3 * width) {
    for (ptrdiff_t i = 0; i < width; i += kWidth)
      store(out + i, load(gradOut + i, width - i) * silu(load(x + i, width - i)).slope, width - i);
    fillZero(out + width, 2 * width);
  }
}

/// Vectors of units.
inline ptrdiff_t selectiveVectors(const SelectiveScan &s) { return (s.hidden + kWidth - 1) / kWidth; }

/// A lane's weights, padded to whole vectors, for each vector of units: A·log₂e of each state, D, the bias of Δ.
constexpr int kSelectiveWeights = N + 2;
inline const float *selectiveWeights(const SelectiveScan &s, ptrdiff_t lane) {
  const ptrdiff_t H = s.hidden;
  const float *weights = s.weights + lane * kSelectiveWeights * H;
  float *padded = workspace(Workspace::recurrentKernel, selectiveVectors(s) * kSelectiveWeights * kWidth), *to = padded;
  for (ptrdiff_t unit = 0; unit < H; unit += kWidth)
    for (int block = 0; block < kSelectiveWeights; block++, to += kWidth) {
      const Vector weight = load(weights + block * H + unit, H - unit);
      store(to, block < N ? exp(weight) * -1.44269504f : weight);
    }
  return padded;
}

/// One row of the batch of a lane.
struct SelectiveRow {
  const SelectiveScan &s;
  ptrdiff_t lane, row;

  ptrdiff_t place() const { return lane * s.batch + row; }
  /// Where the arrays of the step that is read `index`-th begin, among [L, T, B].
  ptrdiff_t at(ptrdiff_t index) const { return (lane * s.steps + (s.reverse ? s.steps - 1 - index : index)) * s.batch + row; }
  bool masked(ptrdiff_t at) const { return s.valid && !s.valid[at]; }
};

/// What a vector of units reads at a step, and afterwards y in place of x.
struct SelectiveInput {
  Vector x, delta, gate;
};

/// The same for the way back, with slopes, and the gradients of y and of the gate, ∂y and ∂h·slope. Afterwards, in place of the slopes, the
/// gradients of the three blocks.
struct SelectiveInputBack {
  Silu x;
  Softplus delta;
  Vector ofY, ofGate;
};

/// Fills `inputs`, [vectors, T], of all units and steps.
inline void readSelective(const SelectiveRow &r, const float *weights, SelectiveInput *inputs) {
  const ptrdiff_t T = r.s.steps, H = r.s.hidden;
  for (ptrdiff_t index = 0; index < T; index++) {
    const ptrdiff_t at = r.at(index);
    if (r.masked(at)) continue;
    const float *from = r.s.inputs + at * 3 * H, *bias = weights + (N + 1) * kWidth;
    SelectiveInput *to = inputs + index;
    for (ptrdiff_t unit = 0; unit < H; unit += kWidth, to += T, bias += kSelectiveWeights * kWidth) {
      const ptrdiff_t rest = H - unit;
      *to = {silu(load(from + unit, rest)).value, softplus(load(from + H + unit, rest) + load(bias)).value,
             silu(load(from + 2 * H + unit, rest)).value};
    }
  }
}

inline void readSelectiveBack(const SelectiveRow &r, const SelectiveScanGradient &d, const float *weights, SelectiveInputBack *inputs) {
  const ptrdiff_t T = r.s.steps, H = r.s.hidden;
  for (ptrdiff_t index = 0; index < T; index++) {
    const ptrdiff_t at = r.at(index);
    if (r.masked(at)) continue;
    const float *from = r.s.inputs + at * 3 * H, *gradient = d.outputs + at * H, *bias = weights + (N + 1) * kWidth;
    SelectiveInputBack *to = inputs + index;
    for (ptrdiff_t unit = 0; unit < H; unit += kWidth, to += T, bias += kSelectiveWeights * kWidth) {
      const ptrdiff_t rest = H - unit;
      const Silu gate = silu(load(from + 2 * H + unit, rest));
      const Vector dh = load(gradient + unit, rest);
      *to = {silu(load(from + unit, rest)), softplus(load(from + H + unit, rest) + load(bias)), dh * gate.value, dh * gate.slope};
    }
  }
}

/// What the way back reads of a step of a vector of units: the states before it, and by how much each was kept.
struct SelectiveStep {
  Vector before[N], kept[N];
};

/// The units from `unit` on through all steps, of which `inputs` is what they read: y in place of x, and the last states.
void selectiveUnits(const SelectiveRow &r, const float *weights, ptrdiff_t unit, SelectiveInput *inputs) {
  const SelectiveScan &s = r.s;
  const ptrdiff_t H = s.hidden, rest = H - unit, first = r.place() * N * H + unit;
  const Vector skip = load(weights + N * kWidth);
  Vector states[N];
#pragma GCC unroll 16
  for (int n = 0; n < N; n++) states[n] = load(s.start + first + n * H, rest);
  for (ptrdiff_t index = 0; index < s.steps; index++) {
    const ptrdiff_t at = r.at(index);
    if (r.masked(at)) continue;
    const float *mixing = s.mixing + at * 2 * N;
    const Vector x = inputs[index].x, delta = inputs[index].delta, taken = delta * x;
    Vector y = skip * x;
#pragma GCC unroll 16
    for (int n = 0; n < N; n++) {
      states[n] = powerOfTwo(delta * load(weights + n * kWidth)) * states[n] + taken * mixing[n];
      y += states[n] * mixing[N + n];
    }
    inputs[index].x = y;
  }
#pragma GCC unroll 16
  for (int n = 0; n < N; n++) store(s.last + first + n * H, states[n], rest);
}

void selectiveScan(const SelectiveScan &s) {
  const ptrdiff_t T = s.steps, H = s.hidden;
  constexpr ptrdiff_t size = sizeof(SelectiveInput) / sizeof(float);
  for (ptrdiff_t lane = 0; lane < s.lanes; lane++) {
    const float *weights = selectiveWeights(s, lane);
    parallelFor(s.batch, 1, [&](ptrdiff_t first, ptrdiff_t count) {
      auto *inputs = reinterpret_cast<SelectiveInput *>(workspace(Workspace::gateGradients, selectiveVectors(s) * T * size));
      for (ptrdiff_t row = first; row < first + count; row++) {
        const SelectiveRow r{s, lane, row};
        readSelective(r, weights, inputs);
        for (ptrdiff_t v = 0; v < selectiveVectors(s); v++)
          selectiveUnits(r, weights + v * kSelectiveWeights * kWidth, v * kWidth, inputs + v * T);
        for (ptrdiff_t index = 0; index < T; index++) {
          float *output = s.outputs + r.at(index) * H;
          const SelectiveInput *from = inputs + index;
          if (r.masked(r.at(index))) fillZero(output, H);
          else for (ptrdiff_t unit = 0; unit < H; unit += kWidth, from += T) store(output + unit, from->x * from->gate, H - unit);
        }
      }
    });
  }
}

/// Fills `steps`, [T + 1], of which the last one has its states only.
void recomputeSelective(const SelectiveRow &r, const float *weights, ptrdiff_t unit, const SelectiveInputBack *inputs,
                        SelectiveStep *steps) {
  const SelectiveScan &s = r.s;
  const ptrdiff_t H = s.hidden, rest = H - unit, first = r.place() * N * H + unit;
  Vector states[N];
#pragma GCC unroll 16
  for (int n = 0; n < N; n++) steps[0].before[n] = states[n] = load(s.start + first + n * H, rest);
  for (ptrdiff_t index = 0; index < s.steps; index++) {
    const ptrdiff_t at = r.at(index);
    const float *mixing = s.mixing + at * 2 * N;
    if (r.masked(at)) {
      for (int n = 0; n < N; n++) steps[index + 1].before[n] = states[n];
      continue;
    }
    const Vector delta = inputs[index].delta.value, taken = delta * inputs[index].x.value;
#pragma GCC unroll 16
    for (int n = 0; n < N; n++) {
      const Vector kept = powerOfTwo(delta * load(weights + n * kWidth));
      steps[index].kept[n] = kept;
      steps[index + 1].before[n] = states[n] = kept * states[n] + taken * mixing[n];
    }
  }
}

/// The units from `unit` on backwards. `ofMixing`, [T, 2·N] vectors: their part of the gradients of B and C is added.
void selectiveUnitsBack(const SelectiveRow &r, const SelectiveScanGradient &d, const float *weights, ptrdiff_t unit,
                        const SelectiveStep *steps, SelectiveInputBack *inputs, Vector *ofMixing) {
  const SelectiveScan &s = r.s;
  const ptrdiff_t H = s.hidden, rest = H - unit, first = r.place() * N * H + unit;
  const Vector skip = load(weights + N * kWidth);
  Vector ofStates[N], ofA[N] = {}, ofSkip{}, ofBias{};
#pragma GCC unroll 16
  for (int n = 0; n < N; n++) ofStates[n] = load(d.last + first + n * H, rest);
  for (ptrdiff_t index = s.steps - 1; index >= 0; index--) {
    const ptrdiff_t at = r.at(index);
    if (r.masked(at)) continue;
    const SelectiveStep &step = steps[index];
    const Vector *after = steps[index + 1].before;
    const float *mixing = s.mixing + at * 2 * N;
    Vector *sums = ofMixing + index * 2 * N;
    SelectiveInputBack &input = inputs[index];
    const Vector x = input.x.value, delta = input.delta.value, taken = delta * x, dy = input.ofY;
    Vector y = skip * x, ofDelta{}, ofTaken{};
#pragma GCC unroll 16
    for (int n = 0; n < N; n++) {
      const Vector ds = ofStates[n] + dy * mixing[N + n];
      ofStates[n] = ds * step.kept[n];
      const Vector ofExponent = ofStates[n] * step.before[n];
      y += after[n] * mixing[N + n];
      sums[N + n] += dy * after[n];
      sums[n] += ds * taken;
      ofTaken += ds * mixing[n];
      ofDelta += ofExponent * load(weights + n * kWidth);
      ofA[n] += ofExponent * delta;
    }
    ofSkip += dy * x;
    input.x.slope = (ofTaken * delta + dy * skip) * input.x.slope;
    // The weights are A·log₂e.
    input.delta.slope = (ofDelta * 0.693147181f + ofTaken * x) * input.delta.slope;
    ofBias += input.delta.slope;
    input.ofGate = y * input.ofGate;
  }
  float *ofWeights = d.weights + r.place() * kSelectiveWeights * H + unit;
  for (int n = 0; n < N; n++) {
    // A = −exp(A_log) is its own derivative.
    store(ofWeights + n * H, ofA[n] * load(weights + n * kWidth) * 0.693147181f, rest);
    store(d.start + first + n * H, ofStates[n], rest);
  }
  store(ofWeights + N * H, ofSkip, rest);
  store(ofWeights + (N + 1) * H, ofBias, rest);
}

/// Scratch of the way back of a row: [vectors, T], [T + 1] and [T, 2·N].
struct SelectiveScratch {
  SelectiveInputBack *inputs;
  SelectiveStep *steps;
  Vector *ofMixing;
};

/// One row of the batch backwards.
inline void selectiveRowBack(const SelectiveRow &r, const SelectiveScanGradient &d, const float *weights, const SelectiveScratch &scratch) {
  const ptrdiff_t T = r.s.steps, H = r.s.hidden;
  readSelectiveBack(r, d, weights, scratch.inputs);
  fillZero(reinterpret_cast<float *>(scratch.ofMixing), T * 2 * N * kWidth);
  SelectiveInputBack *inputs = scratch.inputs;
  for (ptrdiff_t unit = 0; unit < H; unit += kWidth, weights += kSelectiveWeights * kWidth, inputs += T) {
    recomputeSelective(r, weights, unit, inputs, scratch.steps);
    selectiveUnitsBack(r, d, weights, unit, scratch.steps, inputs, scratch.ofMixing);
  }
  for (ptrdiff_t index = 0; index < T; index++) {
    const ptrdiff_t at = r.at(index);
    float *gradInputs = d.inputs + at * 3 * H;
    const SelectiveInputBack *from = scratch.inputs + index;
    if (r.masked(at)) fillZero(gradInputs, 3 * H);
    else for (ptrdiff_t unit = 0; unit < H; unit += kWidth, from += T) {
      store(gradInputs + unit, from->x.slope, H - unit);
      store(gradInputs + H + unit, from->delta.slope, H - unit);
      store(gradInputs + 2 * H + unit, from->ofGate, H - unit);
    }
    for (int n = 0; n < 2 * N; n++) d.mixing[at * 2 * N + n] = sumByHalves(scratch.ofMixing[index * 2 * N + n]);
  }
}

void selectiveScanGradient(const SelectiveScan &s, const SelectiveScanGradient &d) {
  const ptrdiff_t inputs = selectiveVectors(s) * s.steps * ptrdiff_t(sizeof(SelectiveInputBack) / sizeof(float));
  const ptrdiff_t steps = (s.steps + 1) * ptrdiff_t(sizeof(SelectiveStep) / sizeof(float));
  for (ptrdiff_t lane = 0; lane < s.lanes; lane++) {
    const float *weights = selectiveWeights(s, lane);
    parallelFor(s.batch, 1, [&](ptrdiff_t first, ptrdiff_t count) {
      float *floats = workspace(Workspace::gateGradients, inputs + steps + s.steps * 2 * N * kWidth);
      const SelectiveScratch scratch{reinterpret_cast<SelectiveInputBack *>(floats), reinterpret_cast<SelectiveStep *>(floats + inputs),
                                     reinterpret_cast<Vector *>(floats + inputs + steps)};
      for (ptrdiff_t row = first; row < first + count; row++) selectiveRowBack({s, lane, row}, d, weights, scratch);
    });
  }
}

}  // namespace
}  // namespace unroll
