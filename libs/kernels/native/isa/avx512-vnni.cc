// AVX-512 with its instructions for 8-bit integers (VNNI), for 8-bit weights; the rest is as with AVX-512. The same numbers.
#include "../kernels.h"
#include "tiles-avx512.h"

#include "../ops/operands/float32.h"
#include "../ops/tiles/registers.h"

#include "../ops/packed-layer.h"

const unroll::Kernels &unroll::avx512Vnni() {
  static const Kernels all = [] {
    Kernels k = avx512;
    k.packedSize = [](const PackedShape &s) { return s.packing == Packing::int8 ? packedSize(s) : avx512.packedSize(s); };
    k.pack = [](const PackedShape &s, const float *matrix, uint8_t *packed) {
      (s.packing == Packing::int8 ? pack : avx512.pack)(s, matrix, packed);
    };
    k.isPacked = [](const PackedShape &s, const uint8_t *packed) {
      return (s.packing == Packing::int8 ? isPacked : avx512.isPacked)(s, packed);
    };
    k.multiplyPacked = [](ptrdiff_t rows, const PackedShape &s, const float *x, const uint8_t *packed, const float *bias, float *out) {
      (s.packing == Packing::int8 ? multiplyPackedAs<Packing::int8> : avx512.multiplyPacked)(rows, s, x, packed, bias, out);
    };
    k.recurrentPacked = [](const RecurrentPacked &r) {
      (r.packing == Packing::int8 ? recurrentPackedAs<Packing::int8> : avx512.recurrentPacked)(r);
    };
    return k;
  }();
  return all;
}
