// Rows added, summed up, looked up and scattered.
#pragma once
#include "../kernels.h"
#include "../runtime/workspace.h"
#include "vector.h"

namespace unroll {
namespace {

void addRows(ptrdiff_t outer, ptrdiff_t rows, ptrdiff_t inner, const float *x, const float *y, float *out) {
  for (ptrdiff_t o = 0; o < outer; o++, y += inner)
    for (ptrdiff_t row = 0; row < rows; row++, x += inner, out += inner)
      for (ptrdiff_t i = 0; i < inner; i += kWidth)
        store(out + i, load(x + i, inner - i) + load(y + i, inner - i), inner - i);
}

/// In chunks of 64 rows, each summed up on its own first, which keeps float32 accurate enough; as sumPanel.
void sumRows(ptrdiff_t outer, ptrdiff_t rows, ptrdiff_t inner, const float *x, float *out) {
  float *partial = workspace(Workspace::rowSums, inner);
  for (ptrdiff_t o = 0; o < outer; o++, out += inner) {
    fillZero(out, inner);
    for (ptrdiff_t start = 0; start < rows; start += 64) {
      fillZero(partial, inner);
      const ptrdiff_t end = start + 64 < rows ? start + 64 : rows;
      for (ptrdiff_t row = start; row < end; row++, x += inner)
        for (ptrdiff_t i = 0; i < inner; i++) partial[i] += x[i];
      for (ptrdiff_t i = 0; i < inner; i++) out[i] += partial[i];
    }
  }
}

void gather(ptrdiff_t count, ptrdiff_t width, const float *table, const int32_t *ids, float *out) {
  for (ptrdiff_t i = 0; i < count; i++) {
    if (ids[i] < 0) fillZero(out + i * width, width);
    else copy(out + i * width, table + ids[i] * width, width);
  }
}

void scatterAdd(ptrdiff_t count, ptrdiff_t rows, ptrdiff_t width, const int32_t *ids, const float *gradient, float *out) {
  fillZero(out, rows * width);
  for (ptrdiff_t i = 0; i < count; i++) {
    float *to = out + ids[i] * width;
    const float *from = gradient + i * width;
    for (ptrdiff_t j = 0; j < width; j++) to[j] += from[j];
  }
}

/// Whole rows where the last axis stays the last; else a row of the result at a time, read from strideways.
template <int Axis = 0>
void permuteAxis(const ptrdiff_t *lengths, const ptrdiff_t *strides, const float *x, float *&out) {
  if constexpr (Axis < kMostAxes - 1) {
    for (ptrdiff_t i = 0; i < lengths[Axis]; i++) permuteAxis<Axis + 1>(lengths, strides, x + i * strides[Axis], out);
  } else {
    const ptrdiff_t count = lengths[Axis], stride = strides[Axis];
    if (stride == 1) copy(out, x, count);
    else
      for (ptrdiff_t i = 0; i < count; i++) out[i] = x[i * stride];
    out += count;
  }
}

void permute(const ptrdiff_t *lengths, const ptrdiff_t *strides, const float *x, float *out) {
  permuteAxis(lengths, strides, x, out);
}

}  // namespace
}  // namespace unroll
