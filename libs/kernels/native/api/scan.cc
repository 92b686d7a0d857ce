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

}  // namespace

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
