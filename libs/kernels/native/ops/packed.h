// Products of one row with a matrix that was packed once, and recurrent layers over one sequence. Each weight is read once for a row,
// so what counts is how many bytes it has, and that no sum waits for another.
//
// A packed matrix [k, gates·units]: 64 bytes that say what it is; with 8-bit integers a scale for each column; then panels of blocks
// of kWidth units, each k by k, the gates of a block side by side. It lies at the first multiple of 64 bytes of the room that it is
// given.
#pragma once
#include <type_traits>

#include "recurrent-step.h"

namespace unroll {
namespace {

constexpr ptrdiff_t kLine = 64;  // bytes
constexpr float kLargest = 127;  // of an 8-bit weight

/// Blocks of units in a panel, a power of two. Eight sums keep two units with a latency of four busy; four of 512 bits take as many
/// bytes in a cycle as the second cache gives, and of a smaller panel more is still in the first one when the next row begins.
constexpr int panelBlocks(int gates) {
  constexpr int vectors = kWidth == 16 ? 4 : 8;
  return gates == 3 ? 2 : vectors / gates;
}

typedef int8_t Bytes __attribute__((vector_size(2 * kWidth)));  // a pair of k for each of kWidth columns
typedef int8_t UnalignedBytes __attribute__((vector_size(2 * kWidth), aligned(1), may_alias));
typedef int16_t Halves __attribute__((vector_size(2 * kWidth)));

ALWAYS_INLINE ptrdiff_t blocksOf(ptrdiff_t units) { return (units + kWidth - 1) / kWidth; }
ALWAYS_INLINE ptrdiff_t pairsOf(ptrdiff_t k) { return (k + 1) / 2; }
ALWAYS_INLINE ptrdiff_t toLine(ptrdiff_t bytes) { return (bytes + kLine - 1) / kLine * kLine; }

/// Columns, those that fill up a block included.
ALWAYS_INLINE ptrdiff_t wideColumns(const PackedShape &s) { return blocksOf(s.units) * s.gates * kWidth; }

ptrdiff_t packedSize(const PackedShape &s) {
  const ptrdiff_t wide = wideColumns(s);
  const ptrdiff_t weights = s.packing == Packing::int8 ? toLine(wide * 4) + pairsOf(s.k) * 2 * wide : s.k * wide * 4;
  return kLine + kLine + toLine(weights);
}

template <typename Byte>
ALWAYS_INLINE Byte *aligned(Byte *room) {
  return room + (-reinterpret_cast<intptr_t>(room) & (kLine - 1));
}

/// What the first bytes of a packed matrix say.
struct PackedHead {
  int32_t width, packing, k, units, gates;
  bool is(const PackedHead &other) const { return __builtin_memcmp(this, &other, sizeof other) == 0; }
};

ALWAYS_INLINE PackedHead headOf(const PackedShape &s) {
  return {kWidth, int32_t(s.packing), int32_t(s.k), int32_t(s.units), int32_t(s.gates)};
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

/// Calls visit(blocks, block) for the panels of a matrix, in the order in which they are packed.
template <typename Visit>
void forEachPanelOf(const PackedShape &s, const Visit &visit) {
  const ptrdiff_t most = panelBlocks(int(s.gates));
  for (ptrdiff_t block = 0, size = most; block < blocksOf(s.units); block += size) {
    while (size > blocksOf(s.units) - block) size /= 2;
    visit(size, block);
  }
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
  int8_t *to = reinterpret_cast<int8_t *>(room + toLine(wideColumns(s) * 4));
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
  forEachPanelOf(s, [&](ptrdiff_t blocks, ptrdiff_t first) {
    for (ptrdiff_t pair = 0; pair < s.k; pair += 2)
      for (ptrdiff_t block = first; block < first + blocks; block++)
        for (ptrdiff_t gate = 0; gate < s.gates; gate++)
          for (ptrdiff_t i = 0; i < kWidth; i++)
            for (ptrdiff_t k = pair; k < pair + 2; k++, to++) {
              const ptrdiff_t unit = block * kWidth + i;
              const float own = scales[(block * s.gates + gate) * kWidth + i];
              const float value = k < s.k && unit < s.units && own > 0 ? weight(k, gate, unit) / own : 0;
              *to = int8_t(value < -kLargest ? -kLargest : value > kLargest ? kLargest : __builtin_rintf(value));
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

/// x as integers of 16 bits in pairs, and what one of them is worth: as little as lets no sum of k products with 8 bits exceed 31 bits.
/// Not a number where x holds one, or infinity.
ALWAYS_INLINE float toIntegers(ptrdiff_t k, const float *x, int32_t *pairs) {
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
  int16_t *to = reinterpret_cast<int16_t *>(pairs);
  for (ptrdiff_t i = 0; i < k; i += kWidth, to += kWidth) {
    const Vector shifted = load(x + i, k - i) * factor + magic;
    const Halves own = __builtin_convertvector(reinterpret_cast<Integers>(shifted) - reinterpret_cast<Integers>(magic), Halves);
    __builtin_memcpy(to, &own, sizeof own);
  }
  return largest / steps + sum(nothing);
}

/// A row, as products read it.
struct PackedRow {
  const float *x;
  const int32_t *pairs;  // with 8-bit weights
  float unit;
};

template <Packing P>
ALWAYS_INLINE PackedRow toRow(ptrdiff_t k, const float *x, Workspace room) {
  if constexpr (P == Packing::float32) return {x, nullptr, 0};
  int32_t *pairs = reinterpret_cast<int32_t *>(workspace(room, blocksOf(k) * kWidth));
  const float unit = toIntegers(k, x, pairs);
  return {x, pairs, unit};
}

/// A packed matrix.
template <Packing P>
struct PackedMatrix {
  ptrdiff_t k, gates;
  const uint8_t *weights;
  const float *scales;

  PackedMatrix(const PackedShape &s, const uint8_t *room) : k(s.k), gates(s.gates), weights(aligned(room) + kLine), scales(nullptr) {
    if constexpr (P == Packing::float32) return;
    scales = reinterpret_cast<const float *>(weights);
    weights += toLine(wideColumns(s) * 4);
  }

  /// sums += row·matrix for the V vectors of columns from `block` on. In float32 in the order in which a recurrent layer of a batch
  /// sums up, so that the bits are the same.
  template <int V>
  __attribute__((always_inline)) void add(const PackedRow &row, ptrdiff_t block, Vector (&sums)[V]) const {
    const ptrdiff_t first = block * gates * kWidth;
    if constexpr (P == Packing::float32) {
      const float *panel = reinterpret_cast<const float *>(weights) + first * k;
      for (ptrdiff_t kk = 0; kk < k; kk++, panel += V * kWidth) {
        const Vector left = broadcast(row.x[kk]);
#pragma GCC unroll 8
        for (int v = 0; v < V; v++) sums[v] = sums[v] + left * load(panel + v * kWidth);
      }
    } else {
      const int8_t *panel = reinterpret_cast<const int8_t *>(weights) + first * pairsOf(k) * 2;
      Integers whole[V] = {};
      for (ptrdiff_t pair = 0; pair < pairsOf(k); pair++, panel += V * 2 * kWidth)
#pragma GCC unroll 8
        for (int v = 0; v < V; v++) whole[v] = addPairs(whole[v], panel + v * 2 * kWidth, row.pairs[pair]);
#pragma GCC unroll 8
      for (int v = 0; v < V; v++)
        sums[v] = fused(__builtin_convertvector(whole[v], Vector), load(scales + first + v * kWidth) * row.unit, sums[v]);
    }
  }
};

/// out = row·matrix + bias, for a panel of B blocks.
template <Packing P, int B>
NEVER_INLINE void productPanel(const PackedMatrix<P> &matrix, const PackedRow &row, ptrdiff_t block, const float *bias, float *out,
                               ptrdiff_t columns) {
  Vector sums[B] = {};
  matrix.add(row, block, sums);
#pragma GCC unroll 8
  for (int b = 0; b < B; b++) {
    const ptrdiff_t column = (block + b) * kWidth, count = columns - column;
    store(out + column, bias ? load(bias + column, count) + sums[b] : sums[b], count);
  }
}

template <Packing P>
void multiplyRows(ptrdiff_t rows, const PackedShape &s, const float *x, const uint8_t *room, const float *bias, float *out) {
  const PackedMatrix<P> matrix(s, room);
  for (ptrdiff_t i = 0; i < rows; i++, x += s.k, out += s.units) {
    const PackedRow row = toRow<P>(s.k, x, Workspace::packedOperands);
    // What was read last of the matrix is read first for the next row: it is still near.
    forEachPanel<panelBlocks(1)>(blocksOf(s.units), i % 2 != 0, [&](auto blocks, ptrdiff_t block) {
      productPanel<P, blocks>(matrix, row, block, bias, out, s.units);
    });
  }
}

void multiplyPacked(ptrdiff_t rows, const PackedShape &s, const float *x, const uint8_t *room, const float *bias, float *out) {
  if (s.packing == Packing::int8) multiplyRows<Packing::int8>(rows, s, x, room, bias, out);
  else multiplyRows<Packing::float32>(rows, s, x, room, bias, out);
}

/// One step of one sequence. `read` is what the input product takes, and `projected` room for it, where x·W is not given.
template <Packing P>
struct PackedStep {
  Step s;
  const PackedMatrix<P> &kernel, *weight;
  PackedRow seen, read;
  const float *shift;
  float *projected;
};

/// The units of a panel of B blocks: their sums, and the cell's arithmetic, which the processor does while it fetches the next panel.
template <Cell C, Packing P, int B>
NEVER_INLINE void stepPanel(const PackedStep<P> &p, ptrdiff_t block) {
  constexpr int G = gateCount(C);
  const Step &s = p.s;
  const ptrdiff_t H = s.hidden;
  Vector sums[B * G] = {};
  if (p.weight) p.weight->add(p.read, block, sums);
#pragma GCC unroll 8
  for (int v = 0; v < B * G; v++) {
    const int gate = v % G;
    const ptrdiff_t unit = (block + v / G) * kWidth, at = gate * H + unit, count = H - unit;
    sums[v] = p.weight ? sums[v] + load(p.shift + at, count) : load(s.projected + at, count);
    if (C != Cell::gru) continue;
    if (gate == 2) {
      if (p.weight) store(p.projected + at, sums[v], count);
      sums[v] = Vector{};
    }
    if (s.bias) sums[v] += load(s.bias + at, count);
  }
  p.kernel.add(p.seen, block, sums);
#pragma GCC unroll 8
  for (int b = 0; b < B; b++) {
    const ptrdiff_t unit = (block + b) * kWidth;
    activate<C>(s, 0, unit, H - unit, &sums[b * G]);
  }
}

template <Cell C, Packing P>
void packedSteps(const RecurrentPacked &r) {
  constexpr ptrdiff_t G = gateCount(C);
  const ptrdiff_t H = r.hidden;
  const PackedMatrix<P> kernel({H, H, G, P}, r.kernel), weight({r.inputs, H, G, P}, r.weight ? r.weight : r.kernel);
  // A panel reads h of all units, so that after the step is written elsewhere.
  float *before = workspace(Workspace::packedStates, 2 * H), *after = before + H;
  float *projected = workspace(Workspace::packedSums, G * H);
  copy(before, r.h, H);
  PackedStep<P> p{{}, kernel, r.weight ? &weight : nullptr, {}, {}, r.shift, projected};
  p.s.hidden = H;
  p.s.bias = r.bias;
  p.s.own = r.own;
  p.s.c = p.s.nextC = r.c;
  for (ptrdiff_t index = 0; index < r.steps; index++) {
    const ptrdiff_t t = r.reverse ? r.steps - 1 - index : index;
    p.s.output = r.outputs + t * r.stride;
    if (r.valid && !r.valid[t]) {
      fillZero(p.s.output, H);
      continue;
    }
    p.s.projected = r.weight ? projected : r.projected + t * G * H;
    p.s.h = before;
    p.s.nextH = after;
    p.seen = toRow<P>(H, before, Workspace::packedOperands);
    if (r.weight) p.read = toRow<P>(r.inputs, r.x + t * r.inputs, Workspace::packedInputs);
    forEachPanel<panelBlocks(G)>(blocksOf(H), index % 2 != 0, [&](auto blocks, ptrdiff_t block) { stepPanel<C, P, blocks>(p, block); });
    float *other = before;
    before = after, after = other;
  }
  copy(r.h, before, H);
}

template <Cell C>
void packedLayer(const RecurrentPacked &r) {
  if (r.packing == Packing::int8) packedSteps<C, Packing::int8>(r);
  else packedSteps<C, Packing::float32>(r);
}

void recurrentPacked(const RecurrentPacked &r) {
  switch (r.cell) {
    case Cell::rnnTanh: return packedLayer<Cell::rnnTanh>(r);
    case Cell::rnnRelu: return packedLayer<Cell::rnnRelu>(r);
    case Cell::lstm: return packedLayer<Cell::lstm>(r);
    case Cell::gru: return packedLayer<Cell::gru>(r);
    case Cell::peepholeLstm: return packedLayer<Cell::peepholeLstm>(r);
    case Cell::slstm: return packedLayer<Cell::slstm>(r);
    case Cell::layerNormLstm: return;  // its gates see the statistics of the whole row
  }
}

}  // namespace
}  // namespace unroll
