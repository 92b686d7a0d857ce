// Dropout masks, drawn by counter: Threefry-2x32 with 20 rounds (Salmon et al. 2011), as in libs/random.
#pragma once
#include "../kernels.h"
#include "vector.h"

namespace unroll {
namespace {

ALWAYS_INLINE Words rotateLeft(Words x, int by) { return x << by | x >> (32 - by); }

/// The first word under `key` for the counters (counter, index).
ALWAYS_INLINE Words threefry(const uint32_t *key, uint32_t counter, Words index) {
  const uint32_t keys[3] = {key[0], key[1], 0x1bd11bdau ^ key[0] ^ key[1]};
  Words x = Words{} + (counter + key[0]), y = index + key[1];
#pragma GCC unroll 5
  for (int injection = 1; injection <= 5; injection++) {
    const bool odd = injection & 1;
    x += y, y = rotateLeft(y, odd ? 13 : 17) ^ x;
    x += y, y = rotateLeft(y, odd ? 15 : 29) ^ x;
    x += y, y = rotateLeft(y, odd ? 26 : 16) ^ x;
    x += y, y = rotateLeft(y, odd ? 6 : 24) ^ x;
    x += keys[injection % 3];
    y += keys[(injection + 1) % 3] + uint32_t(injection);
  }
  return x;
}

void dropoutMask(const Mask &m, const uint32_t *key, float scale, float *out) {
  Words units{};
  for (int i = 0; i < kWidth; i++) units[i] = uint32_t(i);
  const Words threshold = Words{} + key[3];
  for (ptrdiff_t row = 0; row < m.rows; row++)
    for (ptrdiff_t block = 0; block < m.blocks; block++, out += m.width) {
      const uint32_t begin = uint32_t((row * m.blocksOfRow + block) * m.units);
      for (ptrdiff_t i = 0; i < m.width; i += kWidth) {
        const Words drawn = threefry(key, key[2], units + (begin + uint32_t(i)));
        store(out + i, drawn < threshold ? Vector{} : broadcast(scale), m.width - i);
      }
    }
}

}  // namespace
}  // namespace unroll
