// NEON with its instructions for bfloat16 (ARMv8.6).
#include <arm_neon.h>

#include "../kernels.h"
#include "tiles-neon.h"

#include "../ops/operands/pair.h"

namespace unroll {
namespace {

/// BFDOT.
ALWAYS_INLINE Vector multiplyAdd(Vector sums, Words left, Words right) {
  return (Vector)vbfdotq_f32((float32x4_t)sums, (bfloat16x8_t)left, (bfloat16x8_t)right);
}

ALWAYS_INLINE Words consecutive(Vector first, Vector second) {
  return (Words)vcvtq_high_bf16_f32(vcvtq_low_bf16_f32((float32x4_t)first), (float32x4_t)second);
}

ALWAYS_INLINE Words pairs(Vector even, Vector odd) {
  return consecutive((Vector)vzip1q_f32((float32x4_t)even, (float32x4_t)odd), (Vector)vzip2q_f32((float32x4_t)even, (float32x4_t)odd));
}

}  // namespace
}  // namespace unroll

#include "../ops/operands/bfloat16.h"
#include "../ops/tiles/registers.h"

#include "../ops/table.h"

const unroll::Kernels unroll::neonBfloat16 = kernelTable("neon-bf16");
