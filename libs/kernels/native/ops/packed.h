// Products with packed matrices, and recurrent layers over packed weights, of either packing.
#pragma once
#include "packed-layer.h"

namespace unroll {
namespace {

void multiplyPacked(ptrdiff_t rows, const PackedShape &s, const float *x, const uint8_t *room, const float *bias, float *out) {
  if (s.packing == Packing::int8) multiplyPackedAs<Packing::int8>(rows, s, x, room, bias, out);
  else multiplyPackedAs<Packing::float32>(rows, s, x, room, bias, out);
}

void recurrentPacked(const RecurrentPacked &r) {
  if (r.packing == Packing::int8) recurrentPackedAs<Packing::int8>(r);
  else recurrentPackedAs<Packing::float32>(r);
}

}  // namespace
}  // namespace unroll
