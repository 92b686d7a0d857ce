// Vectors of kWidth floats in GCC's vector extensions. Every header of ops/ is included once by each instruction set's own file
// in isa/, which declares kWidth and the tile sizes before. Everything here is in an anonymous namespace, so that the linker can
// never take code compiled for one instruction set for another's; for the same reason no standard library code belongs here.
#pragma once
#include <cstddef>
#include <cstdint>
#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define NEVER_INLINE __attribute__((noinline))

namespace unroll {
namespace {

#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kRegisters = 32;  // for vectors
#else
constexpr int kRegisters = 16;
#endif

typedef float Vector __attribute__((vector_size(kWidth * 4)));
typedef int32_t Integers __attribute__((vector_size(kWidth * 4)));
typedef uint32_t Words __attribute__((vector_size(kWidth * 4)));
typedef float Unaligned __attribute__((vector_size(kWidth * 4), aligned(4), may_alias));

ALWAYS_INLINE Vector load(const float *from) { return *reinterpret_cast<const Unaligned *>(from); }
ALWAYS_INLINE void store(float *to, Vector x) { *reinterpret_cast<Unaligned *>(to) = x; }
ALWAYS_INLINE Vector broadcast(float x) { return x - Vector{}; }

/// Each a where it is greater, or less, than b, else b: NaN of b stays. On x86 one instruction, which a compiler may not choose itself. With
/// a mask, though it is full: GCC 12 warns of those without one, in its own header.
ALWAYS_INLINE Vector greater(Vector a, Vector b) {
#if defined(__AVX512F__)
  if constexpr (kWidth == 16) return (Vector)_mm512_maskz_max_ps(0xffff, (__m512)a, (__m512)b);
#elif defined(__AVX2__)
  if constexpr (kWidth == 8) return (Vector)_mm256_max_ps((__m256)a, (__m256)b);
#endif
  return a > b ? a : b;
}
ALWAYS_INLINE Vector lesser(Vector a, Vector b) {
#if defined(__AVX512F__)
  if constexpr (kWidth == 16) return (Vector)_mm512_maskz_min_ps(0xffff, (__m512)a, (__m512)b);
#elif defined(__AVX2__)
  if constexpr (kWidth == 8) return (Vector)_mm256_min_ps((__m256)a, (__m256)b);
#endif
  return a < b ? a : b;
}

/// a·b + c, rounded once where there is an instruction for it. A compiler that may contract a·b + c does so where both are in one basic
/// block, and of a·b + c·d takes either: where code is compiled for several sizes of a tile, bits would depend on the size.
ALWAYS_INLINE Vector fused(Vector a, Vector b, Vector c) {
#if defined(__AVX512F__)
  if constexpr (kWidth == 16) return (Vector)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__AVX2__)
  if constexpr (kWidth == 8) return (Vector)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__aarch64__)
  if constexpr (kWidth == 4) return (Vector)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#endif
  return a * b + c;
}

#if defined(__AVX2__) && !defined(__AVX512F__)
/// A mask: all bits of the first `count` values.
ALWAYS_INLINE Integers firstOf(ptrdiff_t count) { return int32_t(count) > Integers{0, 1, 2, 3, 4, 5, 6, 7}; }
#endif

/// `load` and `store` of a part of a vector where there are no masks. Not inlined: written out at each of their many places they would be half
/// of the code.
NEVER_INLINE Vector loadPart(const float *from, ptrdiff_t count) {
  float values[kWidth] = {};
  for (ptrdiff_t i = 0; i < count; i++) values[i] = from[i];
  return load(values);
}
NEVER_INLINE void storePart(float *to, Vector x, ptrdiff_t count) {
  float values[kWidth];
  store(values, x);
  for (ptrdiff_t i = 0; i < count; i++) to[i] = values[i];
}

/// The first `count` values, the rest 0. What a mask leaves out is neither read nor written.
ALWAYS_INLINE Vector load(const float *from, ptrdiff_t count) {
  if (count >= kWidth) return load(from);
#if defined(__AVX512F__)
  if constexpr (kWidth == 16) return (Vector)_mm512_maskz_loadu_ps(__mmask16((1u << count) - 1), from);
#elif defined(__AVX2__)
  if constexpr (kWidth == 8) return (Vector)_mm256_maskload_ps(from, (__m256i)firstOf(count));
#endif
  return loadPart(from, count);
}

/// Only the first `count` values.
ALWAYS_INLINE void store(float *to, Vector x, ptrdiff_t count) {
  if (count >= kWidth) return store(to, x);
#if defined(__AVX512F__)
  if constexpr (kWidth == 16) return _mm512_mask_storeu_ps(to, __mmask16((1u << count) - 1), (__m512)x);
#elif defined(__AVX2__)
  if constexpr (kWidth == 8) return _mm256_maskstore_ps(to, (__m256i)firstOf(count), (__m256)x);
#endif
  storePart(to, x, count);
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

/// The largest of `count` numbers; where some are NaN, NaN or one of the others.
ALWAYS_INLINE float largestOf(const float *x, ptrdiff_t count) {
  float largest = x[0];
  ptrdiff_t i = 0;
  if (count >= kWidth) {
    Vector all = load(x);
    for (i = kWidth; count - i >= kWidth; i += kWidth) all = greater(all, load(x + i));
    float values[kWidth];
    store(values, all);
    for (int half = kWidth / 2; half > 0; half /= 2)
      for (int j = 0; j < half; j++) values[j] = values[j] > values[j + half] ? values[j] : values[j + half];
    largest = values[0];
  }
  for (; i < count; i++) largest = x[i] > largest ? x[i] : largest;
  return largest;
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
