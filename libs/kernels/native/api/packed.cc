#include <cmath>
#include <vector>

#include "../runtime/denormals.h"
#include "../runtime/instruction-sets.h"
#include "arguments.h"
#include "functions.h"

namespace unroll::api {
namespace {

Packing packingOf(Arguments &args) {
  const std::string name = args.text("packing");
  if (name != "float32" && name != "int8") args.fail("packing must be float32 or int8, not " + name);
  return name == "int8" ? Packing::int8 : Packing::float32;
}

PackedShape shapeOf(Arguments &args) {
  const PackedShape shape = {args.size("k"), args.size("units"), args.size("gates"), packingOf(args)};
  if (shape.gates > 4) args.fail("gates must be at most 4");
  if (double(shape.k) * double(shape.units) > 1e12) args.fail("k and units are too large");
  return shape;
}

/// A packed matrix.
const uint8_t *packedOf(Arguments &args, const char *name, const PackedShape &shape) {
  const uint8_t *packed = args.bytes(name, double(chosen().packedSize(shape)));
  if (!chosen().isPacked(shape, packed)) args.fail(std::string(name) + " was not packed for these sizes by this instruction set");
  return packed;
}

/// How many of the sequences have each step, or null where all have all. Returns the rows of all steps.
double countsOf(Arguments &args, RecurrentPacked &r) {
  if (!args.has("counts")) return double(r.steps) * double(r.batch);
  double rows = 0;
  const int32_t *counts = args.integers("counts", double(r.steps));
  for (ptrdiff_t t = 0; t < r.steps; t++) {
    if (counts[t] < 1 || (t == 0 ? counts[t] != r.batch : counts[t] > counts[t - 1]))
      args.fail("counts must begin with batch, be at least 1, and never rise");
    rows += double(counts[t]);
  }
  r.counts = counts;
  return rows;
}

/// The arguments of multiplyPacked.
struct Product {
  ptrdiff_t rows;
  PackedShape shape;
  const float *x, *bias;
  const uint8_t *packed;
  float *out;
};

Product productOf(Arguments &args) {
  const PackedShape shape = shapeOf(args);
  if (shape.packing == Packing::int8 && shape.gates != 1) args.fail("gates must be 1 with int8");
  const ptrdiff_t rows = args.size("rows");
  const double columns = double(shape.units * shape.gates);
  const float *x = args.floats("x", double(rows) * double(shape.k)), *bias = args.floatsOrNull("bias", columns);
  float *out = args.floats("out", double(rows) * columns);
  return {rows, shape, x, bias, packedOf(args, "packed", shape), out};
}

/// The arguments of recurrentPacked. `table`: rows of `projected`, where those of a step are one of them; else 0. `isBound`: `projected`
/// may be room for x·weight + shift.
RecurrentPacked layerOf(Arguments &args, ptrdiff_t table = 0, bool isBound = false) {
  RecurrentPacked r{};
  const ptrdiff_t cell = args.size("cell", 0);
  if (cell >= kCells || Cell(cell) == Cell::layerNormLstm) args.fail("cell must be one whose gates see no other unit's statistics");
  r.cell = Cell(cell);
  r.packing = packingOf(args);
  r.steps = args.size("steps");
  r.batch = args.size("batch");
  r.hidden = args.size("hidden");
  r.reverse = args.flag("reverse");
  r.stride = args.size("stride", r.hidden);
  const double H = double(r.hidden), B = double(r.batch), N = countsOf(args, r), gates = gateCount(r.cell);
  if (H * H * gates > 1e12) args.fail("hidden is too large");
  if (table > 0 && N != 1) args.fail("steps and batch must be 1 where a step is a row of a table");
  r.projected = table > 0 ? args.floats("projected", double(table) * gates * H) : args.floatsOrNull("projected", N * gates * H);
  const bool projects = isBound && r.projected && args.has("weight");
  if (projects && r.packing == Packing::int8) args.fail("projected must be omitted where weight is int8");
  if (!r.projected || projects) {
    r.inputs = args.size("inputs");
    if (H * double(r.inputs) > 1e12) args.fail("inputs is too large");
    r.x = args.floats("x", N * double(r.inputs));
    r.weight = packedOf(args, "weight", {r.inputs, r.hidden, gateCount(r.cell), r.packing});
    r.shift = args.floats("shift", gates * H);
  }
  r.kernel = packedOf(args, "kernel", {r.hidden, r.hidden, gateCount(r.cell), r.packing});
  r.bias = args.floatsOrNull("bias", gates * H);
  if (r.bias && r.cell != Cell::gru) args.fail("only a gru has a recurrent bias");
  if (ownCount(r.cell)) r.own = args.floats("own", H * ownCount(r.cell));
  r.outputs = args.floats("outputs", (N - 1) * double(r.stride) + H);
  r.h = args.floats("h", B * H);
  r.c = hasCellState(r.cell) ? args.floats("c", B * H * cellStates(r.cell)) : nullptr;
  return r;
}

/// Layers and a product over the last of them, with the kernels that packed them.
struct Bound {
  const Kernels &kernels;
  ptrdiff_t table;
  std::vector<RecurrentPacked> layers;
  Product product;
};

/// The only argument of a call, an integer in [least, most].
ptrdiff_t only(const CallbackInfo &info, const char *name, ptrdiff_t least, ptrdiff_t most) {
  const double value = info.Length() == 1 && info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : NAN;
  if (value >= double(least) && value <= double(most) && value == double(int64_t(value))) return ptrdiff_t(value);
  const std::string range = std::to_string(least) + " to " + std::to_string(most);
  throw Napi::RangeError::New(info.Env(), std::string(name) + " must be an integer from " + range);
}

/// Runs them: where the first layer reads a table, on the row that the call names; else on so many of the first steps, or all.
void runBound(const CallbackInfo &info) {
  const Bound &bound = *static_cast<const Bound *>(info.Data());
  const bool readsTable = bound.table > 0;
  const ptrdiff_t row = readsTable ? only(info, "the row", 0, bound.table - 1) : 0;
  const ptrdiff_t most = bound.layers[0].steps, steps = readsTable || info.Length() == 0 ? most : only(info, "the steps", 1, most);
  const FlushDenormals flush;
  try {
    for (size_t layer = 0; layer < bound.layers.size(); layer++) {
      RecurrentPacked r = bound.layers[layer];
      r.steps = steps;
      if (layer == 0 && readsTable) r.projected += row * gateCount(r.cell) * r.hidden;
      if (r.projected && r.weight) {
        const PackedShape shape = {r.inputs, r.hidden, gateCount(r.cell), r.packing};
        bound.kernels.multiplyPacked(steps, shape, r.x, r.weight, r.shift, const_cast<float *>(r.projected));
        r.weight = nullptr;
      }
      bound.kernels.recurrentPacked(r);
    }
    const Product &p = bound.product;
    bound.kernels.multiplyPacked(p.rows, p.shape, p.x, p.packed, p.bias, p.out);
  } catch (const std::bad_alloc &) {
    throw Napi::Error::New(info.Env(), "out of memory");
  }
}

}  // namespace

Napi::Value packedSize(const CallbackInfo &info) {
  Arguments args(info);
  return Napi::Number::New(info.Env(), double(chosen().packedSize(shapeOf(args))));
}

void pack(const CallbackInfo &info) {
  Arguments args(info);
  const PackedShape shape = shapeOf(args);
  const float *matrix = args.floats("matrix", double(shape.k) * double(shape.units * shape.gates));
  chosen().pack(shape, matrix, args.bytes("packed", double(chosen().packedSize(shape))));
}

void multiplyPacked(const CallbackInfo &info) {
  Arguments args(info);
  const Product p = productOf(args);
  chosen().multiplyPacked(p.rows, p.shape, p.x, p.packed, p.bias, p.out);
}

void recurrentPacked(const CallbackInfo &info) {
  Arguments args(info);
  chosen().recurrentPacked(layerOf(args));
}

Napi::Value bindPacked(const CallbackInfo &info) {
  const Napi::Env env = info.Env();
  Arguments args(info);
  const Napi::Object given = info[0].As<Napi::Object>();
  const Napi::Value layers = given.Get("layers");
  if (!layers.IsArray() || layers.As<Napi::Array>().Length() == 0) args.fail("layers must be an array of at least one");
  Napi::Array used = Napi::Array::New(env);
  Bound bound{chosen(), args.has("table") ? args.size("table") : 0, {}, {}};
  for (uint32_t layer = 0; layer < layers.As<Napi::Array>().Length(); layer++) {
    Arguments own(env, layers.As<Napi::Array>().Get(layer), &used);
    bound.layers.push_back(layerOf(own, layer == 0 ? bound.table : 0, true));
    const RecurrentPacked &r = bound.layers.back();
    if (r.batch != 1 || r.counts) own.fail("batch must be 1, without counts");
    if (r.steps != bound.layers[0].steps) own.fail("steps must be those of the first layer");
  }
  Arguments own(env, given.Get("product"), &used);
  bound.product = productOf(own);
  Bound *const kept = new Bound(std::move(bound));
  Napi::Function run = Napi::Function::New(env, runBound, "run", kept);
  run.AddFinalizer([](Napi::Env, Bound *gone) { delete gone; }, kept);
  // The arrays live as long as the function.
  run.Set("used", used);
  return run;
}

}  // namespace unroll::api
