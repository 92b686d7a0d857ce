// What the kernels of products and of layers that are not recurrent take. As in kernels.h, arrays are row-major float32.
#pragma once
#include <cstddef>
#include <cstdint>

namespace unroll {

enum class Activation : int { none = 0, relu = 1, tanh = 2 };

/// What a product adds to its sums, what becomes of them, and what else it computes; each may be null.
struct ProductEnds {
  const float *bias = nullptr;   // [n], added first
  const float *added = nullptr;  // [m, n]
  const float *gate = nullptr;   // [m, n]: only where it is positive, the result is not 0
  Activation activation = Activation::none;  // of the sum, before `gate`
  float *columnSums = nullptr;   // [n] of b, which is not transposed, in the order of sumRows
};

constexpr int kMostAxes = 6;

/// Rows of numbers in a longer array: consecutive ones are `stride` floats apart.
struct Rows {
  const float *first;
  ptrdiff_t stride;
};

/// Attention of I = outer·inner·heads items. The rows of item (o, b, h) begin at first + (o·count·inner + b)·(stride / inner) + h·width
/// and those of a mask at o·count·inner + b, `inner` apart: [outer, rows, inner, heads, width].
struct Attention {
  ptrdiff_t outer, inner, heads;
  ptrdiff_t queryCount, keyCount, units, width;  // rows; numbers of a query and a key, and of a value, in one head
  float scale;
  bool causal;             // row i sees itself, and those before it that count
  Rows queries, keys, values;
  const uint8_t *valid;    // [outer, keyCount, inner], 0 for a key that does not count, or null
  const float *score;      // for scores v·tanh(q + k): v of each group of outer / lanes items, [lanes, units]; null for scale·q·k
  ptrdiff_t lanes;
  float *out;              // its rows outStride apart
  ptrdiff_t outStride;
  float *moments;          // [I, queryCount, 2]: the largest score and 1 / Σ exp(score − largest)
  float *weights;          // [I, queryCount, keyCount], or null
};

/// The gradients of the loss with respect to what attention reads and, as `out`, to what it gives.
struct AttentionGradient {
  const float *out;
  float *queries, *keys, *values;  // in the layout of the arrays themselves
  float *score;                    // [lanes, units] or null
};

/// Layer normalisation of a lane (Ba, Kiros & Hinton 2016, equation 4).
struct LayerNorm {
  ptrdiff_t rows, width;
  const float *x, *gain, *shift;  // [rows, width], [width], [width] or null
  float *out, *moments;           // [rows, width]; the mean and the inverse deviation, [rows, 2]
};

struct LayerNormGradient {
  const float *out, *added;   // of the output; what is added to the gradient of x, or null
  float *x, *gain, *shift;    // [rows, width], [width], [width] or null
};

/// Nodes of child-sum tree-LSTMs of a lane (Tai, Socher & Manning 2015, equations 2 to 8), C = nodes·arity children; those without
/// children have arity 0, and the sums in their gates in `gates`.
struct TreeNodes {
  ptrdiff_t nodes, arity, hidden;
  const float *children;           // h and c of each child, [C, 2·hidden]
  const float *sum, *bias;         // of the sum of h over a node's children, [hidden, 3·hidden] and [3·hidden]
  const float *forget, *forgetBias;  // of each child's h, [hidden, hidden] and [hidden]
  float *gates, *forgets;          // i, g, o [nodes, 3·hidden], and of each child [C, hidden]; activated
  float *states;                   // h and c [nodes, 2·hidden]
};

struct TreeNodesGradient {
  const float *states;
  float *gates;  // of their sums; scratch memory of the kernel for nodes with children
  float *children, *sum, *bias, *forget, *forgetBias;
};

}  // namespace unroll
