// Tiles for vectors of 4 floats, in as few registers as any processor has.
#pragma once

namespace unroll {
namespace {

constexpr int kWidth = 4;  // floats in a vector: the SIMD width
constexpr int kTileRows = 6, kTileColumns = 2;  // of a product's tile; columns in vectors
constexpr int kAccumulators = 12;  // vectors that a recurrent tile may hold
constexpr int kBackColumns = 2;  // of the gradient's product with Uᵀ, in vectors
constexpr ptrdiff_t kOperandMultiple = 1;  // pairs of k are packed with 0 up to a multiple of it

}  // namespace
}  // namespace unroll
