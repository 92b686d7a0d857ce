#include "../runtime/instruction-sets.h"
#include "arguments.h"
#include "functions.h"

namespace unroll::api {
namespace {

/// What both directions share.
Recurrent layer(Arguments &args, bool training) {
  Recurrent r{};
  const ptrdiff_t cell = args.size("cell", 0);
  if (cell >= kCells) args.fail("cell must be below " + std::to_string(kCells));
  r.cell = Cell(cell);
  r.lanes = args.size("lanes");
  r.steps = args.size("steps");
  r.batch = args.size("batch");
  r.hidden = args.size("hidden");
  r.reverse = args.flag("reverse");
  const double state = double(r.lanes) * r.batch * r.hidden, sequence = state * r.steps, gates = gateCount(r.cell);
  const double ofC = state * cellStates(r.cell);
  const bool hasC = hasCellState(r.cell);
  r.kernel = args.floats("kernel", double(r.lanes) * r.hidden * r.hidden * gates);
  r.bias = args.floatsOrNull("bias", double(r.lanes) * r.hidden * gates);
  if (r.bias && r.cell != Cell::gru) args.fail("only a gru has a recurrent bias");
  if (ownCount(r.cell)) r.own = args.floats("own", double(r.lanes) * r.hidden * ownCount(r.cell));
  r.kept = args.floatsOrNull("kept", state);
  r.valid = args.bytesOrNull("valid", double(r.lanes) * r.steps * r.batch);
  r.h0 = args.floats("h0", state);
  r.c0 = hasC ? args.floats("c0", ofC) : nullptr;
  r.hiddens = args.floats("hiddens", sequence);
  r.gates = training ? args.floats("gates", sequence * gates) : nullptr;
  r.cells = hasC ? args.floats("cells", training ? ofC * r.steps : ofC) : nullptr;
  if (training && savedProducts(r.cell)) r.products = args.floats("products", sequence * savedProducts(r.cell));
  if (training && r.cell == Cell::layerNormLstm)
    r.statistics = args.floats("statistics", double(r.lanes) * r.steps * r.batch * kStatistics);
  return r;
}

}  // namespace

void recurrent(const CallbackInfo &info) {
  Arguments args(info);
  Recurrent r = layer(args, args.has("gates"));
  const double state = double(r.lanes) * r.batch * r.hidden, sequence = state * r.steps;
  r.projected = args.floats("projected", sequence * gateCount(r.cell));
  r.outputs = args.floats("outputs", sequence);
  if (r.valid && r.outputs == r.hiddens) args.fail("outputs and hiddens must differ where valid is given");
  if (r.cell == Cell::layerNormLstm && r.gates == r.projected) args.fail("gates and projected must differ where sums are normalised");
  r.hT = args.floats("hT", state);
  r.cT = hasCellState(r.cell) ? args.floats("cT", state * cellStates(r.cell)) : nullptr;
  current().recurrent(r);
}

void recurrentGradient(const CallbackInfo &info) {
  Arguments args(info);
  Recurrent r = layer(args, true);
  const bool hasC = hasCellState(r.cell);
  const double state = double(r.lanes) * r.batch * r.hidden, sequence = state * r.steps, gates = gateCount(r.cell);
  const double ofC = state * cellStates(r.cell);
  if (r.cell == Cell::layerNormLstm) r.projected = args.floats("projected", sequence * gates);
  RecurrentGradient d{};
  d.outputs = args.floats("gradOutputs", sequence);
  d.hT = args.floats("gradHT", state);
  d.cT = hasC ? args.floats("gradCT", ofC) : nullptr;
  d.projected = args.floats("gradProjected", sequence * gates);
  if (r.cell == Cell::layerNormLstm && r.gates == d.projected) args.fail("gates and gradProjected must differ where sums are normalised");
  d.kernel = args.floats("gradKernel", double(r.lanes) * r.hidden * r.hidden * gates);
  d.bias = args.floatsOrNull("gradBias", double(r.lanes) * r.hidden * gates);
  if (ownCount(r.cell)) d.own = args.floats("gradOwn", double(r.lanes) * r.hidden * ownCount(r.cell));
  d.h0 = args.floats("gradH0", state);
  d.c0 = hasC ? args.floats("gradC0", ofC) : nullptr;
  d.hiddens = args.floatsOrNull("gradHiddens", sequence);
  current().recurrentGradient(r, d);
}

}  // namespace unroll::api
