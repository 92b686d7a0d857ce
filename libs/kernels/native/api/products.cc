#include "../runtime/instruction-sets.h"
#include "arguments.h"
#include "functions.h"

namespace unroll::api {
namespace {

Activation activationOf(Arguments &args) {
  if (!args.has("activation")) return Activation::none;
  const std::string name = args.text("activation");
  if (name == "relu") return Activation::relu;
  if (name == "tanh") return Activation::tanh;
  args.fail("activation must be relu or tanh, not " + name);
}

}  // namespace

void multiply(const CallbackInfo &info) {
  Arguments args(info);
  const ptrdiff_t lanes = args.size("lanes"), m = args.size("m"), n = args.size("n"), k = args.size("k");
  const ptrdiff_t lanesA = args.size("lanesA"), lanesB = args.size("lanesB");
  if ((lanesA != 1 && lanesA != lanes) || (lanesB != 1 && lanesB != lanes)) args.fail("lanesA and lanesB must be 1 or lanes");
  const float *a = args.floats("a", double(lanesA) * m * k), *b = args.floats("b", double(lanesB) * k * n);
  const double all = double(lanes) * m * n;
  const ProductEnds ends = {args.floatsOrNull("bias", double(lanes) * n), args.floatsOrNull("added", all),
                            args.floatsOrNull("gate", all), activationOf(args), args.floatsOrNull("columnSums", double(lanes) * n)};
  float *c = args.floats("c", all);
  const bool transposeA = args.flag("transposeA"), transposeB = args.flag("transposeB");
  if (ends.columnSums && (transposeB || lanesB != lanes)) args.fail("columnSums are of a b for each lane that is not transposed");
  const ptrdiff_t strideA = lanesA > 1 ? m * k : 0, strideB = lanesB > 1 ? k * n : 0;
  const auto moved = [](auto *all, ptrdiff_t by) { return all ? all + by : nullptr; };
  for (ptrdiff_t lane = 0; lane < lanes; lane++) {
    const ptrdiff_t at = lane * m * n;
    const ProductEnds own = {moved(ends.bias, lane * n), moved(ends.added, at), moved(ends.gate, at), ends.activation,
                             moved(ends.columnSums, lane * n)};
    current().multiply(m, n, k, a + lane * strideA, transposeA, b + lane * strideB, transposeB, own, c + at);
  }
}

void addRows(const CallbackInfo &info) {
  Arguments args(info);
  const ptrdiff_t outer = args.size("outer"), rows = args.size("rows"), inner = args.size("inner");
  const double all = double(outer) * rows * inner;
  const float *x = args.floats("x", all), *y = args.floats("y", double(outer) * inner);
  current().addRows(outer, rows, inner, x, y, args.floats("out", all));
}

void sumRows(const CallbackInfo &info) {
  Arguments args(info);
  const ptrdiff_t outer = args.size("outer"), rows = args.size("rows"), inner = args.size("inner");
  const float *x = args.floats("x", double(outer) * rows * inner);
  current().sumRows(outer, rows, inner, x, args.floats("out", double(outer) * inner));
}

void tanhGradient(const CallbackInfo &info) {
  Arguments args(info);
  const ptrdiff_t count = args.size("count");
  const float *y = args.floats("y", double(count)), *gradient = args.floats("gradient", double(count));
  current().tanhGradient(count, y, gradient, args.floats("out", double(count)));
}

void permute(const CallbackInfo &info) {
  Arguments args(info);
  const int32_t *given = args.integers("shape", kMostAxes), *order = args.integers("order", kMostAxes);
  ptrdiff_t own[kMostAxes], lengths[kMostAxes], strides[kMostAxes], all = 1;
  double count = 1;
  for (int axis = kMostAxes - 1; axis >= 0; axis--) {
    if (given[axis] < 1) args.fail("shape must be positive");
    own[axis] = all;
    count *= given[axis];
    if (count > 9e15) args.fail("shape is too large");
    all *= given[axis];
  }
  unsigned taken = 0;
  for (int axis = 0; axis < kMostAxes; axis++) {
    if (order[axis] < 0 || order[axis] >= kMostAxes || taken & 1u << order[axis]) args.fail("order must have each axis once");
    taken |= 1u << order[axis];
    lengths[axis] = given[order[axis]];
    strides[axis] = own[order[axis]];
  }
  const float *x = args.floats("x", count);
  current().permute(lengths, strides, x, args.floats("out", count));
}

void gather(const CallbackInfo &info) {
  Arguments args(info);
  const ptrdiff_t count = args.size("count"), rows = args.size("rows"), width = args.size("width");
  const float *table = args.floats("table", double(rows) * width);
  const int32_t *ids = args.indices("ids", double(count), rows, nullptr, args.flag("padded") ? -1 : 0);
  current().gather(count, width, table, ids, args.floats("out", double(count) * width));
}

void scatterAdd(const CallbackInfo &info) {
  Arguments args(info);
  const ptrdiff_t count = args.size("count"), rows = args.size("rows"), width = args.size("width");
  const int32_t *ids = args.indices("ids", double(count), rows);
  const float *gradient = args.floats("gradient", double(count) * width);
  current().scatterAdd(count, rows, width, ids, gradient, args.floats("out", double(rows) * width));
}

}  // namespace unroll::api
