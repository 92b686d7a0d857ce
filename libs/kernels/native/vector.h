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

/// eˣ = 2ⁿ·eʳ with |r| ≤ ln 2 / 2 (Cody & Waite 1980) and the Taylor polynomial of degree 7: relative error below 2e-7. 0 where
/// x < −87.3, infinite where x > 88.7, NaN for NaN.
INLINE Vector exponential(Vector x) {
  const Vector magic = all(12582912.0f);  // 1.5·2²³: adding it rounds to an integer
  Vector bounded = x < -87.3f ? all(-87.3f) : x;
  bounded = bounded > 88.7f ? all(88.7f) : bounded;
  const Vector shifted = bounded * 1.44269504f + magic;
  const Vector n = shifted - magic;
  const Vector r = (bounded - n * 0.693359375f) + n * 2.12194440e-4f;
  Vector p = all(1.0f / 5040);
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  // 2ⁿ in two factors, since 2¹²⁸ is no float.
  const Integers whole = reinterpret_cast<Integers>(shifted) - reinterpret_cast<Integers>(magic);
  const Integers half = whole >> 1;
  const Vector first = reinterpret_cast<Vector>((half + 127) << 23);
  const Vector second = reinterpret_cast<Vector>((whole - half + 127) << 23);
  p = p * first * second;
  p = x < -87.3f ? all(0.0f) : p;
  return x > 88.7f ? (x > 88.72283f ? all(__builtin_inff()) : p) : p;
}

INLINE Vector sigmoid(Vector x) { return 1.0f / (1.0f + exponential(-x)); }

/// tanh(x) = x·P(x²)/Q(x²) for |x| ≤ 9.02, beyond which float32 has ±1: a rational function fitted to the least relative error,
/// 1.3e-9 in exact arithmetic and so near 0 too; NaN for NaN.
INLINE Vector tangent(Vector x) {
  Vector bounded = x > 9.02f ? all(9.02f) : x;
  bounded = bounded < -9.02f ? all(-9.02f) : bounded;
  const Vector s = bounded * bounded;
  Vector p = s * -1.22031942589e-11f + 3.05846556264e-8f;
  p = p * s + 2.80073060615e-5f;
  p = p * s + 3.86832015853e-3f;
  p = p * s + 0.1367990901f;
  p = p * s + 0.999999998692f;
  Vector q = s * 1.28735593254e-6f + 3.93861774878e-4f;
  q = q * s + 2.72458110233e-2f;
  q = q * s + 0.470132410708f;
  q = q * s + 1.0f;
  const Vector y = bounded * p / q;
  const Vector below = y > 1.0f ? all(1.0f) : y;  // rounding must not lead beyond ±1
  return below < -1.0f ? all(-1.0f) : below;
}
