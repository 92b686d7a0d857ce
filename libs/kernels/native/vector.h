// Vectors of LANES floats in GCC's vector extensions, and the functions of them that the kernels need. Included by each
// instruction set's own file inside a namespace of its own, so that nothing compiled for one can be linked for another.
typedef float Vector __attribute__((vector_size(LANES * 4)));
typedef int32_t Integers __attribute__((vector_size(LANES * 4)));
typedef float Unaligned __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))

INLINE Vector load(const float *from) { return *reinterpret_cast<const Unaligned *>(from); }
INLINE void store(float *to, Vector x) { *reinterpret_cast<Unaligned *>(to) = x; }
INLINE Vector all(float x) { return x - Vector{}; }

/// The first `count` values, the rest 0.
INLINE Vector load(const float *from, ptrdiff_t count) {
  if (count >= LANES) return load(from);
  float all[LANES] = {};
  for (ptrdiff_t i = 0; i < count; i++) all[i] = from[i];
  return load(all);
}
INLINE void store(float *to, Vector x, ptrdiff_t count) {
  if (count >= LANES) return store(to, x);
  float all[LANES];
  store(all, x);
  for (ptrdiff_t i = 0; i < count; i++) to[i] = all[i];
}

/// Lane after lane, in order.
INLINE float sum(Vector x) {
  float total = 0;
  for (int i = 0; i < LANES; i++) total += x[i];
  return total;
}

/// eˣ for |x| ≤ 87.3, or NaN: 2ⁿ·eʳ with |r| ≤ ln 2 / 2 (Cody & Waite 1980) and the Taylor polynomial of degree 7; relative
/// error below 2e-7.
INLINE Vector boundedExponential(Vector x) {
  const Vector magic = all(12582912.0f);  // 1.5·2²³: adding it rounds to an integer
  const Vector shifted = x * 1.44269504f + magic;
  const Vector n = shifted - magic;
  const Vector r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  Vector p = all(1.0f / 5040);
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const Integers whole = reinterpret_cast<Integers>(shifted) - reinterpret_cast<Integers>(magic);
  return p * reinterpret_cast<Vector>((whole + 127) << 23);
}

/// The comparisons keep NaN.
INLINE Vector bounded(Vector x, float most) {
  const Vector above = x < -most ? all(-most) : x;
  return above > most ? all(most) : above;
}

/// eˣ. 0 where x < −87.3, infinite where x > 88.7, NaN for NaN.
INLINE Vector exponential(Vector x) {
  // 2¹²⁸ is no float: the square of e^(x/2), but only near the end, since squaring doubles the error.
  const Vector p = boundedExponential(bounded(x, 87.3f));
  const Vector half = boundedExponential(bounded(x, 88.8f) * 0.5f);
  const Vector large = x > 87.3f ? half * half : p;
  const Vector small = x < -87.3f ? all(0.0f) : large;
  return x > 88.72283f ? all(__builtin_inff()) : small;
}

/// 1 / (1 + e⁻ˣ), 1e-38 where it is less.
INLINE Vector sigmoid(Vector x) { return 1.0f / (1.0f + boundedExponential(bounded(-x, 87.3f))); }

/// tanh(x) = x·P(x²)/Q(x²) for |x| ≤ 9.02, beyond which float32 has ±1: a rational function fitted to the least relative error,
/// 1.3e-9 in exact arithmetic and so near 0 too; NaN for NaN.
INLINE Vector tangent(Vector x) {
  const Vector y = bounded(x, 9.02f), s = y * y;
  Vector p = s * -1.22031942589e-11f + 3.05846556264e-8f;
  p = p * s + 2.80073060615e-5f;
  p = p * s + 3.86832015853e-3f;
  p = p * s + 0.1367990901f;
  p = p * s + 0.999999998692f;
  Vector q = s * 1.28735593254e-6f + 3.93861774878e-4f;
  q = q * s + 2.72458110233e-2f;
  q = q * s + 0.470132410708f;
  q = q * s + 1.0f;
  return bounded(y * p / q, 1.0f);  // rounding must not lead beyond ±1
}
