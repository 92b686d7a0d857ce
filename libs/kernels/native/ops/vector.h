// Vectors of kWidth floats in GCC's vector extensions. Every header of ops/ is included once by each instruction set's own file
// in isa/, which declares kWidth and the tile sizes before. Everything here is in an anonymous namespace, so that the linker can
// never take code compiled for one instruction set for another's; for the same reason no standard library code belongs here.
#pragma once
#include <cstddef>
#include <cstdint>
#if defined(__AVX2__)
#include <immintrin.h>
#endif

#define ALWAYS_INLINE static inline __attribute__((always_inline))

namespace unroll {
namespace {

typedef float Vector __attribute__((vector_size(kWidth * 4)));
typedef int32_t Integers __attribute__((vector_size(kWidth * 4)));
typedef uint32_t Words __attribute__((vector_size(kWidth * 4)));
typedef float Unaligned __attribute__((vector_size(kWidth * 4), aligned(4), may_alias));

ALWAYS_INLINE Vector load(const float *from) { return *reinterpret_cast<const Unaligned *>(from); }
ALWAYS_INLINE void store(float *to, Vector x) { *reinterpret_cast<Unaligned *>(to) = x; }
ALWAYS_INLINE Vector broadcast(float x) { return x - Vector{}; }

/// Each a where it is greater, or less, than b, else b: NaN of b stays. On x86 one instruction, which a compiler may not choose itself.
ALWAYS_INLINE Vector greater(Vector a, Vector b) {
#if defined(__AVX512F__)
  if constexpr (kWidth == 16) return (Vector)_mm512_max_ps((__m512)a, (__m512)b);
#elif defined(__AVX2__)
  if constexpr (kWidth == 8) return (Vector)_mm256_max_ps((__m256)a, (__m256)b);
#endif
  return a > b ? a : b;
}
ALWAYS_INLINE Vector lesser(Vector a, Vector b) {
#if defined(__AVX512F__)
  if constexpr (kWidth == 16) return (Vector)_mm512_min_ps((__m512)a, (__m512)b);
#elif defined(__AVX2__)
  if constexpr (kWidth == 8) return (Vector)_mm256_min_ps((__m256)a, (__m256)b);
#endif
  return a < b ? a : b;
}

/// The first `count` values, the rest 0.
ALWAYS_INLINE Vector load(const float *from, ptrdiff_t count) {
  if (count >= kWidth) return load(from);
  float values[kWidth] = {};
  for (ptrdiff_t i = 0; i < count; i++) values[i] = from[i];
  return load(values);
}

/// Only the first `count` values.
ALWAYS_INLINE void store(float *to, Vector x, ptrdiff_t count) {
  if (count >= kWidth) return store(to, x);
  float values[kWidth];
  store(values, x);
  for (ptrdiff_t i = 0; i < count; i++) to[i] = values[i];
}

/// The sum of all elements, from the first to the last.
ALWAYS_INLINE float sum(Vector x) {
  float total = 0;
  for (int i = 0; i < kWidth; i++) total += x[i];
  return total;
}

/// The same in fewer steps: halves are added until one element is left.
ALWAYS_INLINE float sumByHalves(Vector x) {
  float values[kWidth];
  store(values, x);
  for (int half = kWidth / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) values[i] += values[i + half];
  return values[0];
}

ALWAYS_INLINE Vector sqrt(Vector x) {
  for (int i = 0; i < kWidth; i++) x[i] = __builtin_sqrtf(x[i]);
  return x;
}

ALWAYS_INLINE void copy(float *to, const float *from, ptrdiff_t count) {
  __builtin_memcpy(to, from, size_t(count) * sizeof(float));
}

ALWAYS_INLINE void fillZero(float *to, ptrdiff_t count) { __builtin_memset(to, 0, size_t(count) * sizeof(float)); }

}  // namespace
}  // namespace unroll
