// Layer normalisation. The sums over rows that gain and shift need are taken over 64 rows at a time, as in `sumRows`.
#pragma once
#include "../kernels.h"
#include "../runtime/workspace.h"
#include "split.h"

namespace unroll {
namespace {

constexpr float kNormEpsilon = 1e-5f;  // added to the variance, as in torch.nn.LayerNorm
constexpr ptrdiff_t kNormRows = 64;

void layerNorm(const LayerNorm &l) {
  const ptrdiff_t n = l.width;
  parallelFor(l.rows, kNormRows, [&](ptrdiff_t start, ptrdiff_t count) {
    for (ptrdiff_t row = start; row < start + count; row++) {
      const float *x = l.x + row * n;
      float *out = l.out + row * n;
      Vector sums{}, squares{};
      for (ptrdiff_t j = 0; j < n; j += kWidth) sums += load(x + j, n - j);
      const float mean = sum(sums) / float(n);
      for (ptrdiff_t j = 0; j < n; j += kWidth) {
        const Vector centred = load(x + j, n - j) - mean;
        // The last vector's padding is no part of the row.
        store(out + j, centred, n - j);
        const Vector own = load(out + j, n - j);
        squares += own * own;
      }
      const float inverse = 1.0f / __builtin_sqrtf(sum(squares) / float(n) + kNormEpsilon);
      for (ptrdiff_t j = 0; j < n; j += kWidth) {
        const Vector scaled = load(out + j, n - j) * inverse * load(l.gain + j, n - j);
        store(out + j, l.shift ? scaled + load(l.shift + j, n - j) : scaled, n - j);
      }
      l.moments[2 * row] = mean;
      l.moments[2 * row + 1] = inverse;
    }
  });
}

void layerNormGradient(const LayerNorm &l, const LayerNormGradient &d) {
  const ptrdiff_t n = l.width, chunks = (l.rows + kNormRows - 1) / kNormRows;
  float *partial = workspace(Workspace::normSums, 2 * n * chunks);  // of gain and shift, for each 64 rows
  parallelFor(l.rows, kNormRows, [&](ptrdiff_t start, ptrdiff_t count) {
    for (ptrdiff_t row = start; row < start + count; row++) {
      const float *x = l.x + row * n, *dy = d.out + row * n;
      const float mean = l.moments[2 * row], inverse = l.moments[2 * row + 1];
      float *ofGain = partial + row / kNormRows * 2 * n, *ofShift = ofGain + n;
      if (row % kNormRows == 0) fillZero(ofGain, 2 * n);
      Vector sums{}, along{};
      for (ptrdiff_t j = 0; j < n; j += kWidth) {
        const ptrdiff_t left = n - j;
        const Vector arriving = load(dy + j, left), unit = (load(x + j, left) - mean) * inverse;
        const Vector ofUnit = arriving * load(l.gain + j, left);
        sums += ofUnit;
        along += ofUnit * unit;
        store(ofGain + j, load(ofGain + j, left) + arriving * unit, left);
        store(ofShift + j, load(ofShift + j, left) + arriving, left);
      }
      const float ofMean = sum(sums) / float(n), ofUnits = sum(along) / float(n);
      for (ptrdiff_t j = 0; j < n; j += kWidth) {
        const ptrdiff_t left = n - j;
        const Vector unit = (load(x + j, left) - mean) * inverse;
        Vector ofX = (load(dy + j, left) * load(l.gain + j, left) - ofMean - unit * ofUnits) * inverse;
        if (d.added) ofX += load(d.added + row * n + j, left);
        store(d.x + row * n + j, ofX, left);
      }
    }
  });
  fillZero(d.gain, n);
  if (d.shift) fillZero(d.shift, n);
  for (ptrdiff_t chunk = 0; chunk < chunks; chunk++, partial += 2 * n)
    for (ptrdiff_t j = 0; j < n; j++) {
      d.gain[j] += partial[j];
      if (d.shift) d.shift[j] += partial[n + j];
    }
}

}  // namespace
}  // namespace unroll
