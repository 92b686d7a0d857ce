#include "../runtime/instruction-sets.h"
#include "arguments.h"
#include "functions.h"

namespace unroll::api {
namespace {

/// What both directions share.
Scan layer(Arguments &args) {
  Scan s{};
  const ptrdiff_t cell = args.size("cell", 0);
  if (cell > ptrdiff_t(ScanCell::rgLru)) args.fail("cell must be at most " + std::to_string(int(ScanCell::rgLru)));
  s.cell = ScanCell(cell);
  s.lanes = args.size("lanes");
  s.steps = args.size("steps");
  s.batch = args.size("batch");
  s.hidden = args.size("hidden");
  s.weightRows = args.size("weightRows");
  if (s.weightRows != 1 && s.weightRows != s.batch) args.fail("weightRows must be 1 or batch");
  s.reverse = args.flag("reverse");
  const ScanBlocks blocks = scanBlocks(s.cell);
  const double state = double(s.lanes) * s.batch * s.hidden, sequence = state * s.steps;
  s.inputs = args.floats("inputs", sequence * blocks.inputs);
  if (blocks.weights) s.weights = args.floats("weights", double(s.lanes) * s.weightRows * s.hidden * blocks.weights);
  s.valid = args.bytesOrNull("valid", double(s.lanes) * s.steps * s.batch);
  s.start = args.floats("start", state * blocks.states);
  s.states = args.floats("states", sequence * blocks.states);
  return s;
}

/// What both directions of a selective state space share.
SelectiveScan selectiveLayer(Arguments &args) {
  SelectiveScan s{};
  s.lanes = args.size("lanes");
  s.steps = args.size("steps");
  s.batch = args.size("batch");
  s.hidden = args.size("hidden");
  s.reverse = args.flag("reverse");
  const double rows = double(s.lanes) * s.batch, steps = rows * s.steps;
  s.inputs = args.floats("inputs", steps * s.hidden * 3);
  s.mixing = args.floats("mixing", steps * 2 * kSelectiveStates);
  s.weights = args.floats("weights", double(s.lanes) * s.hidden * (kSelectiveStates + 2));
  s.valid = args.bytesOrNull("valid", steps);
  s.start = args.floats("start", rows * s.hidden * kSelectiveStates);
  return s;
}

/// Sizes of an mLSTM's arrays.
struct MlstmSizes {
  double steps, weights, biases, c, n, m;
};

MlstmSizes sizesOf(const Mlstm &s) {
  const double rows = double(s.lanes) * s.batch, lanes = double(s.lanes) * s.heads;
  return {rows * s.steps, lanes * 3 * s.hidden, lanes, rows * s.hidden * (s.hidden / s.heads), rows * s.hidden, rows * s.heads};
}

/// What both directions of an mLSTM share.
Mlstm mlstmLayer(Arguments &args) {
  Mlstm s{};
  s.lanes = args.size("lanes");
  s.steps = args.size("steps");
  s.batch = args.size("batch");
  s.hidden = args.size("hidden");
  s.heads = args.size("heads");
  if (s.hidden % s.heads) args.fail("hidden must be a multiple of heads");
  s.reverse = args.flag("reverse");
  const MlstmSizes sizes = sizesOf(s);
  s.inputs = args.floats("inputs", sizes.steps * 4 * s.hidden);
  s.inputWeight = args.floats("inputWeight", sizes.weights);
  s.forgetWeight = args.floats("forgetWeight", sizes.weights);
  s.inputBias = args.floats("inputBias", sizes.biases);
  s.forgetBias = args.floats("forgetBias", sizes.biases);
  s.valid = args.bytesOrNull("valid", sizes.steps);
  s.c = args.floats("c", sizes.c);
  s.n = args.floats("n", sizes.n);
  s.m = args.floats("m", sizes.m);
  s.outputs = args.floats("outputs", sizes.steps * s.hidden);
  s.gates = args.floats("gates", sizes.steps * 2 * s.heads);
  s.normalisers = args.floats("normalisers", sizes.steps * s.heads);
  return s;
}

}  // namespace

void mlstm(const CallbackInfo &info) {
  Arguments args(info);
  Mlstm s = mlstmLayer(args);
  const MlstmSizes sizes = sizesOf(s);
  s.lastC = args.floats("lastC", sizes.c);
  s.lastN = args.floats("lastN", sizes.n);
  s.lastM = args.floats("lastM", sizes.m);
  current().mlstm(s);
}

void mlstmGradient(const CallbackInfo &info) {
  Arguments args(info);
  const Mlstm s = mlstmLayer(args);
  const MlstmSizes sizes = sizesOf(s);
  MlstmGradient d{};
  d.outputs = args.floats("gradOutputs", sizes.steps * s.hidden);
  d.lastC = args.floats("gradLastC", sizes.c);
  d.lastN = args.floats("gradLastN", sizes.n);
  d.lastM = args.floats("gradLastM", sizes.m);
  d.inputs = args.floats("gradInputs", sizes.steps * 4 * s.hidden);
  d.inputWeight = args.floats("gradInputWeight", sizes.weights);
  d.forgetWeight = args.floats("gradForgetWeight", sizes.weights);
  d.inputBias = args.floats("gradInputBias", sizes.biases);
  d.forgetBias = args.floats("gradForgetBias", sizes.biases);
  d.c = args.floats("gradC", sizes.c);
  d.n = args.floats("gradN", sizes.n);
  d.m = args.floats("gradM", sizes.m);
  current().mlstmGradient(s, d);
}

void scan(const CallbackInfo &info) {
  Arguments args(info);
  Scan s = layer(args);
  const double state = double(s.lanes) * s.batch * s.hidden * scanBlocks(s.cell).states;
  s.outputs = args.floats("outputs", state * s.steps);
  if (s.valid && s.outputs == s.states) args.fail("outputs and states must differ where valid is given");
  s.last = args.floats("last", state);
  current().scan(s);
}

void scanGradient(const CallbackInfo &info) {
  Arguments args(info);
  const Scan s = layer(args);
  const ScanBlocks blocks = scanBlocks(s.cell);
  const double state = double(s.lanes) * s.batch * s.hidden, sequence = state * s.steps;
  ScanGradient d{};
  d.outputs = args.floats("gradOutputs", sequence * blocks.states);
  d.last = args.floats("gradLast", state * blocks.states);
  d.inputs = args.floats("gradInputs", sequence * blocks.inputs);
  if (blocks.weights) d.weights = args.floats("gradWeights", state * blocks.weights);
  d.start = args.floats("gradStart", state * blocks.states);
  current().scanGradient(s, d);
}

void selectiveScan(const CallbackInfo &info) {
  Arguments args(info);
  SelectiveScan s = selectiveLayer(args);
  const double rows = double(s.lanes) * s.batch;
  s.outputs = args.floats("outputs", rows * s.steps * s.hidden);
  s.last = args.floats("last", rows * s.hidden * kSelectiveStates);
  current().selectiveScan(s);
}

void selectiveScanGradient(const CallbackInfo &info) {
  Arguments args(info);
  const SelectiveScan s = selectiveLayer(args);
  const double rows = double(s.lanes) * s.batch, steps = rows * s.steps;
  SelectiveScanGradient d{};
  d.outputs = args.floats("gradOutputs", steps * s.hidden);
  d.last = args.floats("gradLast", rows * s.hidden * kSelectiveStates);
  d.inputs = args.floats("gradInputs", steps * s.hidden * 3);
  d.mixing = args.floats("gradMixing", steps * 2 * kSelectiveStates);
  d.weights = args.floats("gradWeights", rows * s.hidden * (kSelectiveStates + 2));
  d.start = args.floats("gradStart", rows * s.hidden * kSelectiveStates);
  current().selectiveScanGradient(s, d);
}

void firstSilu(const CallbackInfo &info) {
  Arguments args(info);
  const ptrdiff_t rows = args.size("rows"), width = args.size("width");
  const double all = double(rows) * width;
  const float *x = args.floats("x", 3 * all);
  current().firstSilu(rows, width, x, args.floats("out", all));
}

void firstSiluGradient(const CallbackInfo &info) {
  Arguments args(info);
  const ptrdiff_t rows = args.size("rows"), width = args.size("width");
  const double all = double(rows) * width;
  const float *x = args.floats("x", 3 * all), *gradOut = args.floats("gradOut", all);
  current().firstSiluGradient(rows, width, x, gradOut, args.floats("out", 3 * all));
}

void gatedLinearUnit(const CallbackInfo &info) {
  Arguments args(info);
  const ptrdiff_t rows = args.size("rows"), width = args.size("width");
  const double all = double(rows) * width;
  const float *x = args.floats("x", 2 * all), *y = args.floats("y", 2 * all);
  current().gatedLinearUnit(rows, width, x, y, args.floats("out", all));
}

void gatedLinearUnitGradient(const CallbackInfo &info) {
  Arguments args(info);
  const ptrdiff_t rows = args.size("rows"), width = args.size("width");
  const double all = double(rows) * width;
  const float *x = args.floats("x", 2 * all), *y = args.floats("y", 2 * all), *gradOut = args.floats("gradOut", all);
  current().gatedLinearUnitGradient(rows, width, x, y, gradOut, args.floats("out", 2 * all));
}

}  // namespace unroll::api
