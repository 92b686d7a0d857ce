// AVX-512 with its instructions for bfloat16.
#include <immintrin.h>

#include "../kernels.h"
#include "tiles-avx512.h"

#include "../ops/operands/pair.h"

namespace unroll {
namespace {

/// VDPBF16PS: adds the product of the odd k, then that of the even one. Whatever the mode of the processor, it rounds to nearest and takes
/// denormal numbers for 0, those of sums and results too.
ALWAYS_INLINE Vector multiplyAdd(Vector sums, Words left, Words right) {
  return (Vector)_mm512_dpbf16_ps((__m512)sums, (__m512bh)left, (__m512bh)right);
}

ALWAYS_INLINE Words consecutive(Vector first, Vector second) { return (Words)_mm512_cvtne2ps_pbh((__m512)second, (__m512)first); }

ALWAYS_INLINE Words pairs(Vector even, Vector odd) {
  const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8,  //
                                         23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  return (Words)_mm512_permutexvar_epi16(order, (__m512i)consecutive(even, odd));
}

}  // namespace
}  // namespace unroll

#include "../ops/operands/bfloat16.h"
#include "../ops/table.h"

const unroll::Kernels unroll::avx512Bfloat16 = kernelTable("avx512-bf16");
