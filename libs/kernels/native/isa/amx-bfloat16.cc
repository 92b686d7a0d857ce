// AMX with bfloat16 (Sapphire Rapids and later): products and recurrent layers; the rest is as with AVX-512's instructions for bfloat16.
#include <immintrin.h>

#include <type_traits>

#include "../kernels.h"
#if UNROLL_AMX
#include "tiles-amx.h"

#include "../ops/operands/bfloat16-avx512.h"

namespace unroll {
namespace {

/// Rows become columns, in four rounds of exchanges between rows that are 1, 2, 4 and 8 apart.
ALWAYS_INLINE void transpose(Words (&rows)[kWidth]) {
  const Words places = (Words)_mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
#pragma GCC unroll 4
  for (int apart = 1; apart < kWidth; apart *= 2) {
    // A place of 16 or more is one of the second row.
    const Words isHigh = (Words)((places & uint32_t(apart)) != 0u);
    const Words low = ((places + uint32_t(16 - apart)) & isHigh) | (places & ~isHigh);
    const Words high = ((places + 16u) & isHigh) | ((places + uint32_t(apart)) & ~isHigh);
#pragma GCC unroll 16
    for (int i = 0; i < kWidth; i++) {
      if (i & apart) continue;
      const __m512i first = (__m512i)rows[i], second = (__m512i)rows[i + apart];
      rows[i] = (Words)_mm512_permutex2var_epi32(first, (__m512i)low, second);
      rows[i + apart] = (Words)_mm512_permutex2var_epi32(first, (__m512i)high, second);
    }
  }
}

}  // namespace
}  // namespace unroll

#include "../ops/operands/bfloat16.h"
#include "../ops/tiles/matrix.h"

#include "../ops/recurrent-gradient.h"
#include "../ops/recurrent.h"

const unroll::Kernels &unroll::amxBfloat16() {
  static const Kernels all = [] {
    Kernels k = avx512Bfloat16;
    k.name = "amx-bf16";
    k.multiply = multiply;
    k.recurrent = recurrent;
    k.recurrentGradient = recurrentGradient;
    return k;
  }();
  return all;
}
#endif
