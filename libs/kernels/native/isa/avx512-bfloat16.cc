// AVX-512 with its instructions for bfloat16.
#include "../kernels.h"
#include "tiles-avx512.h"

#include "../ops/operands/bfloat16-avx512.h"

namespace unroll {
namespace {

/// VDPBF16PS: adds the product of the odd k, then that of the even one. Whatever the mode of the processor, it rounds to nearest and takes
/// denormal numbers for 0, those of sums and results too.
ALWAYS_INLINE Vector multiplyAdd(Vector sums, Words left, Words right) {
  return (Vector)_mm512_dpbf16_ps((__m512)sums, (__m512bh)left, (__m512bh)right);
}

}  // namespace
}  // namespace unroll

#include "../ops/operands/bfloat16.h"
#include "../ops/tiles/registers.h"

#include "../ops/table.h"

const unroll::Kernels unroll::avx512Bfloat16 = kernelTable("avx512-bf16");
