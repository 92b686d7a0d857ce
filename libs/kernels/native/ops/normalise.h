// Layer normalisation of a row: Ba, Kiros & Hinton 2016, equation 4.
#pragma once
#include "functions.h"

namespace unroll {
namespace {

/// Added to the variance, as in torch.nn.LayerNorm.
constexpr float kEpsilon = 1e-5f;
constexpr int kChains = 4;  // of additions that do not wait for each other

/// The mean and 1/√(variance + ε) of a row.
struct Moments {
  float mean, inverse;

  /// Values with mean 0 and variance 1.
  Vector unit(Vector x) const { return (x - mean) * inverse; }
};

/// The first `count` values, the rest 0.
ALWAYS_INLINE Vector only(Vector x, ptrdiff_t count) {
  if (count >= kWidth) return x;
  float values[kWidth] = {};
  store(values, x, count < 0 ? 0 : count);
  return load(values);
}

/// Σ term(i, count) over blocks of kWidth of `length` values, of which `count` exist in the block from i on; `term` has 0 for others.
template <typename Term>
ALWAYS_INLINE float total(ptrdiff_t length, Term term) {
  Vector sums[kChains] = {};
  ptrdiff_t i = 0;
  for (; i + kChains * kWidth <= length; i += kChains * kWidth)
#pragma GCC unroll 4
    for (int chain = 0; chain < kChains; chain++) sums[chain] += term(i + chain * kWidth, ptrdiff_t(kWidth));
  for (; i < length; i += kWidth) sums[0] += term(i, length - i);
  return sumByHalves((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

/// In two passes: a variance as a difference of sums would lose its digits.
ALWAYS_INLINE Moments moments(const float *x, ptrdiff_t length) {
  const float mean = total(length, [=](ptrdiff_t i, ptrdiff_t count) { return load(x + i, count); }) / float(length);
  const float squares = total(length, [=](ptrdiff_t i, ptrdiff_t count) {
    const Vector centred = only(load(x + i, count) - mean, count);
    return centred * centred;
  });
  return {mean, 1.0f / __builtin_sqrtf(squares / float(length) + kEpsilon)};
}

}  // namespace
}  // namespace unroll
