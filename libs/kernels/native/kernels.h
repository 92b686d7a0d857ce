// The kernels, as each instruction set provides them. Arrays are row-major float32 and do not overlap, unless it says so; sizes are
// positive.
// Arguments are not checked here: that is the caller's task, api/ for JavaScript.
//
// L lanes, T steps, B rows of a batch, H hidden units, G gates, C numbers of c for each unit.
#pragma once
#include <cstddef>
#include <cstdint>

#include "layers.h"

namespace unroll {

enum class Cell : int { rnnTanh = 0, rnnRelu = 1, lstm = 2, gru = 3, peepholeLstm = 4, layerNormLstm = 5, slstm = 6 };
constexpr int kCells = 7;

/// Numbers of c, which a cell carries beside h, for each unit: slstm has c/n and log n.
constexpr int cellStates(Cell cell) {
  switch (cell) {
    case Cell::slstm: return 2;
    case Cell::lstm: case Cell::peepholeLstm: case Cell::layerNormLstm: return 1;
    default: return 0;
  }
}
constexpr bool hasCellState(Cell cell) { return cellStates(cell) > 0; }
constexpr int gateCount(Cell cell) { return hasCellState(cell) ? 4 : cell == Cell::gru ? 3 : 1; }
/// Gates whose recurrent product has a gradient other than that of `projected`, and is saved for it.
constexpr int savedProducts(Cell cell) { return cell == Cell::gru ? 1 : cell == Cell::layerNormLstm ? 4 : 0; }
/// Parameters of a unit beside kernel and bias. peepholeLstm: the weights of c in i, f and o. layerNormLstm: the gains of x·W
/// and of h·U and their common shift, 4 each, and the gain and shift of c.
constexpr int ownCount(Cell cell) { return cell == Cell::peepholeLstm ? 3 : cell == Cell::layerNormLstm ? 14 : 0; }
/// layerNormLstm: mean and 1/deviation of a row of x·W, of h·U and of c.
constexpr int kStatistics = 6;

/// One recurrent layer in one direction.
struct Recurrent {
  Cell cell;
  ptrdiff_t lanes, steps, batch, hidden;
  bool reverse;
  const float *projected;  // [L, T, B, G·H]; backwards for layerNormLstm only
  const float *kernel;     // [L, H, G·H]
  const float *bias;       // [L, G·H], gru only, or null
  const float *own;        // [L, ownCount·H]
  const float *kept;       // [L, B, H]: the factor of h where it enters the gates, or null for 1
  const uint8_t *valid;    // [L, T, B], 0 for a masked step, or null
  const float *h0, *c0;    // [L, B, H]; [L, B, C·H] where the cell has c
  float *outputs;          // [L, T, B, H]; may be `projected` as `gates`, which they are, of an rnn without a mask
  float *hiddens;          // [L, T, B, H]: h after each step, masked steps included; `outputs` itself without a mask
  float *hT, *cT;          // [L, B, H]; [L, B, C·H]
  float *gates;            // [L, T, B, G·H] activated (slstm: i/n' for i), or null for inference; may be `projected`, except in layerNormLstm
  float *cells;            // c after each step; [L, T, B, C·H] with `gates`, else [L, B, C·H]
  float *products;         // [L, T, B, savedProducts·H], or null: gru the product of gate n with its bias, layerNormLstm all
  float *statistics;       // layerNormLstm: [L, T, B, kStatistics], or null
};

/// The gradients of the loss with respect to a layer's inputs and outputs.
struct RecurrentGradient {
  const float *outputs;        // [L, T, B, H]
  const float *hT, *cT;        // [L, B, H]; [L, B, C·H]
  float *projected;            // [L, T, B, G·H]; may be the layer's `gates`, except in layerNormLstm
  float *kernel;               // [L, H, G·H]
  float *bias;                 // [L, G·H] or null
  float *own;                  // [L, ownCount·H]
  float *h0, *c0;              // [L, B, H]; [L, B, C·H]
  float *hiddens;              // h after each step, 0 where masked; [L, T, B, H] or null
};

/// How a packed matrix keeps its weights: as they are, or as 8-bit integers, symmetric about 0, with a scale for each column.
enum class Packing : int { float32 = 0, int8 = 1 };

/// A packed matrix [k, gates·units], with at most 4 gates.
struct PackedShape {
  ptrdiff_t k, units, gates;
  Packing packing;
};

/// One recurrent layer in one direction, for inference, whose kernel is packed. Not layerNormLstm. With 8-bit weights, h is rounded to 16
/// bits where it enters the gates.
///
/// B sequences, the longest first: `counts` says how many have each step, at most as many as the step before. The N rows of all steps
/// are one after the other, without those that are not there (as PyTorch's PackedSequence).
struct RecurrentPacked {
  Cell cell;
  Packing packing;
  ptrdiff_t steps, batch, hidden;
  bool reverse;            // each sequence from its own end
  const int32_t *counts;   // [T], in [1, B]; null where all have all steps
  const float *projected;  // [N, G·H], or null: then x·weight + shift of each step
  const float *x;          // [N, inputs]
  ptrdiff_t inputs;
  const uint8_t *weight;   // packed [inputs, G·H]
  const float *shift;      // [G·H]
  const uint8_t *kernel;   // packed [H, G·H]
  const float *bias;       // [G·H], gru only, or null
  const float *own;        // [ownCount·H]
  float *outputs;          // [N, H], rows `stride` apart
  ptrdiff_t stride;
  float *h, *c;            // the states before, and then those after; [B, H], [B, C·H]
};

/// Cells in which a unit sees no other one. `linear`: h' = a·h + b over a sequence of a and b. `lru`: of its states only, without what
/// follows from them.
enum class ScanCell : int { linear = 0, lru = 1, minGru = 2, minLstm = 3, indRnn = 4, rgLru = 5 };

/// Numbers for each unit: what a step reads, weights, states. Each is a block of `hidden` columns.
struct ScanBlocks {
  int inputs, weights, states;
};

constexpr ScanBlocks scanBlocks(ScanCell cell) {
  switch (cell) {
    case ScanCell::lru: return {2, 2, 2};
    case ScanCell::minLstm: return {3, 0, 1};
    case ScanCell::indRnn: return {1, 1, 1};
    case ScanCell::rgLru: return {3, 1, 1};
    default: return {2, 0, 1};
  }
}

/// Such a layer in one direction: I, W, S blocks of inputs, weights and states.
struct Scan {
  ScanCell cell;
  ptrdiff_t lanes, steps, batch, hidden, weightRows;
  bool reverse;
  const float *inputs;   // [L, T, B, I·H]
  const float *weights;  // [L, weightRows, W·H]: one row for all of the batch, or one for each; null where W = 0
  const uint8_t *valid;  // [L, T, B], 0 for a masked step, or null
  const float *start;    // [L, B, S·H]
  float *outputs;        // [L, T, B, S·H]: the states after each step, 0 where masked
  float *states;         // [L, T, B, S·H]: the same, masked steps included; `outputs` itself without a mask
  float *last;           // [L, B, S·H]
};

/// The gradients of the loss with respect to its inputs and outputs.
struct ScanGradient {
  const float *outputs;  // [L, T, B, S·H]
  const float *last;     // [L, B, S·H]
  float *inputs;         // [L, T, B, I·H]
  float *weights;        // [L, B, W·H]: of each row of the batch; null where W = 0
  float *start;          // [L, B, S·H]
};

/// States of each unit of a selective state space.
constexpr int kSelectiveStates = 16;

/// A selective state space in one direction (Gu & Dao 2023, algorithm 2 with a diagonal A and Δ·B for the discrete B), its gates included;
/// N states of each unit.
struct SelectiveScan {
  ptrdiff_t lanes, steps, batch, hidden;
  bool reverse;
  const float *inputs;   // [L, T, B, 3·H]: x, Δ and the gate, before their functions
  const float *mixing;   // [L, T, B, 2·N]: B and C
  const float *weights;  // [L, (N + 2)·H]: A_log, D, the bias of Δ
  const uint8_t *valid;  // [L, T, B], 0 for a masked step, or null
  const float *start;    // [L, B, N·H]
  float *outputs;        // [L, T, B, H], forward only
  float *last;           // [L, B, N·H], forward only
};

/// Its gradients.
struct SelectiveScanGradient {
  const float *outputs, *last;        // as above
  float *inputs, *mixing;             // as above
  float *weights;                     // [L, B, (N + 2)·H]: of each row of the batch
  float *start;                       // [L, B, N·H]
};

/// An mLSTM in one direction (Beck et al. 2024), its gates included; N heads of d = H/N units.
struct Mlstm {
  ptrdiff_t lanes, steps, batch, hidden, heads;
  bool reverse;
  const float *inputs;                      // [L, T, B, 4·H]: q, k, v, and o before its function; finite at masked steps
  const float *inputWeight, *forgetWeight;  // [L, 3·H, N]: of q, k and v in the gates of each head
  const float *inputBias, *forgetBias;      // [L, N]
  const uint8_t *valid;                     // [L, T, B], 0 for a masked step, or null
  const float *c, *n, *m;                   // [L, B, N, d, d] of keys and values, [L, B, N, d], [L, B, N]: C and n divided by e^m
  float *outputs;                           // [L, T, B, H], 0 where masked
  float *gates;                             // [L, T, B, 2·N]: the sums of i and f
  float *normalisers;                       // [L, T, B, N]: n·q
  float *lastC, *lastN, *lastM;             // as c, n, m; forward only
};

/// Its gradients.
struct MlstmGradient {
  const float *outputs, *lastC, *lastN, *lastM;  // as above
  float *inputs, *inputWeight, *forgetWeight, *inputBias, *forgetBias, *c, *n, *m;  // as above
};

/// One clipped update of an optimizer.
struct Update {
  ptrdiff_t lanes, length;
  const float *parameters, *gradient;    // [L, length]
  const float *norms, *limits;           // [L]
  const float *scalars;                  // [scalars of the rule, L]
  const float *slots[2];                 // [L, length] each
  float *nextParameters, *nextSlots[2];  // [L, length] each
};

/// An optimizer's update rule.
struct UpdateRule {
  const char *kind;
  int slots, scalars;
  const char *scalarNames;  // in order, separated by ", "
  void (*update)(const Update &);
};

/// A dropout mask. The second word of a value's counter is (row·blocksOfRow + block)·units + its unit.
struct Mask {
  ptrdiff_t rows, blocks, width, blocksOfRow, units;
};

struct Kernels {
  const char *name;
  /// c = op(a)·op(b) + bias and so on: a [m, k] or its transpose, b [k, n] or its transpose, c [m, n].
  void (*multiply)(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const float *a, bool transposeA, const float *b, bool transposeB,
                   const ProductEnds &ends, float *c);
  /// out = gradient·(1 − y²), where y is a tanh.
  void (*tanhGradient)(ptrdiff_t count, const float *y, const float *gradient, float *out);
  /// x in another order of its axes: `lengths` of the result, and how far apart they are in x, all kMostAxes of them.
  void (*permute)(const ptrdiff_t *lengths, const ptrdiff_t *strides, const float *x, float *out);
  void (*layerNorm)(const LayerNorm &);
  void (*layerNormGradient)(const LayerNorm &, const LayerNormGradient &);
  void (*attention)(const Attention &);
  void (*attentionGradient)(const Attention &, const AttentionGradient &);
  void (*treeNodes)(const TreeNodes &);
  void (*treeNodesGradient)(const TreeNodes &, const TreeNodesGradient &);
  void (*recurrent)(const Recurrent &);
  void (*recurrentGradient)(const Recurrent &, const RecurrentGradient &);
  // Of float32 only, null in the others: models are float32 whatever products of training are rounded to.
  /// Bytes of a packed matrix.
  ptrdiff_t (*packedSize)(const PackedShape &);
  void (*pack)(const PackedShape &, const float *matrix, uint8_t *packed);
  /// Whether these kernels packed a matrix of that shape there.
  bool (*isPacked)(const PackedShape &, const uint8_t *packed);
  /// out [rows, gates·units] = x [rows, k]·matrix + bias [gates·units], or null; with 8-bit weights of one gate only.
  void (*multiplyPacked)(ptrdiff_t rows, const PackedShape &, const float *x, const uint8_t *packed, const float *bias, float *out);
  void (*recurrentPacked)(const RecurrentPacked &);
  void (*scan)(const Scan &);
  void (*scanGradient)(const Scan &, const ScanGradient &);
  void (*selectiveScan)(const SelectiveScan &);
  void (*selectiveScanGradient)(const SelectiveScan &, const SelectiveScanGradient &);
  /// SiLU of the first of three blocks: x [rows, 3·width], out [rows, width].
  void (*firstSilu)(ptrdiff_t rows, ptrdiff_t width, const float *x, float *out);
  /// The gradient of x from that of `out`: 0 in the other blocks.
  void (*firstSiluGradient)(ptrdiff_t rows, ptrdiff_t width, const float *x, const float *gradOut, float *out);
  void (*mlstm)(const Mlstm &);
  void (*mlstmGradient)(const Mlstm &, const MlstmGradient &);
  /// out = z₁·σ(z₂) of the halves of z = x + y: x, y [rows, 2·width], out [rows, width].
  void (*gatedLinearUnit)(ptrdiff_t rows, ptrdiff_t width, const float *x, const float *y, float *out);
  /// The gradient of z, [rows, 2·width].
  void (*gatedLinearUnitGradient)(ptrdiff_t rows, ptrdiff_t width, const float *x, const float *y, const float *gradOut, float *out);
  /// out = x + y, with y [outer, inner] broadcast over the rows: x, out [outer, rows, inner].
  void (*addRows)(ptrdiff_t outer, ptrdiff_t rows, ptrdiff_t inner, const float *x, const float *y, float *out);
  /// Sums over rows: x [outer, rows, inner] → out [outer, inner].
  void (*sumRows)(ptrdiff_t outer, ptrdiff_t rows, ptrdiff_t inner, const float *x, float *out);
  /// out[i] = table[ids[i]], rows of `width`; 0 for an id below 0.
  void (*gather)(ptrdiff_t count, ptrdiff_t width, const float *table, const int32_t *ids, float *out);
  /// out = 0, then out[ids[i]] += gradient[i] in the order of i.
  void (*scatterAdd)(ptrdiff_t count, ptrdiff_t rows, ptrdiff_t width, const int32_t *ids, const float *gradient, float *out);
  /// Softmax probabilities, which may be written over the logits, and each row's loss −log p[target], 0 where masked by `valid` (or null).
  void (*crossEntropy)(ptrdiff_t rows, ptrdiff_t classes, const float *logits, const int32_t *targets, const uint8_t *valid,
                       float *probabilities, float *losses);
  /// The gradient of the logits, which may be written over p: (p − onehot(target))·scale, 0 for masked rows.
  void (*crossEntropyGradient)(ptrdiff_t rows, ptrdiff_t classes, const float *probabilities, const int32_t *targets,
                               const uint8_t *valid, float scale, float *out);
  /// Euclidean norm.
  float (*norm)(ptrdiff_t count, const float *x);
  /// out [rows, blocks, width]: 0 where the number drawn under key[0..1] at counter (key[2], ...) is below key[3], else `scale`.
  void (*dropoutMask)(const Mask &, const uint32_t *key, float scale, float *out);
  const UpdateRule *updateRules;
  int updateRuleCount;
  void (*exp)(ptrdiff_t count, const float *x, float *out);
  void (*tanh)(ptrdiff_t count, const float *x, float *out);
  /// Multiply-adds in registers, `rounds` times, to measure a core's peak; returns the number of operations. `out`, one float,
  /// is read and written so that the compiler removes nothing.
  double (*multiplyAdds)(ptrdiff_t rounds, float *out);
};

// Those named bfloat16 round the operands of all matrix products to it, and sum up in float32.
extern const Kernels portable, portableBfloat16;
#if defined(__x86_64__)
extern const Kernels avx2, avx512, avx512Bfloat16;
const Kernels &avx512Vnni();
#if defined(__linux__) && (defined(__clang__) || __GNUC__ >= 11)  // their assemblers know AMX
#define UNROLL_AMX 1
const Kernels &amxBfloat16();
#endif
#elif defined(__aarch64__)
extern const Kernels neon, neonBfloat16;
#endif

}  // namespace unroll
