// exp, sigmoid and tanh of vectors.
#pragma once
#include "vector.h"

namespace unroll {
namespace {

/// eˣ for |x| ≤ 87.3, or NaN: 2ⁿ·eʳ with |r| ≤ ln 2 / 2 (Cody & Waite 1980) and the Taylor polynomial of degree 7; relative
/// error below 2e-7.
ALWAYS_INLINE Vector boundedExp(Vector x) {
  const Vector magic = broadcast(12582912.0f);  // 1.5·2²³: adding it rounds to an integer
  const Vector shifted = x * 1.44269504f + magic;
  const Vector n = shifted - magic;
  const Vector r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  Vector p = broadcast(1.0f / 5040);
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const Integers exponent = reinterpret_cast<Integers>(shifted) - reinterpret_cast<Integers>(magic);
  return p * reinterpret_cast<Vector>((exponent + 127) << 23);
}

/// x limited to [−bound, bound]; NaN stays.
ALWAYS_INLINE Vector clamp(Vector x, float bound) { return lesser(broadcast(bound), greater(broadcast(-bound), x)); }

/// eˣ: 0 where x < −87.3, infinity where x > 88.7, NaN for NaN.
ALWAYS_INLINE Vector exp(Vector x) {
  // 2¹²⁸ is no float: near the end take the square of e^(x/2), and only there, since squaring doubles the error.
  const Vector p = boundedExp(clamp(x, 87.3f));
  const Vector half = boundedExp(clamp(x, 88.8f) * 0.5f);
  const Vector large = x > 87.3f ? half * half : p;
  const Vector small = x < -87.3f ? broadcast(0.0f) : large;
  return x > 88.72283f ? broadcast(__builtin_inff()) : small;
}

/// 1 / (1 + e⁻ˣ), at least 1e-38.
ALWAYS_INLINE Vector sigmoid(Vector x) { return 1.0f / (1.0f + boundedExp(clamp(-x, 87.3f))); }

/// eˣ for x ≤ 0, at least 1e-38.
ALWAYS_INLINE Vector decay(Vector x) { return boundedExp(clamp(x, 87.3f)); }

/// log(1 + eˣ), and its slope σ(x).
struct Softplus {
  Vector value, slope;
};

/// log(1 + eˣ) = max(x, 0) + 2·artanh(u / (2 + u)), u = e^−|x|, whose argument is at most 1/3: the series to its 13th power.
ALWAYS_INLINE Softplus softplus(Vector x) {
  const Vector u = decay(x < 0.0f ? x : -x), r = u / (2.0f + u), s = r * r, whole = 1.0f / (1.0f + u);
  Vector p = s * (1.0f / 13) + 1.0f / 11;
  p = p * s + 1.0f / 9;
  p = p * s + 1.0f / 7;
  p = p * s + 1.0f / 5;
  p = p * s + 1.0f / 3;
  p = p * s + 1.0f;
  return {(x < 0.0f ? Vector{} : x) + 2.0f * r * p, x < 0.0f ? u * whole : whole};
}

/// tanh(x) = x·P(x²)/Q(x²) for |x| ≤ 9.02, beyond which it is ±1 in float32. The rational function is fitted to the least
/// relative error: 1.3e-9 in exact arithmetic, near 0 too. NaN for NaN.
ALWAYS_INLINE Vector tanh(Vector x) {
  const Vector y = clamp(x, 9.02f), s = y * y;
  Vector p = s * -1.22031942589e-11f + 3.05846556264e-8f;
  p = p * s + 2.80073060615e-5f;
  p = p * s + 3.86832015853e-3f;
  p = p * s + 0.1367990901f;
  p = p * s + 0.999999998692f;
  Vector q = s * 1.28735593254e-6f + 3.93861774878e-4f;
  q = q * s + 2.72458110233e-2f;
  q = q * s + 0.470132410708f;
  q = q * s + 1.0f;
  return clamp(y * p / q, 1.0f);  // rounding must not exceed ±1
}

/// out[i] = function(x[i]).
template <Vector (*function)(Vector)>
void elementwise(ptrdiff_t count, const float *x, float *out) {
  for (ptrdiff_t i = 0; i < count; i += kWidth) store(out + i, function(load(x + i, count - i)), count - i);
}

void tanhGradient(ptrdiff_t count, const float *y, const float *gradient, float *out) {
  for (ptrdiff_t i = 0; i < count; i += kWidth) {
    const Vector own = load(y + i, count - i);
    store(out + i, load(gradient + i, count - i) * (1.0f - own * own), count - i);
  }
}

/// Twelve independent chains: enough to keep two units with a latency of four busy.
double multiplyAdds(ptrdiff_t rounds, float *out) {
  Vector chains[12];
  for (int i = 0; i < 12; i++) chains[i] = broadcast(out[0] + float(i));
  const Vector factor = broadcast(out[0] * 0.5f), term = broadcast(out[0]);
  for (ptrdiff_t round = 0; round < rounds; round++)
#pragma GCC unroll 12
    for (int i = 0; i < 12; i++) chains[i] = chains[i] * factor + term;
  float total = 0;
  for (int i = 0; i < 12; i++) total += sum(chains[i]);
  out[0] = total;
  return 2.0 * 12 * kWidth * double(rounds);
}

}  // namespace
}  // namespace unroll
