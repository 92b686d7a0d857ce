// Pairs of bfloat16 by AVX-512's instructions.
#pragma once
#include <immintrin.h>

#include "pair.h"

namespace unroll {
namespace {

ALWAYS_INLINE Words consecutive(Vector first, Vector second) { return (Words)_mm512_cvtne2ps_pbh((__m512)second, (__m512)first); }

ALWAYS_INLINE Words pairs(Vector even, Vector odd) {
  const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8,  //
                                         23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  return (Words)_mm512_permutexvar_epi16(order, (__m512i)consecutive(even, odd));
}

}  // namespace
}  // namespace unroll
