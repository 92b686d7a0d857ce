// mLSTM (Beck et al. 2024, "xLSTM", equations 19 to 27) over chunks of steps: within a chunk all steps see one another by products, and
// from chunk to chunk a head carries its memory C, n, m, all in the cache.
#pragma once
#include "matmul.h"

namespace unroll {
namespace {

constexpr ptrdiff_t kChunk = 32;  // steps that are computed at once, a multiple of kWidth
constexpr float kNever = -1e30f;  // a logarithm of 0 that stays finite in sums
constexpr float kMostExponent = 80;

/// A matrix whose element (i, j) is at first + i·down + j·across, one of which is 1.
struct Matrix {
  const float *first;
  ptrdiff_t down, across;
};

/// c [m, n] = a [m, k]·b [k, n], or c + a·b.
void multiplyInto(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const Matrix &a, const Matrix &b, float *c, ptrdiff_t stride, bool add) {
  block(m, n, k, RowsOfMatrix{a.first, a.across}, a.down, RowsOfMatrix{b.first, b.down}, b.across, c, stride, add);
}

/// A head of a row of a lane.
struct HeadOfRow {
  ptrdiff_t lane, row, head;
};

/// What a head remembers: C [units, units] of keys and values, n [units], both divided by e^m.
struct Memory {
  float *c, *n, *m;
};

/// Steps of a head in the order of reading. F is the sum of log f from the first of them on; rows of q, k and v are `width` apart, with 0
/// after the units; k is divided by √units.
struct Chunk {
  ptrdiff_t steps, units, width;
  ptrdiff_t places[kChunk];       // of the steps among [L, T, B]
  bool counts[kChunk];
  float forget[kChunk], slopes[kChunk];  // log f, and its slope by the gate's sum
  float sums[kChunk];             // F
  float own[kChunk];              // i − F
  float largest[kChunk];          // max(m before the chunk, own up to the step): m − F
  float before[kChunk], least[kChunk];  // exp(m before the chunk − largest); exp(−m) at the step, the least normaliser
  float later[kChunk], rest;      // exp(own − the last largest); the last of `before`
  float *q, *k, *v, *scaled, *values, *scores;
};

/// eˣ for x ≤ 0, 0 below e^−87.3.
ALWAYS_INLINE Vector weight(Vector x) { return x < -87.3f ? Vector{} : boundedExp(clamp(x, 87.3f)); }

ALWAYS_INLINE float dot(const float *a, const float *b, ptrdiff_t count) {
  Vector sums{};
  for (ptrdiff_t u = 0; u < count; u += kWidth) sums += load(a + u, count - u) * load(b + u, count - u);
  return sum(sums);
}

ALWAYS_INLINE ptrdiff_t paddedUnits(const Mlstm &s) { return (s.hidden / s.heads + kWidth - 1) / kWidth * kWidth; }

/// A chunk whose arrays are in the workspace, with room for `more` rows of steps after them.
ALWAYS_INLINE Chunk chunkOf(const Mlstm &s, ptrdiff_t more, float **rest) {
  Chunk c{};
  c.units = s.hidden / s.heads;
  c.width = paddedUnits(s);
  const ptrdiff_t rows = kChunk * c.width;
  float *room = workspace(Workspace::mlstmChunk, (5 + more) * rows + 2 * kChunk * kChunk);
  float **arrays[] = {&c.q, &c.k, &c.v, &c.scaled, &c.values};
  for (float **array : arrays) {
    *array = room;
    room += rows;
  }
  c.scores = room;
  if (rest) *rest = room + kChunk * kChunk;
  return c;
}

ALWAYS_INLINE ptrdiff_t placeOf(const Mlstm &s, const HeadOfRow &at, ptrdiff_t index) {
  return (at.lane * s.steps + (s.reverse ? s.steps - 1 - index : index)) * s.batch + at.row;
}

/// The gates of a chunk: what follows from their sums, from the step `first` on, and from m before it.
void readGates(const Mlstm &s, const HeadOfRow &at, ptrdiff_t first, float m, Chunk &c) {
  float inputs[kChunk] = {};
  for (ptrdiff_t j = 0; j < kChunk; j++) {
    const bool isThere = j < c.steps;
    c.places[j] = isThere ? placeOf(s, at, first + j) : 0;
    c.counts[j] = isThere && (!s.valid || s.valid[c.places[j]]);
    const float *sums = s.gates + c.places[j] * 2 * s.heads + at.head;
    inputs[j] = c.counts[j] ? sums[0] : kNever;
    c.forget[j] = c.counts[j] ? sums[s.heads] : 0.0f;
  }
  for (ptrdiff_t j = 0; j < kChunk; j += kWidth) {
    const Softplus negative = softplus(-load(c.forget + j));
    store(c.forget + j, -negative.value);
    store(c.slopes + j, negative.slope);
  }
  float sum = 0, most = m;
  for (ptrdiff_t j = 0; j < kChunk; j++) {
    sum += c.counts[j] ? c.forget[j] : 0.0f;
    c.sums[j] = sum;
    c.own[j] = c.counts[j] ? inputs[j] - sum : kNever;
    most = c.own[j] > most ? c.own[j] : most;
    c.largest[j] = most;
  }
  for (ptrdiff_t j = 0; j < kChunk; j += kWidth) {
    const Vector largest = load(c.largest + j), exponent = -(largest + load(c.sums + j));
    store(c.before + j, weight(m - largest));
    store(c.least + j, exp(exponent > kMostExponent ? broadcast(kMostExponent) : exponent));
    store(c.later + j, weight(load(c.own + j) - most));
  }
  c.rest = c.before[kChunk - 1];
}

ALWAYS_INLINE void readRow(float *to, const float *from, ptrdiff_t units, ptrdiff_t width, float scale) {
  for (ptrdiff_t u = 0; u < width; u += kWidth) store(to + u, load(from + u, units - u) * scale);
}

/// The steps of a chunk from `first` on, m being that before it.
void readChunk(const Mlstm &s, const HeadOfRow &at, ptrdiff_t first, float m, Chunk &c) {
  const ptrdiff_t H = s.hidden, left = s.steps - first;
  c.steps = left < kChunk ? left : kChunk;
  readGates(s, at, first, m, c);
  const float scale = 1.0f / __builtin_sqrtf(float(c.units));
  for (ptrdiff_t j = 0; j < c.steps; j++) {
    float *rows[] = {c.q + j * c.width, c.k + j * c.width, c.v + j * c.width};
    const float *x = s.inputs + c.places[j] * 4 * H + at.head * c.units;
    for (int which = 0; which < 3; which++) {
      if (c.counts[j]) readRow(rows[which], x + which * H, c.units, c.width, which == 1 ? scale : 1.0f);
      else fillZero(rows[which], c.width);
    }
  }
}

/// Rows of steps, each times its factor.
ALWAYS_INLINE void scaleRows(const Chunk &c, const float *from, const float *factors, float *to) {
  for (ptrdiff_t j = 0; j < c.steps; j++)
    for (ptrdiff_t u = 0; u < c.width; u += kWidth) store(to + j * c.width + u, load(from + j * c.width + u) * factors[j]);
}

/// out [steps, steps] = a·bᵀ of rows of steps.
ALWAYS_INLINE void betweenSteps(const Chunk &c, const float *a, const float *b, float *out) {
  multiplyInto(c.steps, c.steps, c.units, {a, c.width, 1}, {b, 1, c.width}, out, kChunk, false);
}

/// Row t of weights between steps: exp(own − largest) of those that step t sees, times `values`, and 0 after them.
ALWAYS_INLINE void weighSteps(const Chunk &c, ptrdiff_t t, float *values) {
  fillZero(values + t + 1, kChunk - t - 1);
  for (ptrdiff_t j = 0; j <= t; j += kWidth) {
    const Vector z = load(c.own + j) - c.largest[t];
    store(values + j, load(values + j) * weight(z > 0.0f ? Vector{} : z));
  }
}

/// The memory after a chunk: C = rest·C + Σ later·k·vᵀ, n the same with k.
void remember(const Chunk &c, const Memory &memory) {
  const ptrdiff_t d = c.units;
  scaleRows(c, c.k, c.later, c.scaled);
  if (c.rest != 1.0f)
    for (ptrdiff_t at = 0; at < d * d; at += kWidth) store(memory.c + at, load(memory.c + at, d * d - at) * c.rest, d * d - at);
  multiplyInto(d, d, c.steps, {c.scaled, 1, c.width}, {c.v, c.width, 1}, memory.c, d, true);
  for (ptrdiff_t u = 0; u < d; u += kWidth) {
    Vector n = load(memory.n + u, d - u) * c.rest;
    for (ptrdiff_t j = 0; j < c.steps; j++) n += load(c.scaled + j * c.width + u);
    store(memory.n + u, n, d - u);
  }
  *memory.m = c.largest[kChunk - 1] + c.sums[kChunk - 1];
}

/// The outputs of a chunk (appendix A.3): all exponents of a step are lowered by the largest, which changes nothing.
void recall(const Mlstm &s, const HeadOfRow &at, const Chunk &c, const Memory &memory) {
  const ptrdiff_t d = c.units, H = s.hidden;
  betweenSteps(c, c.q, c.k, c.scores);
  float inverse[kChunk];
  for (ptrdiff_t t = 0; t < c.steps; t++) {
    float *row = c.scores + t * kChunk;
    weighSteps(c, t, row);
    Vector sums{};
    for (ptrdiff_t j = 0; j <= t; j += kWidth) sums += load(row + j);
    const float along = sum(sums) + c.before[t] * dot(memory.n, c.q + t * c.width, d);
    s.normalisers[c.places[t] * s.heads + at.head] = along;
    const float size = along < 0 ? -along : along;
    inverse[t] = 1.0f / (size < c.least[t] ? c.least[t] : size);
  }
  scaleRows(c, c.q, c.before, c.scaled);
  multiplyInto(c.steps, d, c.steps, {c.scores, kChunk, 1}, {c.v, c.width, 1}, c.values, c.width, false);
  multiplyInto(c.steps, d, d, {c.scaled, c.width, 1}, {memory.c, d, 1}, c.values, c.width, true);
  for (ptrdiff_t t = 0; t < c.steps; t++) {
    float *to = s.outputs + c.places[t] * H + at.head * d;
    const float *o = s.inputs + c.places[t] * 4 * H + 3 * H + at.head * d;
    if (!c.counts[t]) fillZero(to, d);
    else
      for (ptrdiff_t u = 0; u < d; u += kWidth)
        store(to + u, sigmoid(load(o + u, d - u)) * load(c.values + t * c.width + u, d - u) * inverse[t], d - u);
  }
}

ALWAYS_INLINE ptrdiff_t itemOfHead(const Mlstm &s, const HeadOfRow &at) {
  return (at.lane * s.batch + at.row) * s.heads + at.head;
}

/// Where the memory of a head is in arrays of all.
ALWAYS_INLINE Memory memoryOf(const Mlstm &s, const HeadOfRow &at, float *c, float *n, float *m) {
  const ptrdiff_t d = s.hidden / s.heads, item = itemOfHead(s, at);
  return {c + item * d * d, n + item * d, m + item};
}

ALWAYS_INLINE void copyMemory(ptrdiff_t units, const Memory &to, const float *c, const float *n, const float *m) {
  copy(to.c, c, units * units);
  copy(to.n, n, units);
  *to.m = *m;
}

/// Calls visit(head of a row) for all of a lane, on all threads.
template <typename Visit>
void forHeads(const Mlstm &s, ptrdiff_t lane, Visit visit) {
  parallelFor(s.batch * s.heads, 1, [&](ptrdiff_t first, ptrdiff_t count) {
    for (ptrdiff_t item = first; item < first + count; item++) visit(HeadOfRow{lane, item / s.heads, item % s.heads});
  });
}

/// The weights of both gates side by side, [3·H, 2·heads], and after them their biases.
float *gateWeights(const Mlstm &s, ptrdiff_t lane) {
  const ptrdiff_t rows = 3 * s.hidden, n = s.heads;
  float *weights = workspace(Workspace::recurrentKernel, (rows + 1) * 2 * n);
  for (ptrdiff_t row = 0; row < rows; row++) {
    copy(weights + row * 2 * n, s.inputWeight + (lane * rows + row) * n, n);
    copy(weights + row * 2 * n + n, s.forgetWeight + (lane * rows + row) * n, n);
  }
  copy(weights + rows * 2 * n, s.inputBias + lane * n, n);
  copy(weights + rows * 2 * n + n, s.forgetBias + lane * n, n);
  return weights;
}

void mlstm(const Mlstm &s) {
  const ptrdiff_t rows = s.steps * s.batch, H = s.hidden, columns = 2 * s.heads;
  for (ptrdiff_t lane = 0; lane < s.lanes; lane++) {
    const float *weights = gateWeights(s, lane), *x = s.inputs + lane * rows * 4 * H;
    float *gates = s.gates + lane * rows * columns;
    parallelFor(rows, kTileRows, [&](ptrdiff_t first, ptrdiff_t count) {
      const float *bias = weights + 3 * H * columns;
      for (ptrdiff_t row = first; row < first + count; row++) copy(gates + row * columns, bias, columns);
      multiplyInto(count, columns, 3 * H, {x + first * 4 * H, 4 * H, 1}, {weights, columns, 1}, gates + first * columns, columns, true);
    });
    forHeads(s, lane, [&](const HeadOfRow &at) {
      const Memory memory = memoryOf(s, at, s.lastC, s.lastN, s.lastM);
      const ptrdiff_t d = s.hidden / s.heads, item = itemOfHead(s, at);
      copyMemory(d, memory, s.c + item * d * d, s.n + item * d, s.m + item);
      Chunk c = chunkOf(s, 0, nullptr);
      for (ptrdiff_t first = 0; first < s.steps; first += kChunk) {
        readChunk(s, at, first, *memory.m, c);
        recall(s, at, c, memory);
        remember(c, memory);
      }
    });
  }
}

}  // namespace
}  // namespace unroll
