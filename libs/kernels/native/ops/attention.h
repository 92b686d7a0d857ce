// Attention, some rows of queries at a time: scores, softmax and the weighted sum, without the weights of all rows. The gradient
// computes the weights again (Dao et al. 2022, algorithm 4, for the rows of one block).
#pragma once
#include "functions.h"
#include "matmul.h"
#include "rows.h"

namespace unroll {
namespace {

constexpr ptrdiff_t kAttentionRows = 64;  // of queries at a time, at most
constexpr float kUnseen = -1e30f;         // a score low enough for weight 0, yet finite

/// One head of one sequence.
struct Item {
  const float *q, *k, *v, *score;
  const uint8_t *valid;
  float *out, *moments, *weights;
};

ALWAYS_INLINE ptrdiff_t rowsBegin(ptrdiff_t stride, ptrdiff_t o, ptrdiff_t count, ptrdiff_t inner, ptrdiff_t b) {
  return o * count * stride + b * (stride / inner);
}

ALWAYS_INLINE Item itemOf(const Attention &a, ptrdiff_t index) {
  const ptrdiff_t head = index % a.heads, b = index / a.heads % a.inner, o = index / a.heads / a.inner;
  const auto begin = [&](const Rows &rows, ptrdiff_t count, ptrdiff_t width) {
    return rows.first + rowsBegin(rows.stride, o, count, a.inner, b) + head * width;
  };
  Item item{};
  item.q = begin(a.queries, a.queryCount, a.units);
  item.k = begin(a.keys, a.keyCount, a.units);
  item.v = begin(a.values, a.keyCount, a.width);
  item.score = a.score ? a.score + o / (a.outer / a.lanes) * a.units : nullptr;
  item.valid = a.valid ? a.valid + o * a.keyCount * a.inner + b : nullptr;
  item.out = a.out + rowsBegin(a.outStride, o, a.queryCount, a.inner, b) + head * a.width;
  item.moments = a.moments + index * a.queryCount * 2;
  item.weights = a.weights ? a.weights + index * a.queryCount * a.keyCount : nullptr;
  return item;
}

/// How many keys the rows up to `end` see at most.
ALWAYS_INLINE ptrdiff_t seenKeys(const Attention &a, ptrdiff_t end) { return a.causal && end < a.keyCount ? end : a.keyCount; }

/// Whether a row (of queries) may give a key weight.
ALWAYS_INLINE bool isSeen(const Attention &a, const Item &item, ptrdiff_t row, ptrdiff_t key) {
  if (a.causal && key >= row) return key == row;
  return !item.valid || item.valid[key * a.inner];
}

/// Σ v·tanh(q + k).
ALWAYS_INLINE float additiveScore(ptrdiff_t units, const float *q, const float *k, const float *v) {
  Vector sums{};
  for (ptrdiff_t u = 0; u < units; u += kWidth)
    sums += load(v + u, units - u) * tanh(load(q + u, units - u) + load(k + u, units - u));
  return sum(sums);
}

/// The scores of `rows` rows from `first` on, `stride` apart; kUnseen for keys that are not seen.
void scoreRows(const Attention &a, const Item &item, ptrdiff_t first, ptrdiff_t rows, float *s, ptrdiff_t stride) {
  const ptrdiff_t keys = seenKeys(a, first + rows), strideQ = a.queries.stride, strideK = a.keys.stride;
  const float *q = item.q + first * strideQ;
  if (!item.score)
    block(rows, keys, a.units, RowsOfMatrix{q, 1}, strideQ, RowsOfMatrix{item.k, 1}, strideK, s, stride, false);
  for (ptrdiff_t row = 0; row < rows; row++) {
    float *own = s + row * stride;
    for (ptrdiff_t j = 0; item.score && j < keys; j++)
      own[j] = additiveScore(a.units, q + row * strideQ, item.k + j * strideK, item.score);
    if (!item.score)
      for (ptrdiff_t j = 0; j < keys; j++) own[j] *= a.scale;
    if (item.valid) {
      for (ptrdiff_t j = 0; j < keys; j++)
        if (!isSeen(a, item, first + row, j)) own[j] = kUnseen;
    } else if (a.causal)
      for (ptrdiff_t j = first + row + 1; j < keys; j++) own[j] = kUnseen;
  }
}

/// exp(s − largest)·inverse of each number of a row; returns their sum.
ALWAYS_INLINE float weighRow(float *s, ptrdiff_t count, float largest, float inverse) {
  Vector sums{};
  for (ptrdiff_t j = 0; j < count; j += kWidth) {
    const Vector z = load(s + j, count - j) - largest;
    store(s + j, (z < -87.3f ? Vector{} : boundedExp(clamp(z, 87.3f))) * inverse, count - j);
    sums += load(s + j, count - j);
  }
  return sum(sums);
}

void attendRows(const Attention &a, const Item &item, ptrdiff_t first, ptrdiff_t rows, float *s, ptrdiff_t stride) {
  const ptrdiff_t keys = seenKeys(a, first + rows);
  scoreRows(a, item, first, rows, s, stride);
  for (ptrdiff_t row = 0; row < rows; row++) {
    float *own = s + row * stride;
    const float largest = largestOf(own, keys);
    const float inverse = 1.0f / weighRow(own, keys, largest, 1.0f);
    for (ptrdiff_t j = 0; j < keys; j++) own[j] *= inverse;
    item.moments[2 * (first + row)] = largest;
    item.moments[2 * (first + row) + 1] = inverse;
    if (item.weights) {
      float *all = item.weights + (first + row) * a.keyCount;
      copy(all, own, keys);
      fillZero(all + keys, a.keyCount - keys);
    }
  }
  block(rows, a.width, keys, RowsOfMatrix{s, 1}, stride, RowsOfMatrix{item.v, a.values.stride}, 1, item.out + first * a.outStride,
        a.outStride, false);
}

/// Calls visit(first, rows) for the blocks of an item's queries, the last first: with `causal` it sees the most keys.
template <typename Visit>
ALWAYS_INLINE void forBlocks(const Attention &a, Visit visit) {
  const ptrdiff_t parts = (a.queryCount + kAttentionRows - 1) / kAttentionRows;
  for (ptrdiff_t part = parts - 1; part >= 0; part--) {
    const ptrdiff_t first = a.queryCount * part / parts;
    visit(first, a.queryCount * (part + 1) / parts - first, part == parts - 1);
  }
}

/// Floats between rows of scores: no power of two, so that columns of a block do not compete for the same lines of the cache.
ALWAYS_INLINE ptrdiff_t scoreStride(const Attention &a) { return (a.keyCount + kWidth - 1) / kWidth * kWidth + kWidth; }

void attention(const Attention &a) {
  parallelFor(a.outer * a.inner * a.heads, 1, [&](ptrdiff_t start, ptrdiff_t count) {
    const ptrdiff_t stride = scoreStride(a);
    float *s = workspace(Workspace::scores, kAttentionRows * stride);
    for (ptrdiff_t index = start; index < start + count; index++) {
      const Item item = itemOf(a, index);
      forBlocks(a, [&](ptrdiff_t first, ptrdiff_t rows, bool) { attendRows(a, item, first, rows, s, stride); });
    }
  });
}

/// Where an item's gradients go.
struct ItemGradient {
  const float *out;
  float *q, *k, *v, *score;
};

/// From the gradients of some rows' scores, ds, those of queries and keys; they are added to what keys have unless it is the `last`
/// block, which comes first.
void scoreGradient(const Attention &a, const Item &item, const ItemGradient &d, ptrdiff_t first, ptrdiff_t rows, const float *ds,
                   ptrdiff_t stride, bool last) {
  const ptrdiff_t keys = seenKeys(a, first + rows), strideQ = a.queries.stride, strideK = a.keys.stride;
  const float *q = item.q + first * strideQ;
  float *dq = d.q + first * strideQ;
  if (!item.score) {
    block(rows, a.units, keys, RowsOfMatrix{ds, 1}, stride, RowsOfMatrix{item.k, strideK}, 1, dq, strideQ, false);
    block(keys, a.units, rows, RowsOfMatrix{ds, stride}, 1, RowsOfMatrix{q, strideQ}, 1, d.k, strideK, !last);
    return;
  }
  if (last)
    for (ptrdiff_t j = 0; j < keys; j++) fillZero(d.k + j * strideK, a.units);
  for (ptrdiff_t row = 0; row < rows; row++, q += strideQ, dq += strideQ) {
    fillZero(dq, a.units);
    for (ptrdiff_t j = 0; j < keys; j++) {
      const float *k = item.k + j * strideK;
      float *dk = d.k + j * strideK;
      const float own = ds[row * stride + j];
      for (ptrdiff_t u = 0; u < a.units; u += kWidth) {
        const ptrdiff_t left = a.units - u;
        const Vector t = tanh(load(q + u, left) + load(k + u, left));
        const Vector slope = own * load(item.score + u, left) * (1.0f - t * t);
        store(dq + u, load(dq + u, left) + slope, left);
        store(dk + u, load(dk + u, left) + slope, left);
        store(d.score + u, load(d.score + u, left) + own * t, left);
      }
    }
  }
}

void attendRowsBack(const Attention &a, const Item &item, const ItemGradient &d, ptrdiff_t first, ptrdiff_t rows, float *s,
                    float *ds, ptrdiff_t stride, bool last) {
  const ptrdiff_t keys = seenKeys(a, first + rows), strideO = a.outStride, strideV = a.values.stride;
  const float *dy = d.out + first * strideO;
  scoreRows(a, item, first, rows, s, stride);
  for (ptrdiff_t row = 0; row < rows; row++) {
    const float *moments = item.moments + 2 * (first + row);
    weighRow(s + row * stride, keys, moments[0], moments[1]);
  }
  block(rows, keys, a.width, RowsOfMatrix{dy, 1}, strideO, RowsOfMatrix{item.v, 1}, strideV, ds, stride, false);
  block(keys, a.width, rows, RowsOfMatrix{s, stride}, 1, RowsOfMatrix{dy, strideO}, 1, d.v, strideV, !last);
  for (ptrdiff_t row = 0; row < rows; row++) {
    const float *out = item.out + (first + row) * strideO, *p = s + row * stride;
    float *own = ds + row * stride;
    Vector along{};
    for (ptrdiff_t j = 0; j < a.width; j += kWidth)
      along += load(out + j, a.width - j) * load(dy + row * strideO + j, a.width - j);
    const float mean = sum(along), scale = item.score ? 1.0f : a.scale;
    for (ptrdiff_t j = 0; j < keys; j++) own[j] = p[j] * (own[j] - mean) * scale;
    if (!item.valid) continue;
    for (ptrdiff_t j = 0; j < keys; j++)
      if (!isSeen(a, item, first + row, j)) own[j] = 0;
  }
  scoreGradient(a, item, d, first, rows, ds, stride, last);
}

void attentionGradient(const Attention &a, const AttentionGradient &d) {
  const ptrdiff_t items = a.outer * a.inner * a.heads;
  // Of each item: those of a lane are added up in order, whatever thread computed them.
  float *sums = d.score ? workspace(Workspace::scoreSums, items * a.units) : nullptr;
  parallelFor(items, 1, [&](ptrdiff_t start, ptrdiff_t count) {
    const ptrdiff_t stride = scoreStride(a);
    float *s = workspace(Workspace::scores, kAttentionRows * stride);
    float *ds = workspace(Workspace::scoreGradients, kAttentionRows * stride);
    for (ptrdiff_t index = start; index < start + count; index++) {
      const Item item = itemOf(a, index);
      const ItemGradient own = {d.out + (item.out - a.out), d.queries + (item.q - a.queries.first),
                                d.keys + (item.k - a.keys.first), d.values + (item.v - a.values.first),
                                sums ? sums + index * a.units : nullptr};
      if (sums) fillZero(own.score, a.units);
      forBlocks(a, [&](ptrdiff_t first, ptrdiff_t rows, bool last) {
        attendRowsBack(a, item, own, first, rows, s, ds, stride, last);
      });
    }
  });
  if (sums) sumRows(a.lanes, items / a.lanes, a.units, sums, d.score);
}

}  // namespace
}  // namespace unroll
