// A matrix that is packed once for products of few rows: as numbers, or as 8-bit integers.
//
// A packed matrix [k, gates·units]: 64 bytes that say what it is; with 8-bit integers a scale for each column; then panels of blocks
// of kWidth units, each k by k, the gates of a block side by side. It lies at the first multiple of 64 bytes of the room that it is
// given.
//
// What 8-bit weights are multiplied with is rounded to 16 bits, and sums are exact. Without other instructions, pairs of 16 bits are
// multiplied and added (PMADDWD). VPDPBUSD adds the products of four bytes with no sign and four with one (Intel, "Intel Architecture
// Instruction Set Extensions", AVX512_VNNI): x + 2¹⁵ = 2⁸·high + low has none, so that x·w = 2⁸·high·w + low·w − 2¹⁵·Σw, each in 32 bits,
// of which those that the sums exceed are no part of the result.
#pragma once
#include <type_traits>

#include "recurrent-step.h"

namespace unroll {
namespace {

constexpr ptrdiff_t kLine = 64;  // bytes
constexpr float kLargest = 127;  // of an 8-bit weight

#if defined(__AVX512VNNI__)
constexpr ptrdiff_t kDeep = 4;  // k of 8-bit weights that lie side by side
#else
constexpr ptrdiff_t kDeep = 2;
#endif

/// Blocks of units in a panel, a power of two. Eight sums keep two units with a latency of four busy; four of 512 bits take as many
/// bytes in a cycle as the second cache gives, and of a smaller panel more is still in the first one when the next row begins.
constexpr int panelBlocks(int gates) {
  constexpr int vectors = kWidth == 16 && kDeep == 2 ? 4 : 8;
  return gates == 3 ? 2 : vectors / gates;
}

/// Blocks of units in a tile of several rows, at most those of a panel.
constexpr int tileBlocks(int gates) {
  return gates == 1 ? panelBlocks(1) < 4 ? panelBlocks(1) : 4 : gates == 3 && kAccumulators >= 24 ? 2 : 1;
}

/// Blocks of float32 weights whose rows lie side by side. With few registers, tiles are narrower than panels, and what is read with gaps
/// finds room in some of the lines of the first cache only. Parts of a panel follow one another.
constexpr int partBlocks(int gates) { return kRegisters == 16 ? tileBlocks(gates) : panelBlocks(gates); }

/// The vectors of a part of V ones of a panel.
constexpr int partVectors(int V) { return kRegisters == 16 ? V % 3 == 0 ? 3 : V < 4 ? V : 4 : V; }

typedef int8_t Bytes __attribute__((vector_size(2 * kWidth)));  // a pair of k for each of kWidth columns
typedef int8_t UnalignedBytes __attribute__((vector_size(2 * kWidth), aligned(1), may_alias));
typedef int16_t Halves __attribute__((vector_size(2 * kWidth)));

ALWAYS_INLINE ptrdiff_t blocksOf(ptrdiff_t units) { return (units + kWidth - 1) / kWidth; }
ALWAYS_INLINE ptrdiff_t groupsOf(ptrdiff_t k) { return (k + kDeep - 1) / kDeep; }
ALWAYS_INLINE ptrdiff_t toLine(ptrdiff_t bytes) { return (bytes + kLine - 1) / kLine * kLine; }

/// Columns, those that fill up a block included.
ALWAYS_INLINE ptrdiff_t wideColumns(const PackedShape &s) { return blocksOf(s.units) * s.gates * kWidth; }

/// Bytes of what comes before 8-bit weights: the scales, and −2¹⁵ times the sums of columns where products need them.
ALWAYS_INLINE ptrdiff_t scalesSize(const PackedShape &s) { return toLine(wideColumns(s) * 4) * (kDeep == 4 ? 2 : 1); }

ptrdiff_t packedSize(const PackedShape &s) {
  const ptrdiff_t wide = wideColumns(s);
  const ptrdiff_t weights = s.packing == Packing::int8 ? scalesSize(s) + groupsOf(s.k) * kDeep * wide : s.k * wide * 4;
  return kLine + kLine + toLine(weights);
}

template <typename Byte>
ALWAYS_INLINE Byte *aligned(Byte *room) {
  return room + (-reinterpret_cast<intptr_t>(room) & (kLine - 1));
}

/// What the first bytes of a packed matrix say.
struct PackedHead {
  int32_t width, deep, packing, k, units, gates;
  bool is(const PackedHead &other) const { return __builtin_memcmp(this, &other, sizeof other) == 0; }
};

ALWAYS_INLINE PackedHead headOf(const PackedShape &s) {
  return {kWidth, s.packing == Packing::int8 ? int32_t(kDeep) : 1, int32_t(s.packing), int32_t(s.k), int32_t(s.units), int32_t(s.gates)};
}

bool isPacked(const PackedShape &s, const uint8_t *room) {
  PackedHead head;
  __builtin_memcpy(&head, aligned(room), sizeof head);
  return head.is(headOf(s));
}

/// Calls visit(B, block) for panels of B blocks from `block` on: all those of Most, and for what is left at most one of each smaller
/// power of two. `backwards`: the last first.
template <int Most, typename Visit>
ALWAYS_INLINE void forEachPanel(ptrdiff_t blocks, bool backwards, const Visit &visit) {
  const ptrdiff_t whole = blocks / Most, left = blocks % Most;
  const auto rest = [&] {
    ptrdiff_t at = whole * Most;
    if (Most > 4 && left & 4) visit(std::integral_constant<int, 4>(), at), at += 4;
    if (Most > 2 && left & 2) visit(std::integral_constant<int, 2>(), at), at += 2;
    if (Most > 1 && left & 1) visit(std::integral_constant<int, 1>(), at);
  };
  if (backwards) rest();
  for (ptrdiff_t i = 0; i < whole; i++) visit(std::integral_constant<int, Most>(), (backwards ? whole - 1 - i : i) * Most);
  if (!backwards) rest();
}

/// Calls visit(blocks, block) for what lies side by side of a matrix, in the order in which it is packed: of the blocks from `from`, a
/// multiple of `panelBlocks`, up to `to`.
template <typename Visit>
void forEachPanelOf(const PackedShape &s, ptrdiff_t from, ptrdiff_t to, const Visit &visit) {
  const ptrdiff_t most = s.packing == Packing::int8 ? panelBlocks(int(s.gates)) : partBlocks(int(s.gates));
  for (ptrdiff_t block = from, size = most; block < to; block += size) {
    while (size > to - block) size /= 2;
    visit(size, block);
  }
}

template <typename Visit>
void forEachPanelOf(const PackedShape &s, const Visit &visit) {
  forEachPanelOf(s, 0, blocksOf(s.units), visit);
}

void packFloats(const PackedShape &s, const float *matrix, float *to) {
  forEachPanelOf(s, [&](ptrdiff_t blocks, ptrdiff_t block) {
    for (ptrdiff_t k = 0; k < s.k; k++)
      for (ptrdiff_t unit = block * kWidth; unit < (block + blocks) * kWidth; unit += kWidth)
        for (ptrdiff_t gate = 0; gate < s.gates; gate++, to += kWidth)
          store(to, load(matrix + (k * s.gates + gate) * s.units + unit, s.units - unit));
  });
}

/// Symmetric about 0, each column with its own scale: as compress.ts has it.
void packBytes(const PackedShape &s, const float *matrix, uint8_t *room) {
  float *scale = reinterpret_cast<float *>(room);
  int8_t *to = reinterpret_cast<int8_t *>(room + scalesSize(s));
  const auto weight = [&](ptrdiff_t k, ptrdiff_t gate, ptrdiff_t unit) { return matrix[(k * s.gates + gate) * s.units + unit]; };
  for (ptrdiff_t block = 0; block < blocksOf(s.units); block++)
    for (ptrdiff_t gate = 0; gate < s.gates; gate++)
      for (ptrdiff_t unit = block * kWidth; unit < (block + 1) * kWidth; unit++, scale++) {
        float most = 0, nothing = 0;
        for (ptrdiff_t k = 0; k < s.k && unit < s.units; k++) {
          const float value = weight(k, gate, unit), size = __builtin_fabsf(value);
          most = size > most ? size : most, nothing += value * 0.0f;
        }
        *scale = most / kLargest + nothing;  // not a number where a weight is none
      }
  const float *scales = reinterpret_cast<const float *>(room);
  // Unsigned, since they go around: so do the products that they are added to.
  uint32_t *sums = kDeep == 4 ? reinterpret_cast<uint32_t *>(room + toLine(wideColumns(s) * 4)) : nullptr;
  if (sums) __builtin_memset(sums, 0, size_t(wideColumns(s)) * 4);
  forEachPanelOf(s, [&](ptrdiff_t blocks, ptrdiff_t first) {
    for (ptrdiff_t group = 0; group < s.k; group += kDeep)
      for (ptrdiff_t block = first; block < first + blocks; block++)
        for (ptrdiff_t gate = 0; gate < s.gates; gate++)
          for (ptrdiff_t i = 0; i < kWidth; i++)
            for (ptrdiff_t k = group; k < group + kDeep; k++, to++) {
              const ptrdiff_t unit = block * kWidth + i, column = (block * s.gates + gate) * kWidth + i;
              const float value = k < s.k && unit < s.units && scales[column] > 0 ? weight(k, gate, unit) / scales[column] : 0;
              *to = int8_t(value < -kLargest ? -kLargest : value > kLargest ? kLargest : __builtin_rintf(value));
              if (sums) sums[column] -= uint32_t(*to) * 32768u;
            }
  });
}

void pack(const PackedShape &s, const float *matrix, uint8_t *room) {
  uint8_t *at = aligned(room);
  const PackedHead head = headOf(s);
  __builtin_memcpy(at, &head, sizeof head);
  if (s.packing == Packing::int8) packBytes(s, matrix, at + kLine);
  else packFloats(s, matrix, reinterpret_cast<float *>(at + kLine));
}

/// x as integers of 16 bits, `visit`ed with its place kWidth at a time, and what one of them is worth: as little as lets no sum of k
/// products with 8 bits exceed 31 bits. Not a number where x holds one, or infinity.
template <typename Visit>
ALWAYS_INLINE float toIntegers(ptrdiff_t k, const float *x, const Visit &visit) {
  Vector most{}, nothing{};
  for (ptrdiff_t i = 0; i < k; i += kWidth) {
    const Vector own = load(x + i, k - i);
    most = greater(own < 0.0f ? -own : own, most), nothing += own * 0.0f;
  }
  float sizes[kWidth], largest = 0;
  store(sizes, most);
  for (int i = 0; i < kWidth; i++) largest = sizes[i] > largest ? sizes[i] : largest;
  const float limit = 2147483520.0f / (kLargest * float(k + 1)), steps = limit < 32767.0f ? float(int32_t(limit)) : 32767.0f;
  const Vector factor = broadcast(largest > 0 ? steps / largest : 0), magic = broadcast(12582912.0f);  // rounds, as in boundedExp
  for (ptrdiff_t i = 0; i < k; i += kWidth) {
    const Vector shifted = load(x + i, k - i) * factor + magic;
    visit(i, reinterpret_cast<Integers>(shifted) - reinterpret_cast<Integers>(magic));
  }
  return largest / steps + sum(nothing);
}

/// A row, as products read it: `groups` with 8-bit weights.
struct PackedRow {
  const float *x;
  const int32_t *groups;
  float unit;
};

ALWAYS_INLINE Integers loadIntegers(const int32_t *from) { return (Integers)load(reinterpret_cast<const float *>(from)); }

#if defined(__AVX512VNNI__)
/// The sums of V vectors of columns: those with the high bytes of a row, and those with the low ones.
template <int V>
struct IntegerSums {
  Integers high[V], low[V];

  explicit IntegerSums(const int32_t *begin) {
#pragma GCC unroll 8
    for (int v = 0; v < V; v++) high[v] = Integers{}, low[v] = loadIntegers(begin + v * kWidth);
  }
  /// `bytes`: of kDeep k; `group`: where their group of a row is.
  __attribute__((always_inline)) void add(const int8_t *bytes, const int32_t *group) {
    const __m512i above = _mm512_set1_epi32(group[0]), below = _mm512_set1_epi32(group[1]);
#pragma GCC unroll 8
    for (int v = 0; v < V; v++) {
      const __m512i weights = _mm512_loadu_si512(bytes + v * kDeep * kWidth);
      high[v] = (Integers)_mm512_dpbusd_epi32((__m512i)high[v], above, weights);
      low[v] = (Integers)_mm512_dpbusd_epi32((__m512i)low[v], below, weights);
    }
  }
  __attribute__((always_inline)) Integers operator[](int v) const { return (high[v] << 8) + low[v]; }
};
constexpr ptrdiff_t kGroupStride = 2;  // high bytes of four k, then the low ones

/// kWidth integers as bytes, in groups.
ALWAYS_INLINE void storeGroups(int32_t *groups, ptrdiff_t i, Integers own) {
  typedef uint8_t Narrow __attribute__((vector_size(kWidth)));
  const Words shifted = (Words)(own + 32768);
  const Narrow bytes[2] = {__builtin_convertvector(shifted >> 8, Narrow), __builtin_convertvector(shifted & 255u, Narrow)};
  const __m256i both = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(bytes)), order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  _mm256_storeu_si256(reinterpret_cast<__m256i *>(groups + i / 2), _mm256_permutevar8x32_epi32(both, order));
}
#else
/// sums + the products of kWidth columns with a pair of integers, each of 16 bits.
ALWAYS_INLINE Integers addPairs(Integers sums, const int8_t *bytes, int32_t pair) {
#if defined(__AVX512F__)
  if constexpr (kWidth == 16) {
    const __m512i weights = _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i *>(bytes)));
    return (Integers)_mm512_add_epi32((__m512i)sums, _mm512_madd_epi16(weights, _mm512_set1_epi32(pair)));
  }
#elif defined(__AVX2__)
  if constexpr (kWidth == 8) {
    const __m256i weights = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i *>(bytes)));
    return (Integers)_mm256_add_epi32((__m256i)sums, _mm256_madd_epi16(weights, _mm256_set1_epi32(pair)));
  }
#endif
  const Halves both = reinterpret_cast<Halves>(Bytes(*reinterpret_cast<const UnalignedBytes *>(bytes)));
  const Integers wide = __builtin_convertvector(both, Integers);
  return sums + (wide << 24 >> 24) * int32_t(int16_t(pair)) + (wide >> 8) * (pair >> 16);
}

/// The sums of V vectors of columns.
template <int V>
struct IntegerSums {
  Integers sums[V] = {};

  explicit IntegerSums(const int32_t *) {}
  __attribute__((always_inline)) void add(const int8_t *bytes, const int32_t *group) {
#pragma GCC unroll 8
    for (int v = 0; v < V; v++) sums[v] = addPairs(sums[v], bytes + v * kDeep * kWidth, *group);
  }
  __attribute__((always_inline)) Integers operator[](int v) const { return sums[v]; }
};
constexpr ptrdiff_t kGroupStride = 1;

/// kWidth integers in pairs of 16 bits.
ALWAYS_INLINE void storeGroups(int32_t *groups, ptrdiff_t i, Integers own) {
  const Halves pairs = __builtin_convertvector(own, Halves);
  __builtin_memcpy(groups + i / 2, &pairs, sizeof pairs);
}
#endif

template <Packing P>
ALWAYS_INLINE PackedRow toRow(ptrdiff_t k, const float *x, Workspace room) {
  if constexpr (P == Packing::float32) return {x, nullptr, 0};
  int32_t *groups = reinterpret_cast<int32_t *>(workspace(room, blocksOf(k) * kWidth));
  const float unit = toIntegers(k, x, [&](ptrdiff_t i, Integers own) { storeGroups(groups, i, own); });
  return {x, groups, unit};
}

/// A packed matrix.
template <Packing P>
struct PackedMatrix {
  ptrdiff_t k, gates;
  const uint8_t *weights;
  const float *scales;
  const int32_t *begin;

  PackedMatrix(const PackedShape &s, const uint8_t *room)
      : k(s.k), gates(s.gates), weights(aligned(room) + kLine), scales(nullptr), begin(nullptr) {
    if constexpr (P == Packing::float32) return;
    scales = reinterpret_cast<const float *>(weights);
    begin = reinterpret_cast<const int32_t *>(weights + toLine(wideColumns(s) * 4));
    weights += scalesSize(s);
  }

  /// sums += row·matrix for the V vectors of columns from `block` on. In float32 in the order in which a recurrent layer of a batch
  /// sums up, so that the bits are the same.
  template <int V>
  __attribute__((always_inline)) void add(const PackedRow &row, ptrdiff_t block, Vector (&sums)[V]) const {
    const ptrdiff_t first = block * gates * kWidth;
    if constexpr (P == Packing::float32) {
      addPart(row, block, 0, k, sums);
    } else {
      const int8_t *panel = reinterpret_cast<const int8_t *>(weights) + first * groupsOf(k) * kDeep;
      IntegerSums<V> whole(begin + first);
      for (ptrdiff_t group = 0; group < groupsOf(k); group++, panel += V * kDeep * kWidth)
        whole.add(panel, row.groups + group * kGroupStride);
#pragma GCC unroll 8
      for (int v = 0; v < V; v++)
        sums[v] = fused(__builtin_convertvector(whole[v], Vector), load(scales + first + v * kWidth) * row.unit, sums[v]);
    }
  }

  /// The same over k in [begin, end) only, in float32.
  template <int V>
  __attribute__((always_inline)) void addPart(const PackedRow &row, ptrdiff_t block, ptrdiff_t begin, ptrdiff_t end,
                                              Vector (&sums)[V]) const {
    constexpr int part = partVectors(V);
    const float *panel = reinterpret_cast<const float *>(weights) + block * gates * kWidth * k + begin * part * kWidth;
    for (ptrdiff_t kk = begin; kk < end; kk++, panel += part * kWidth) {
      const Vector left = broadcast(row.x[kk]);
#pragma GCC unroll 8
      for (int v = 0; v < V; v++) sums[v] = sums[v] + left * load(panel + (v / part * part * k + v % part) * kWidth);
    }
  }
};

}  // namespace
}  // namespace unroll
