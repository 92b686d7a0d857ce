// Vectors of pairs of bfloat16: 32 bits each, with the number of the even k in the low half.
#pragma once
#include "../vector.h"

namespace unroll {
namespace {

typedef uint32_t __attribute__((may_alias)) Pair;
typedef uint32_t UnalignedPairs __attribute__((vector_size(kWidth * 4), aligned(4), may_alias));

ALWAYS_INLINE Words load(const Pair *from) { return *reinterpret_cast<const UnalignedPairs *>(from); }
ALWAYS_INLINE void store(Pair *to, Words x) { *reinterpret_cast<UnalignedPairs *>(to) = x; }
ALWAYS_INLINE Words broadcast(Pair x) { return Words{} + x; }

}  // namespace
}  // namespace unroll
