// The kernels, as each instruction set provides them. Arrays are row-major float32 and do not overlap; sizes are positive.
// Arguments are not checked here: that is the caller's task, api/ for JavaScript.
//
// L lanes, T steps, B rows of a batch, H hidden units, G gates.
#pragma once
#include <cstddef>
#include <cstdint>

#include "layers.h"

namespace unroll {

enum class Cell : int { rnnTanh = 0, rnnRelu = 1, lstm = 2, gru = 3 };

constexpr int gateCount(Cell cell) { return cell == Cell::lstm ? 4 : cell == Cell::gru ? 3 : 1; }

/// One recurrent layer in one direction.
struct Recurrent {
  Cell cell;
  ptrdiff_t lanes, steps, batch, hidden;
  bool reverse;
  const float *projected;  // [L, T, B, G·H], forward only
  const float *kernel;     // [L, H, G·H]
  const float *bias;       // [L, G·H], gru only, or null
  const uint8_t *valid;    // [L, T, B], 0 for a masked step, or null
  const float *h0, *c0;    // [L, B, H]; c0 lstm only
  float *outputs;          // [L, T, B, H]
  float *hiddens;          // [L, T, B, H]: h after each step, masked steps included; `outputs` itself without a mask
  float *hT, *cT;          // [L, B, H]
  float *gates;            // [L, T, B, G·H] activated, or null for inference
  float *cells;            // lstm: c after each step; [L, T, B, H] with `gates`, else [L, B, H]
  float *products;         // gru: the recurrent product of gate n with its bias, [L, T, B, H], or null
};

/// The gradients of the loss with respect to a layer's inputs and outputs.
struct RecurrentGradient {
  const float *outputs;        // [L, T, B, H]
  const float *hT, *cT;        // [L, B, H]
  float *projected;            // [L, T, B, G·H]
  float *kernel;               // [L, H, G·H]
  float *bias;                 // [L, G·H] or null
  float *h0, *c0;              // [L, B, H]
  float *hiddens;              // h after each step, 0 where masked; [L, T, B, H] or null
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
  /// out = x + y, with y [outer, inner] broadcast over the rows: x, out [outer, rows, inner].
  void (*addRows)(ptrdiff_t outer, ptrdiff_t rows, ptrdiff_t inner, const float *x, const float *y, float *out);
  /// Sums over rows: x [outer, rows, inner] → out [outer, inner].
  void (*sumRows)(ptrdiff_t outer, ptrdiff_t rows, ptrdiff_t inner, const float *x, float *out);
  /// out[i] = table[ids[i]], rows of `width`; 0 for an id below 0.
  void (*gather)(ptrdiff_t count, ptrdiff_t width, const float *table, const int32_t *ids, float *out);
  /// out = 0, then out[ids[i]] += gradient[i] in the order of i.
  void (*scatterAdd)(ptrdiff_t count, ptrdiff_t rows, ptrdiff_t width, const int32_t *ids, const float *gradient, float *out);
  /// Softmax probabilities, and each row's loss −log p[target], 0 where masked by `valid` (or null).
  void (*crossEntropy)(ptrdiff_t rows, ptrdiff_t classes, const float *logits, const int32_t *targets, const uint8_t *valid,
                       float *probabilities, float *losses);
  /// The gradient of the logits: (p − onehot(target))·scale, 0 for masked rows.
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

extern const Kernels portable;
#if defined(__x86_64__)
extern const Kernels avx2, avx512;
#elif defined(__aarch64__)
extern const Kernels neon;
#endif

}  // namespace unroll
