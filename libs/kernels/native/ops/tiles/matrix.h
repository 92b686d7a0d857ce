// Tiles of a product in the tile registers of AMX (Intel, "Advanced Matrix Extensions", instruction set reference): 16 × 16 sums, 16 rows
// of 32 numbers at the left, and 16 rows of pairs for 16 columns at the right, the forms in which operands are packed anyway. In
// assembly, since compilers differ in what they call it. TDPBF16PS sums up even and odd k apart, then adds both sums, 32 of k at a time.
#pragma once
#include "../ahead.h"
#include "../split.h"

namespace unroll {
namespace {

constexpr int kMatrixRows = 16;
static_assert(kFetchEvery == kMatrixRows, "sizes of AMX");
static_assert(kTileRows == 2 * kMatrixRows && kWidth == kMatrixRows && kOperandMultiple == kMatrixRows, "sizes of AMX");

/// Eight tile registers of 16 rows of 64 bytes, as long as it lives. A thread's other code does without them: its state is smaller then.
struct TileRegisters {
  TileRegisters() {
    alignas(64) uint8_t palette[64] = {1};
    for (int i = 0; i < 8; i++) palette[16 + 2 * i] = 64, palette[48 + i] = kMatrixRows;
    __asm__ volatile("ldtilecfg %0" : : "m"(palette));
  }
  ~TileRegisters() { __asm__ volatile("tilerelease"); }
  TileRegisters(const TileRegisters &) = delete;
  TileRegisters &operator=(const TileRegisters &) = delete;
};

constexpr int kStepRows = kMatrixRows;  // of a recurrent tile
constexpr bool kRowsAtRunTime = true;  // the code of a tile is the same for any number of rows
constexpr bool kColumnsStay = false;   // a transposed left operand is packed in rows
constexpr bool kPacksByPanels = false; // a product's right operand is packed at once: memory is slower than products are

/// Sums are in registers 0 to 3. Of a tile of kMatrixRows, the left operand is in 4, the right ones in 5 to 7 in turn; of one of twice as
/// many, the left ones are in 4 and 5, the right ones in 6 and 7. Rows are `bytes` apart.
template <int Register>
ALWAYS_INLINE void loadTile(const void *from, ptrdiff_t bytes) {
  __asm__ volatile("tileloadd (%0,%1,1), %%tmm%c2" : : "r"(from), "r"(bytes), "i"(Register) : "memory");
}
template <int Register>
ALWAYS_INLINE void storeTile(void *to, ptrdiff_t bytes) {
  __asm__ volatile("tilestored %%tmm%c2, (%0,%1,1)" : : "r"(to), "r"(bytes), "i"(Register) : "memory");
}
template <int Register>
ALWAYS_INLINE void zeroTile() {
  __asm__ volatile("tilezero %%tmm%c0" : : "i"(Register));
}
template <int Sums, int Left, int Right>
ALWAYS_INLINE void multiplyAddTile() {
  __asm__ volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(Sums), "i"(Left), "i"(Right));
}

/// Calls visit(integral constant) for 0 to V − 1.
template <int V, int First = 0, typename Visit>
ALWAYS_INLINE void forEachRegister(Visit visit) {
  if constexpr (First < V) {
    visit(std::integral_constant<int, First>());
    forEachRegister<V, First + 1>(visit);
  }
}

/// Adds a·b over k operands to the sums in registers.
template <int V, typename Fetch>
ALWAYS_INLINE void multiplyAddTiles(ptrdiff_t k, const Operand *a, ptrdiff_t stride, const Operand *b, Fetch *ahead) {
  for (ptrdiff_t kk = 0; kk < k; kk += kMatrixRows) {
    ahead->turn();
    loadTile<4>(a + kk, stride * ptrdiff_t(sizeof(Operand)));
    forEachRegister<V>([&](auto v) {
      loadTile<5 + v % 3>(b + (kk * V + v) * kWidth, V * 64);
      multiplyAddTile<v, 4, 5 + v % 3>();
    });
  }
}

/// acc += a·b over k operands. a: rows `stride` apart, all kMatrixRows readable; b: packed [k, V·kWidth].
template <int R, int V, bool Packed, typename Fetch>
ALWAYS_INLINE void accumulate(Vector (&acc)[R][V], ptrdiff_t k, const Operand *a, ptrdiff_t stride, const Operand *b, Fetch *ahead) {
  static_assert(R == kMatrixRows && V <= 4 && !Packed, "sizes of AMX");
  forEachRegister<V>([&](auto v) { loadTile<v>(&acc[0][v], V * 64); });
  multiplyAddTiles<V>(k, a, stride, b, ahead);
  forEachRegister<V>([&](auto v) { storeTile<v>(&acc[0][v], V * 64); });
}

/// The same of 2·kMatrixRows rows, the sums of the second half in registers V and up: a right operand is read once for both halves.
/// Meanwhile fetches what lies `ahead`.
template <int V, typename Fetch>
ALWAYS_INLINE void multiplyAddHalves(ptrdiff_t k, const Operand *a, ptrdiff_t stride, const Operand *b, Fetch *ahead) {
  const ptrdiff_t bytes = stride * ptrdiff_t(sizeof(Operand));
  for (ptrdiff_t kk = 0; kk < k; kk += kMatrixRows) {
    ahead->turn();
    loadTile<4>(a + kk, bytes);
    loadTile<6>(b + kk * V * kWidth, V * 64);
    multiplyAddTile<0, 4, 6>();
    loadTile<5>(a + kMatrixRows * stride + kk, bytes);
    multiplyAddTile<V, 5, 6>();
    if constexpr (V > 1) {
      loadTile<7>(b + (kk * V + 1) * kWidth, V * 64);
      multiplyAddTile<1, 4, 7>();
      multiplyAddTile<V + 1, 5, 7>();
    }
  }
}

/// A tile of c, `rows` of which exist, and `columns`, added to `from` (or null), whose rows are strideFrom apart: c itself, or one row.
template <int R, int V, bool Packed, typename Fetch>
NEVER_INLINE void tileOfRows(ptrdiff_t rows, ptrdiff_t k, const Operand *a, ptrdiff_t stride, const Operand *b, float *c, ptrdiff_t strideC,
                             ptrdiff_t columns, const float *from, ptrdiff_t strideFrom, Fetch *ahead) {
  static_assert(R == 2 * kMatrixRows && V <= 2 && !Packed, "sizes of AMX");
  constexpr ptrdiff_t width = V * kWidth, half = kMatrixRows;
  const bool isWhole = rows % half == 0 && columns >= width, both = rows > half;
  Vector room[R][V];  // for a tile that is not whole
  float *to = c;
  ptrdiff_t strideTo = strideC;
  if (!isWhole) {
    for (ptrdiff_t i = 0; i < R; i++)
      for (int v = 0; v < V; v++) {
        const ptrdiff_t at = v * kWidth;
        room[i][v] = from && i < rows && at < columns ? load(from + i * strideFrom + at, columns - at) : Vector{};
      }
    to = reinterpret_cast<float *>(room);
    strideTo = strideFrom = width;
    from = to;
  }
  forEachRegister<V>([&](auto v) {
    if (from) loadTile<v>(from + v * kWidth, strideFrom * 4);
    else zeroTile<v>();
    if (from && both) loadTile<V + v>(from + half * strideFrom + v * kWidth, strideFrom * 4);
    else zeroTile<V + v>();
  });
  if (both) multiplyAddHalves<V>(k, a, stride, b, ahead);
  else multiplyAddTiles<V>(k, a, stride, b, ahead);
  forEachRegister<V>([&](auto v) {
    storeTile<v>(to + v * kWidth, strideTo * 4);
    if (both) storeTile<V + v>(to + half * strideTo + v * kWidth, strideTo * 4);
  });
  if (isWhole) return;
  for (ptrdiff_t i = 0; i < rows; i++)
    for (int v = 0; v < V && columns > v * kWidth; v++) store(c + i * strideC + v * kWidth, room[i][v], columns - v * kWidth);
}

/// The same, added to what c holds where `add` is set.
template <int R, int V, bool Packed, typename Fetch>
ALWAYS_INLINE void tileOfRows(ptrdiff_t rows, ptrdiff_t k, const Operand *a, ptrdiff_t stride, const Operand *b, float *c, ptrdiff_t strideC,
                              ptrdiff_t columns, bool add, Fetch *ahead) {
  const float *from = add ? c : nullptr;
  tileOfRows<R, V, Packed>(rows, k, a, stride, b, c, strideC, columns, from, strideC, ahead);
}

/// Cuts rows into tiles of `largest` rows and a last one of what is left: one of fewer rows takes as long as a whole one.
template <typename Visit>
ALWAYS_INLINE void forEachTile(ptrdiff_t total, ptrdiff_t largest, Visit visit) {
  for (ptrdiff_t start = 0; start < total; start += largest) visit(start, total - start < largest ? total - start : largest);
}

/// Packs `rows` rows of a transposed left operand, where element (i, kk) of a is at rowOfA(kk) + i and `readable` floats may be read
/// from rowOfA(kk) on.
template <typename RowOfA>
ALWAYS_INLINE LeftRows leftColumns(ptrdiff_t depth, ptrdiff_t rows, ptrdiff_t readable, RowOfA rowOfA) {
  const ptrdiff_t count = operandsOf(depth);
  const LeftRows left = leftSpace(Workspace::leftOperand, rows, depth);
  Operand *to = const_cast<Operand *>(left.first);
  for (ptrdiff_t i = 0; i < rows; i += kWidth)
    for (ptrdiff_t kk = 0; kk < count; kk += kWidth) {
      Operands part[kWidth];
      for (int j = 0; j < kWidth; j++)
        part[j] = operandAt(kk + j, depth, [&](ptrdiff_t at) { return load(rowOfA(at) + i, readable - i); });
      transpose(part);
      for (int j = 0; j < kWidth; j++) store(to + (i + j) * left.stride + kk, part[j]);
    }
  return left;
}

}  // namespace
}  // namespace unroll
