// The kernels as one instruction set provides them. All arrays are row-major, float32 and apart from each other; sizes are
// positive. Whoever calls has checked the arguments.
#pragma once
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace unroll {

enum class Cell : int { rnnTanh = 0, rnnRelu = 1, lstm = 2, gru = 3 };

inline int gatesOf(Cell cell) { return cell == Cell::lstm ? 4 : cell == Cell::gru ? 3 : 1; }

/// One recurrent layer in one direction. L lanes, T steps, B rows, H units, G gates.
struct Recurrent {
  Cell cell;
  ptrdiff_t lanes, steps, batch, hidden;
  bool reverse;
  const float *projected;  // [L, T, B, G·H], forward only
  const float *kernel;     // [L, H, G·H]
  const float *bias;       // [L, G·H], gru only, or null
  const uint8_t *valid;    // [L, T, B] or null
  const float *h0, *c0;    // [L, B, H]; c0 lstm only
  float *outputs;          // [L, T, B, H]
  float *hiddens;          // [L, T, B, H]: h after each step, masked steps included; `outputs` itself without a mask
  float *hT, *cT;          // [L, B, H]
  float *gates;            // [L, T, B, G·H] activated, or null where no gradient will be taken
  float *cells;            // lstm: c after each step; [L, T, B, H] with `gates`, else [L, B, H]
  float *products;         // gru: the n gate's recurrent product with its bias, [L, T, B, H], or null
};

struct RecurrentGradient {
  const float *ofOutputs;                    // [L, T, B, H]
  const float *ofHT, *ofCT;                  // [L, B, H]
  float *ofProjected;                        // [L, T, B, G·H]
  float *ofKernel;                           // [L, H, G·H]
  float *ofBias;                             // [L, G·H] or null
  float *ofH0, *ofC0;                        // [L, B, H]
  float *ofHiddens;                          // of h after each step, 0 where masked; [L, T, B, H] or null
};

enum class Rule : int { adam = 0, adamw = 1, rmsprop = 2, sgd = 3, adagrad = 4 };

struct Update {
  Rule rule;
  ptrdiff_t lanes, length;
  const float *parameters, *gradient;        // [L, length]
  const float *norms, *limits;               // [L]
  const float *slots[2];                     // [L, length] each
  const float *scalars;                      // [names, L] in the order of the rule's file
  float *nextParameters, *nextSlots[2];      // [L, length] each
};

/// Masks of dropout: the second word of a value's counter is (row·blocksOfRow + block)·units + its unit.
struct Mask {
  ptrdiff_t rows, blocks, width, blocksOfRow, units;
};

/// Memory of this process for packed operands, as long as asked for at least; aligned to 64 bytes. `slot` tells several apart.
float *workspace(int slot, ptrdiff_t floats);

/// Calls work(part) for each part from 0 to `parts`, on the threads that there are, and returns when all are done. What `work` throws
/// for want of memory is thrown here.
void parallel(ptrdiff_t parts, void (*work)(const void *context, ptrdiff_t part), const void *context);
/// How many threads there are, the calling one included.
ptrdiff_t threads();

struct Kernels {
  const char *name;
  /// c = op(a)·op(b) + bias: a [m, k] or its transpose, b [k, n] or its transpose, bias [n] or null, c [m, n].
  void (*multiply)(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const float *a, bool transposeA, const float *b, bool transposeB,
                   const float *bias, float *c);
  void (*recurrent)(const Recurrent &);
  void (*recurrentGradient)(const Recurrent &, const RecurrentGradient &);
  /// out = x + y with y [outer, inner] over all rows: x, out [outer, rows, inner].
  void (*addRows)(ptrdiff_t outer, ptrdiff_t rows, ptrdiff_t inner, const float *x, const float *y, float *out);
  /// Sums over rows: x [outer, rows, inner] → out [outer, inner].
  void (*sumRows)(ptrdiff_t outer, ptrdiff_t rows, ptrdiff_t inner, const float *x, float *out);
  /// out[i] = table[ids[i]], rows of `width`.
  void (*gather)(ptrdiff_t count, ptrdiff_t width, const float *table, const int32_t *ids, float *out);
  /// out[ids[i]] += gradient[i] in the order of i; out is filled with 0 first.
  void (*scatter)(ptrdiff_t count, ptrdiff_t rows, ptrdiff_t width, const int32_t *ids, const float *gradient, float *out);
  /// probabilities and −log p of the right class of each row; 0 where `valid` (or null) says that it does not count.
  void (*crossEntropy)(ptrdiff_t rows, ptrdiff_t classes, const float *logits, const int32_t *right, const uint8_t *valid,
                       float *probabilities, float *losses);
  /// (p − 1[right])·scale of each row, 0 where it does not count.
  void (*crossEntropyGradient)(ptrdiff_t rows, ptrdiff_t classes, const float *probabilities, const int32_t *right,
                               const uint8_t *valid, float scale, float *out);
  /// Euclidean norm.
  float (*norm)(ptrdiff_t count, const float *x);
  /// 0 where the number drawn under key[0..1] at (key[2], ...) lies below key[3], else `scale`: out [rows, blocks, width].
  void (*dropoutMask)(const Mask &, const uint32_t *key, float scale, float *out);
  void (*update)(const Update &);
  void (*exponential)(ptrdiff_t count, const float *x, float *out);
  void (*tangent)(ptrdiff_t count, const float *x, float *out);
  /// Multiplies and adds in registers, `rounds` times; what was computed goes to `out`. The number of operations.
  double (*multiplyAdds)(ptrdiff_t rounds, float *out);
};

extern const Kernels portable;
#if defined(__x86_64__)
extern const Kernels avx2, avx512;
#elif defined(__aarch64__)
extern const Kernels neon;
#endif

}  // namespace unroll
