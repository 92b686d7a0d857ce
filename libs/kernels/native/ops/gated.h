// The gated linear unit (Dauphin et al. 2017) of a sum.
#pragma once
#include "functions.h"

namespace unroll {
namespace {

/// out = z₁·σ(z₂) of the halves of z = x + y: x, y [rows, 2·width], out [rows, width].
void gatedLinearUnit(ptrdiff_t rows, ptrdiff_t width, const float *x, const float *y, float *out) {
  for (ptrdiff_t row = 0; row < rows; row++, x += 2 * width, y += 2 * width, out += width)
    for (ptrdiff_t i = 0; i < width; i += kWidth) {
      const ptrdiff_t rest = width - i;
      const Vector value = load(x + i, rest) + load(y + i, rest);
      const Vector gate = load(x + width + i, rest) + load(y + width + i, rest);
      store(out + i, value * sigmoid(gate), rest);
    }
}

/// The gradient of z from that of `out`.
void gatedLinearUnitGradient(ptrdiff_t rows, ptrdiff_t width, const float *x, const float *y, const float *gradOut, float *out) {
  for (ptrdiff_t row = 0; row < rows; row++, x += 2 * width, y += 2 * width, gradOut += width, out += 2 * width)
    for (ptrdiff_t i = 0; i < width; i += kWidth) {
      const ptrdiff_t rest = width - i;
      const Vector value = load(x + i, rest) + load(y + i, rest), d = load(gradOut + i, rest);
      const Vector s = sigmoid(load(x + width + i, rest) + load(y + width + i, rest));
      store(out + i, d * s, rest);
      store(out + width + i, d * value * (s - s * s), rest);
    }
}

}  // namespace
}  // namespace unroll
