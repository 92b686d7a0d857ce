// Random inputs, the same for the same seed.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

using Floats = std::vector<float>;

/// SplitMix64 (Steele et al. 2014).
class Random {
 public:
  explicit Random(uint64_t seed) : state(seed) {}

  uint64_t next() {
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
  }

  /// An integer in [least, most].
  ptrdiff_t between(ptrdiff_t least, ptrdiff_t most) { return least + ptrdiff_t(next() % uint64_t(most - least + 1)); }
  bool chance(int percent) { return between(1, 100) <= percent; }

  /// In (−1, 1).
  float number() { return float(next() >> 40) / float(1 << 23) - 1; }

  /// In (−scale, scale). As long as asked for, to the byte: AddressSanitizer sees what is read or written beyond.
  Floats floats(ptrdiff_t count, float scale = 1) {
    Floats values(static_cast<size_t>(count));
    for (float &value : values) value = scale * number();
    return values;
  }

  std::vector<uint8_t> mask(ptrdiff_t count) {
    std::vector<uint8_t> values(static_cast<size_t>(count));
    for (uint8_t &value : values) value = chance(70);
    return values;
  }

  std::vector<int32_t> integers(ptrdiff_t count, ptrdiff_t limit) {
    std::vector<int32_t> values(static_cast<size_t>(count));
    for (int32_t &value : values) value = int32_t(between(0, limit - 1));
    return values;
  }

 private:
  uint64_t state;
};
