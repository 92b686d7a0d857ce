// AVX2 with FMA: 16 registers of 8 floats.
#include "../kernels.h"

namespace unroll {
namespace {

constexpr int kWidth = 8;  // floats in a vector: the SIMD width
constexpr int kTileRows = 6, kTileColumns = 2;  // of a product's tile; columns in vectors
constexpr int kAccumulators = 12;  // vectors that a recurrent tile may hold
constexpr int kBackColumns = 2;  // of the gradient's product with Uᵀ, in vectors

}  // namespace
}  // namespace unroll

#include "../ops/operands/float32.h"
#include "../ops/tiles/registers.h"

#include "../ops/table.h"

const unroll::Kernels unroll::avx2 = kernelTable("avx2");
