// Softmax cross-entropy.
#pragma once
#include "functions.h"

namespace unroll {
namespace {

void crossEntropy(ptrdiff_t rows, ptrdiff_t classes, const float *logits, const int32_t *targets, const uint8_t *valid,
                  float *probabilities, float *losses) {
  for (ptrdiff_t row = 0; row < rows; row++) {
    const float *x = logits + row * classes;
    float *p = probabilities + row * classes;
    const float largest = largestOf(x, classes);
    const bool counts = !valid || valid[row];
    const float right = counts ? x[targets[row]] : 0.0f;
    Vector sums{};
    for (ptrdiff_t j = 0; j < classes; j += kWidth) {
      const ptrdiff_t count = classes - j;
      const Vector z = load(x + j, count) - largest;
      store(p + j, z < -87.3f ? Vector{} : boundedExp(clamp(z, 87.3f)), count);
      sums += load(p + j, count);
    }
    const float total = sum(sums), scale = 1.0f / total;
    for (ptrdiff_t j = 0; j < classes; j++) p[j] *= scale;
    losses[row] = counts ? largest - right + __builtin_logf(total) : 0.0f;
  }
}

void crossEntropyGradient(ptrdiff_t rows, ptrdiff_t classes, const float *probabilities, const int32_t *targets,
                          const uint8_t *valid, float scale, float *out) {
  for (ptrdiff_t row = 0; row < rows; row++, probabilities += classes, out += classes) {
    if (valid && !valid[row]) {
      fillZero(out, classes);
      continue;
    }
    const float right = probabilities[targets[row]];
    for (ptrdiff_t j = 0; j < classes; j++) out[j] = probabilities[j] * scale;
    out[targets[row]] = (right - 1.0f) * scale;
  }
}

}  // namespace
}  // namespace unroll
