// Products of rows with a packed matrix, and recurrent layers over packed weights, of one packing.
#pragma once
#include "packed-rows.h"
#include "packed-step.h"

namespace unroll {
namespace {

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
void multiplyRow(const PackedShape &s, const PackedMatrix<P> &matrix, const float *x, const float *bias, float *out, bool backwards) {
  const PackedRow row = toRow<P>(s.k, x, Workspace::packedOperands);
  forEachPanel<panelBlocks(1)>(blocksOf(s.units), backwards, [&](auto blocks, ptrdiff_t block) {
    productPanel<P, blocks>(matrix, row, block, bias, out, s.units);
  });
}

/// Products of numbers in less than which threads would only wait for one another.
constexpr double kProductShare = 1 << 17;

/// out [rows, gates·units] = x·matrix + bias. With 8-bit weights of one gate only.
template <Packing P>
void multiplyPackedAs(ptrdiff_t rows, const PackedShape &s, const float *x, const uint8_t *room, const float *bias, float *out) {
  const PackedMatrix<P> matrix(s, room);
  if constexpr (P == Packing::float32)
    if (rows > 1 || s.gates > 1) {
      const ptrdiff_t blocks = blocksOf(s.units), grain = panelBlocks(int(s.gates));
      const auto some = [&](ptrdiff_t row, ptrdiff_t count, ptrdiff_t from, ptrdiff_t to) {
        multiplyRows(count, s, from, to, x + row * s.k, matrix, bias, out + row * s.gates * s.units);
      };
      if (double(rows) * double(s.k) * double(s.gates * s.units) < kProductShare) return some(0, rows, 0, blocks);
      // Of units, each thread has its part of the matrix in its own cache, and of the result what it reads next of a single sequence.
      if (blocks / grain >= threads())
        return parallelFor(blocks, grain, [&](ptrdiff_t first, ptrdiff_t count) { some(0, rows, first, first + count); });
      return parallelFor(rows, productRows, [&](ptrdiff_t first, ptrdiff_t count) { some(first, count, 0, blocks); });
    }
  // What was read last of the matrix is read first for the next row: it is still near.
  for (ptrdiff_t i = 0; i < rows; i++) multiplyRow<P>(s, matrix, x + i * s.k, bias, out + i * s.units, i % 2 != 0);
}

/// A layer of a cell. Its rows are side by side where weights are float32; with 8-bit ones, reading them takes little of the time.
template <Cell C, Packing P>
void layerOf(const RecurrentPacked &r) {
  if (r.batch == 1) {
    const ptrdiff_t sharers = sharersOf<C, P>(r);
    return sharers > 1 ? packedStepsShared<C, P>(r, sharers) : packedSteps<C, P>(r, 0);
  }
  parallelFor(r.batch, 1, [&](ptrdiff_t first, ptrdiff_t count) {
    if constexpr (P == Packing::float32)
      if (count > 1) return packedRows<C>(r, first, count);
    for (ptrdiff_t row = first; row < first + count; row++) packedSteps<C, P>(r, row);
  });
}

template <Packing P>
void recurrentPackedAs(const RecurrentPacked &r) {
  switch (r.cell) {
    case Cell::rnnTanh: return layerOf<Cell::rnnTanh, P>(r);
    case Cell::rnnRelu: return layerOf<Cell::rnnRelu, P>(r);
    case Cell::lstm: return layerOf<Cell::lstm, P>(r);
    case Cell::gru: return layerOf<Cell::gru, P>(r);
    case Cell::peepholeLstm: return layerOf<Cell::peepholeLstm, P>(r);
    case Cell::slstm: return layerOf<Cell::slstm, P>(r);
    case Cell::layerNormLstm: return;  // its gates see the statistics of the whole row
  }
}

}  // namespace
}  // namespace unroll
