// The gradient of mLSTM, chunk by chunk from the last one. e^i and e^−F stand before k alone, wherever it is, and the least normaliser 1
// alone sees m: so the gradients of the gates' logarithms are inner products of k and its gradient.
#pragma once
#include "mlstm.h"

namespace unroll {
namespace {

/// Gradients of a head: of its memory after a chunk, which become those before it. `m`: of the largest exponent, beside what follows from
/// C and n, which it scales.
struct MemoryGradient {
  float *c, *n;
  float m;
};

/// Gradients of rows of steps, and what they are computed from.
struct ChunkGradient {
  float *q, *k, *v;
  float *values;   // of C·q with its weights, before the division
  float *weights;  // [steps, steps]
  float along[kChunk];  // of the normaliser n·q
  float least[kChunk];  // of −log of the least normaliser, where it counts
};

/// From the gradients of the outputs those of numerators and normalisers; writes those of the output gates.
void divideBack(const Mlstm &s, const MlstmGradient &d, const HeadOfRow &at, const Chunk &c, ChunkGradient &g) {
  const ptrdiff_t H = s.hidden, units = c.units;
  for (ptrdiff_t t = 0; t < c.steps; t++) {
    const ptrdiff_t row = c.places[t] * H + at.head * units, gate = c.places[t] * 4 * H + 3 * H + at.head * units;
    float *values = g.values + t * c.width;
    g.along[t] = g.least[t] = 0;
    if (!c.counts[t]) {
      fillZero(values, c.width);
      fillZero(d.inputs + gate, units);
      continue;
    }
    const float normaliser = s.normalisers[c.places[t] * s.heads + at.head], size = normaliser < 0 ? -normaliser : normaliser;
    const bool isLeast = size < c.least[t];
    const float inverse = 1.0f / (isLeast ? c.least[t] : size);
    Vector sums{};
    for (ptrdiff_t u = 0; u < c.width; u += kWidth) {
      const ptrdiff_t left = units - u;
      const Vector open = sigmoid(load(s.inputs + gate + u, left)), dy = load(d.outputs + row + u, left);
      const Vector along = dy * load(s.outputs + row + u, left);
      sums += along;
      store(d.inputs + gate + u, along * (1.0f - open), left);
      store(values + u, dy * open * inverse);
    }
    const float all = sum(sums);
    if (!isLeast) g.along[t] = normaliser < 0 ? all * inverse : -all * inverse;
    else if (-(c.largest[t] + c.sums[t]) < kMostExponent) g.least[t] = all;
  }
}

/// Rows of steps += factors·row.
ALWAYS_INLINE void addRow(const Chunk &c, const float *row, const float *factors, const float *more, float *to) {
  for (ptrdiff_t t = 0; t < c.steps; t++)
    for (ptrdiff_t u = 0; u < c.units; u += kWidth) {
      float *own = to + t * c.width + u;
      const float factor = more ? factors[t] * more[t] : factors[t];
      store(own, load(own) + load(row + u, c.units - u) * factor);
    }
}

/// The gradients of q, k and v of a chunk, from the memory before it and the gradient of that after it.
void recallBack(const Chunk &c, const Memory &memory, const MemoryGradient &after, ChunkGradient &g) {
  const ptrdiff_t d = c.units, w = c.width;
  betweenSteps(c, c.q, c.k, c.scores);
  betweenSteps(c, g.values, c.v, g.weights);
  for (ptrdiff_t t = 0; t < c.steps; t++) {
    float *weights = g.weights + t * kChunk;
    for (ptrdiff_t j = 0; j < c.steps; j += kWidth) store(weights + j, load(weights + j) + g.along[t]);
    weighSteps(c, t, c.scores + t * kChunk);
    weighSteps(c, t, weights);
  }
  multiplyInto(c.steps, d, c.steps, {g.weights, kChunk, 1}, {c.k, w, 1}, g.q, w, false);
  multiplyInto(c.steps, d, c.steps, {g.weights, 1, kChunk}, {c.q, w, 1}, g.k, w, false);
  multiplyInto(c.steps, d, c.steps, {c.scores, 1, kChunk}, {g.values, w, 1}, g.v, w, false);
  // By way of the memory after the chunk.
  scaleRows(c, c.v, c.later, c.scaled);
  multiplyInto(c.steps, d, d, {c.scaled, w, 1}, {after.c, 1, d}, g.k, w, true);
  addRow(c, after.n, c.later, nullptr, g.k);
  scaleRows(c, c.k, c.later, c.scaled);
  multiplyInto(c.steps, d, d, {c.scaled, w, 1}, {after.c, d, 1}, g.v, w, true);
  // By way of the memory before it. Gradients of numerators are from here on those of what they read of it.
  scaleRows(c, g.values, c.before, g.values);
  multiplyInto(c.steps, d, d, {g.values, w, 1}, {memory.c, 1, d}, g.q, w, true);
  addRow(c, memory.n, c.before, g.along, g.q);
}

/// The gradient of the memory before a chunk, from that after it and from what the steps read of it.
void rememberBack(const Chunk &c, const ChunkGradient &g, MemoryGradient &after) {
  const ptrdiff_t d = c.units;
  if (c.rest != 1.0f)
    for (ptrdiff_t at = 0; at < d * d; at += kWidth) store(after.c + at, load(after.c + at, d * d - at) * c.rest, d * d - at);
  multiplyInto(d, d, c.steps, {c.q, 1, c.width}, {g.values, c.width, 1}, after.c, d, true);
  for (ptrdiff_t u = 0; u < d; u += kWidth) {
    Vector n = load(after.n + u, d - u) * c.rest;
    for (ptrdiff_t t = 0; t < c.steps; t++) n += load(c.q + t * c.width + u) * (c.before[t] * g.along[t]);
    store(after.n + u, n, d - u);
  }
}

/// The gradients of the gates' sums, [steps] of i and of f, from that of k, which stands in its scaled form. `after`: of m after the
/// chunk; `scaled`: the inner product of its memory and the gradient of that. Returns the gradient of the largest exponent before it.
float gatesBack(const Chunk &c, const ChunkGradient &g, float after, float scaled, float m, float *ofInput, float *ofForget) {
  // The largest exponent after the chunk is that before it, or one of a step.
  ptrdiff_t largest = -1;
  float most = m;
  for (ptrdiff_t j = 0; j < c.steps; j++)
    if (c.own[j] > most) most = c.own[largest = j];
  float ofSum = after + scaled;
  for (ptrdiff_t j = c.steps - 1; j >= 0; j--) {
    const float own = dot(c.k + j * c.width, g.k + j * c.width, c.units) + (j == largest ? after : 0.0f);
    ofSum += g.least[j] - own;
    ofInput[j] = c.counts[j] ? own : 0.0f;
    ofForget[j] = c.counts[j] ? ofSum * c.slopes[j] : 0.0f;
  }
  return largest < 0 ? after : 0.0f;
}

void writeGradients(const Mlstm &s, const MlstmGradient &d, const HeadOfRow &at, const Chunk &c, const ChunkGradient &g) {
  const ptrdiff_t H = s.hidden;
  const float scale = 1.0f / __builtin_sqrtf(float(c.units));
  for (ptrdiff_t t = 0; t < c.steps; t++) {
    float *to = d.inputs + c.places[t] * 4 * H + at.head * c.units;
    const float *rows[] = {g.q + t * c.width, g.k + t * c.width, g.v + t * c.width};
    for (int which = 0; which < 3; which++) {
      const float factor = !c.counts[t] ? 0.0f : which == 1 ? scale : 1.0f;
      for (ptrdiff_t u = 0; u < c.units; u += kWidth)
        store(to + which * H + u, load(rows[which] + u) * factor, c.units - u);
    }
  }
}

/// The memory before each chunk and after the last, in the workspace: it takes less time to compute it once more than to keep it.
Memory rememberAll(const Mlstm &s, const HeadOfRow &at, Chunk &c, ptrdiff_t chunks) {
  const ptrdiff_t d = c.units, each = d * d + d + 1, item = itemOfHead(s, at);
  float *room = workspace(Workspace::mlstmMemory, (chunks + 1) * each);
  const Memory first{room, room + d * d, room + d * d + d};
  copyMemory(d, first, s.c + item * d * d, s.n + item * d, s.m + item);
  for (ptrdiff_t chunk = 0; chunk < chunks; chunk++) {
    const float *before = room + chunk * each;
    const Memory next{room + (chunk + 1) * each, room + (chunk + 1) * each + d * d, room + (chunk + 2) * each - 1};
    copy(next.c, before, each);
    readChunk(s, at, chunk * kChunk, *next.m, c);
    remember(c, next);
  }
  return first;
}

/// One head backwards. `ofGates`: of the gates' sums of the lane, [T·B, 2·heads].
void headBack(const Mlstm &s, const MlstmGradient &d, const HeadOfRow &at, float *ofGates) {
  float *rest;
  Chunk c = chunkOf(s, 4, &rest);
  const ptrdiff_t units = c.units, each = units * units + units + 1, chunks = (s.steps + kChunk - 1) / kChunk;
  const ptrdiff_t rows = kChunk * c.width;
  ChunkGradient g{};
  g.weights = rest;
  g.q = rest + kChunk * kChunk;
  g.k = g.q + rows;
  g.v = g.k + rows;
  g.values = g.v + rows;
  const Memory start = rememberAll(s, at, c, chunks);
  const Memory given = memoryOf(s, at, d.c, d.n, d.m);
  const ptrdiff_t item = itemOfHead(s, at);
  copyMemory(units, given, d.lastC + item * units * units, d.lastN + item * units, d.lastM + item);
  MemoryGradient after{given.c, given.n, 0};
  const auto alongMemory = [&](ptrdiff_t chunk) {
    const float *memory = start.c + chunk * each;
    return dot(memory, after.c, units * units) + dot(memory + units * units, after.n, units);
  };
  float scaled = alongMemory(chunks);
  after.m = *given.m - scaled;
  for (ptrdiff_t chunk = chunks - 1; chunk >= 0; chunk--) {
    float *own = start.c + chunk * each;
    const Memory memory{own, own + units * units, own + each - 1};
    readChunk(s, at, chunk * kChunk, *memory.m, c);
    divideBack(s, d, at, c, g);
    recallBack(c, memory, after, g);
    rememberBack(c, g, after);
    float ofInput[kChunk], ofForget[kChunk];
    after.m = gatesBack(c, g, after.m, scaled, *memory.m, ofInput, ofForget);
    scaled = alongMemory(chunk);
    writeGradients(s, d, at, c, g);
    for (ptrdiff_t t = 0; t < c.steps; t++) {
      float *to = ofGates + (c.places[t] - at.lane * s.steps * s.batch) * 2 * s.heads + at.head;
      to[0] = ofInput[t];
      to[s.heads] = ofForget[t];
    }
  }
  *given.m = after.m + scaled;
}

/// The gradients of the gates' weights and biases, and what the gates give to those of q, k and v.
void gateLayersBack(const Mlstm &s, const MlstmGradient &d, ptrdiff_t lane, const float *weights, const float *ofGates) {
  const ptrdiff_t rows = s.steps * s.batch, H = s.hidden, n = s.heads, columns = 2 * n;
  const float *x = s.inputs + lane * rows * 4 * H;
  float *dx = d.inputs + lane * rows * 4 * H;
  parallelFor(rows, kTileRows, [&](ptrdiff_t first, ptrdiff_t count) {
    float *to = dx + first * 4 * H;
    multiplyInto(count, 3 * H, columns, {ofGates + first * columns, columns, 1}, {weights, 1, columns}, to, 4 * H, true);
  });
  float *ofWeights = workspace(Workspace::ownGradients, 3 * H * columns);  // [2·heads, 3·H]
  parallelFor(3 * H, kTileColumns * kWidth, [&](ptrdiff_t first, ptrdiff_t count) {
    multiplyInto(columns, count, rows, {ofGates, 1, columns}, {x + first, 4 * H, 1}, ofWeights + first, 3 * H, false);
  });
  for (ptrdiff_t column = 0; column < columns; column++) {
    const ptrdiff_t head = column % n;
    float *to = (column < n ? d.inputWeight : d.forgetWeight) + lane * 3 * H * n + head, bias = 0;
    for (ptrdiff_t row = 0; row < 3 * H; row++) to[row * n] = ofWeights[column * 3 * H + row];
    for (ptrdiff_t row = 0; row < rows; row++) bias += ofGates[row * columns + column];
    (column < n ? d.inputBias : d.forgetBias)[lane * n + head] = bias;
  }
}

void mlstmGradient(const Mlstm &s, const MlstmGradient &d) {
  for (ptrdiff_t lane = 0; lane < s.lanes; lane++) {
    const float *weights = gateWeights(s, lane);
    float *ofGates = workspace(Workspace::gateGradients, s.steps * s.batch * 2 * s.heads);
    forHeads(s, lane, [&](const HeadOfRow &at) { headBack(s, d, at, ofGates); });
    gateLayersBack(s, d, lane, weights, ofGates);
  }
}

}  // namespace
}  // namespace unroll
