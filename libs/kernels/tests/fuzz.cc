// Runs every kernel on random shapes, and holds
// - products and recurrent layers, with their gradients, of every instruction set against their equations in float64,
// - every instruction set of this processor against `portable`,
// - each on several threads against itself on one, bit for bit,
// - packed recurrent layers against those of a batch of one, bit for bit where weights are float32,
// - products of bfloat16 against those of rounded operands in float64, and the processor's against those in plain code.
// Arrays are of exactly the right size, so that AddressSanitizer sees what is read or written beyond (npm run sanitize).
//
// Usage: fuzz [--rounds N] [--seed N]
#include <cstdlib>
#include <cstring>

#include "compare.h"
#include "mlstm-reference.h"
#include "packed.h"
#include "reference.h"

using namespace unroll;

namespace {

/// Rounded to the nearest bfloat16, ties to even, by arithmetic of its own.
Floats toBfloat16(Floats values) {
  for (float &value : values) {
    int exponent;
    const double mantissa = std::frexp(double(value), &exponent);
    value = float(std::ldexp(std::nearbyint(std::ldexp(mantissa, 8)), exponent - 8));
  }
  return values;
}

/// Sizes around those of tiles and blocks: mostly small, with every remainder; some beyond a block of k, or of rows.
void products(Random &random) {
  const ptrdiff_t m = random.chance(15) ? random.between(330, 520) : random.between(1, 45);
  const ptrdiff_t n = random.chance(15) ? random.between(100, 300) : random.between(1, 70);
  const ptrdiff_t depths[] = {512, 513, 1024, 1040};
  const ptrdiff_t k = random.chance(25) ? depths[random.between(0, 3)] : random.between(1, 60);
  const bool transposeA = random.chance(50), transposeB = random.chance(50);
  const Floats a = random.floats(m * k), b = random.floats(k * n), bias = random.chance(50) ? random.floats(n) : Floats();
  const Doubles truth = multiplyReference(m, n, k, a, transposeA, b, transposeB, bias);
  const auto run = [&](const Kernels &kernels) -> std::vector<Floats> {
    Floats c = unwritten(m * n), sums = unwritten(transposeB ? 0 : n), expected(sums);
    ProductEnds ends = {bias.empty() ? nullptr : bias.data()};
    if (!transposeB) ends.columnSums = sums.data();
    kernels.multiply(m, n, k, a.data(), transposeA, b.data(), transposeB, ends, c.data());
    if (!transposeB) kernels.sumRows(1, k, n, b.data(), expected.data());
    expectClose(std::string(kernels.name) + " multiply" + text({m, n, k, transposeA}) + ", sums of columns", sums, expected, 0);
    return {c};
  };
  compare("multiply" + text({m, n, k, transposeA, transposeB, !bias.empty()}), 2e-6, run,
          [&](const std::string &what, const auto &results) { expectClose(what + ", truth", results[0], truth, 2e-6); });
  const Doubles ofRounded = multiplyReference(m, n, k, toBfloat16(a), transposeA, toBfloat16(b), transposeB, bias);
  for (const Kernels *kernels : instructionSets())
    if (const Kernels *own = inBfloat16(*kernels))
      expectClose(std::string(own->name) + " multiply" + text({m, n, k, transposeA, transposeB}), run(*own)[0], ofRounded, 2e-6);
}

/// Holds gradients against the central difference along one random direction of all inputs.
void checkGradients(const std::string &what, Random &random, const Layer &l, const std::vector<Floats> &gradients) {
  Inputs forwards(l), backwards(l);
  const double step = 1e-6;
  double expected = 0, size = 0;
  for (size_t i = 0; i < gradients.size(); i++) {
    const Floats direction = random.floats(ptrdiff_t(gradients[i].size()));
    for (size_t j = 0; j < direction.size(); j++) {
      (*forwards.all()[i])[j] += step * double(direction[j]);
      (*backwards.all()[i])[j] -= step * double(direction[j]);
      expected += double(gradients[i][j]) * double(direction[j]);
      size += std::fabs(double(gradients[i][j]) * double(direction[j]));
    }
  }
  Doubles outputs;
  const double slope = (lossReference(l, forwards, outputs) - lossReference(l, backwards, outputs)) / (2 * step);
  comparisons++;
  if (std::fabs(slope - expected) <= 1e-5 * (1 + size)) return;
  failures++;
  std::printf("%s: slope %g along the gradient, %g by differences\n", what.c_str(), expected, slope);
}

/// Both directions, where gates are written over what they are computed from, and their gradients over gates; bit for bit as apart.
void checkInPlace(const std::string &what, const Kernels &kernels, const Layer &l) {
  Forward forward(l, true), over(l, true);
  Backward backward(l, true), after(l, true);
  const Recurrent r = forward.arguments(l);
  kernels.recurrent(r);
  kernels.recurrentGradient(r, backward.arguments(l));
  Recurrent own = over.arguments(l);
  over.gates = l.projected;
  own.projected = own.gates = over.gates.data();
  kernels.recurrent(own);
  const auto same = [&](const std::vector<Floats> &ours, const std::vector<Floats> &theirs, const char *direction) {
    for (size_t i = 0; i < ours.size(); i++)
      expectClose(std::string(kernels.name) + direction + what + ", in place, result " + std::to_string(i), ours[i], theirs[i], 0);
  };
  same(over.all(), forward.all(), " recurrent");
  RecurrentGradient d = after.arguments(l);
  d.projected = own.gates;
  kernels.recurrentGradient(own, d);
  after.projected = over.gates;
  same(after.all(), backward.all(), " recurrentGradient");
}

void recurrentLayers(Random &random) {
  const Cell cell = Cell(random.between(0, kCells - 1));
  const ptrdiff_t lanes = random.between(1, 2), steps = random.between(1, 4), batch = random.between(1, 20);
  const ptrdiff_t hidden = random.chance(15) ? random.between(70, 140) : random.between(1, 70);
  const bool reverse = random.chance(50), masked = random.chance(50), dropped = random.chance(40);
  Layer l(random, cell, lanes, steps, batch, hidden, reverse, masked, random.chance(70), dropped);
  avoidKinks(l, 1e-3f);
  const std::string what = text({int(cell), lanes, steps, batch, hidden, reverse, masked, dropped});
  Doubles truth;
  lossReference(l, Inputs(l), truth);
  for (const bool training : {false, true}) {
    const auto run = [&](const Kernels &kernels) {
      Forward forward(l, training);
      kernels.recurrent(forward.arguments(l));
      return forward.all();
    };
    compare("recurrent" + what + text({training}), 1e-5, run,
            [&](const std::string &own, const auto &results) { expectClose(own + ", truth", results[0], truth, 1e-5); });
  }
  if (cell != Cell::layerNormLstm)
    for (const Kernels *kernels : instructionSets()) {
      checkInPlace(what, *kernels, l);
      if (const Kernels *rounded = inBfloat16(*kernels)) checkInPlace(what, *rounded, l);
    }
  // All take what one saved, so that only the gradient's own rounding differs.
  Forward saved(l, true);
  const Recurrent r = saved.arguments(l);
  portable.recurrent(r);
  const auto run = [&](const Kernels &kernels) {
    Backward backward(l, true);
    kernels.recurrentGradient(r, backward.arguments(l));
    return backward.all();
  };
  compare("recurrentGradient" + what, 1e-5, run, [&](const std::string &own, const auto &results) {
    checkGradients(own, random, l, results);
  });
}

void scans(Random &random) {
  const ScanCell cell = ScanCell(random.between(0, int(ScanCell::rgLru)));
  const ScanBlocks blocks = scanBlocks(cell);
  const ptrdiff_t lanes = random.between(1, 2), steps = random.between(1, 6), batch = random.between(1, 9);
  const ptrdiff_t hidden = random.between(1, 70), state = lanes * batch * hidden, sequence = state * steps;
  const ptrdiff_t weightRows = random.chance(50) ? 1 : batch;
  const bool reverse = random.chance(50), masked = random.chance(50);
  const Floats inputs = random.floats(sequence * blocks.inputs, 2), start = random.floats(state * blocks.states);
  Floats weights = random.floats(lanes * weightRows * hidden * blocks.weights);
  if (cell == ScanCell::rgLru)
    for (float &weight : weights) weight = -std::fabs(weight) - 0.01f;
  const std::vector<uint8_t> valid = masked ? random.mask(lanes * steps * batch) : std::vector<uint8_t>();
  const Floats ofOutputs = random.floats(sequence * blocks.states), ofLast = random.floats(state * blocks.states);
  const auto layer = [&](Floats &outputs, Floats &states, Floats &last) {
    return Scan{cell, lanes, steps, batch, hidden, weightRows, reverse, inputs.data(), blocks.weights ? weights.data() : nullptr,
                masked ? valid.data() : nullptr, start.data(), outputs.data(), masked ? states.data() : outputs.data(), last.data()};
  };
  const std::string what = text({int(cell), lanes, steps, batch, hidden, weightRows, reverse, masked});
  const auto forward = [&](const Kernels &kernels) -> std::vector<Floats> {
    Floats outputs = unwritten(sequence * blocks.states), states = unwritten(masked ? sequence * blocks.states : 0);
    Floats last = unwritten(state * blocks.states);
    kernels.scan(layer(outputs, states, last));
    return {outputs, states, last};
  };
  compare("scan" + what, 1e-5, forward);
  // All take what one saved: where relu is next to 0, another rounding has another slope.
  std::vector<Floats> saved = forward(portable);
  const Scan s = layer(saved[0], saved[1], saved[2]);
  compare("scanGradient" + what, 1e-5, [&](const Kernels &kernels) -> std::vector<Floats> {
    Floats ofInputs = unwritten(sequence * blocks.inputs), ofWeights = unwritten(state * blocks.weights);
    Floats ofStart = unwritten(state * blocks.states);
    kernels.scanGradient(s, {ofOutputs.data(), ofLast.data(), ofInputs.data(), blocks.weights ? ofWeights.data() : nullptr, ofStart.data()});
    return {ofInputs, ofWeights, ofStart};
  });
}

void selectiveScans(Random &random) {
  const ptrdiff_t lanes = random.between(1, 2), steps = random.between(1, 5), batch = random.between(1, 5), N = kSelectiveStates;
  const ptrdiff_t hidden = random.between(1, 40), rows = lanes * batch, all = rows * steps;
  const bool reverse = random.chance(50), masked = random.chance(50);
  const Floats inputs = random.floats(all * 3 * hidden, 2), mixing = random.floats(all * 2 * N);
  const Floats weights = random.floats(lanes * (N + 2) * hidden), start = random.floats(rows * N * hidden);
  const Floats ofOutputs = random.floats(all * hidden), ofLast = random.floats(rows * N * hidden);
  const std::vector<uint8_t> valid = masked ? random.mask(all) : std::vector<uint8_t>();
  compare("selectiveScan" + text({lanes, steps, batch, hidden, reverse, masked}), 1e-5, [&](const Kernels &kernels) -> std::vector<Floats> {
    Floats outputs = unwritten(all * hidden), last = unwritten(rows * N * hidden), ofInputs = unwritten(all * 3 * hidden);
    Floats ofMixing = unwritten(all * 2 * N), ofWeights = unwritten(rows * (N + 2) * hidden), ofStart = unwritten(rows * N * hidden);
    const SelectiveScan s{lanes, steps, batch, hidden, reverse, inputs.data(), mixing.data(), weights.data(),
                          masked ? valid.data() : nullptr, start.data(), outputs.data(), last.data()};
    kernels.selectiveScan(s);
    kernels.selectiveScanGradient(s, {ofOutputs.data(), ofLast.data(), ofInputs.data(), ofMixing.data(), ofWeights.data(), ofStart.data()});
    return {outputs, last, ofInputs, ofMixing, ofWeights, ofStart};
  });
}

void matrixMemories(Random &random) {
  MlstmLayer l;
  l.choose(random);
  l.draw(random);
  const std::string what = text({l.lanes, l.steps, l.batch, l.hidden, l.heads, l.reverse, l.masked});
  const auto closeTo = [](double error, double tolerance, const std::string &what) {
    expectClose(what, Floats{float(1 + error)}, Floats{1}, tolerance);
  };
  // n·q nearly cancels at some steps, and what is divided by it has few digits there.
  compare("mlstm" + what, 1e-3, [&](const Kernels &kernels) { return l.forward(kernels.mlstm); },
          [&](const std::string &own, const auto &results) { closeTo(l.outputError(results), 1e-4, own + ", truth"); });
  if (l.isAtKink()) return;
  // All take what one gave, which has the same normalisers. A 1 in each: where terms of about that size cancel, their rounding is left.
  const std::vector<Floats> given = l.forward(portable.mlstm);
  const auto gradients = [&](const Kernels &kernels) {
    std::vector<Floats> all = l.gradients(kernels.mlstmGradient, given);
    for (Floats &each : all) each.push_back(1);
    return all;
  };
  const Random directions = random;
  compare("mlstmGradient" + what, 1e-3, gradients, [&](const std::string &own, const auto &results) {
    Random each = directions;
    closeTo(l.slopeError(each, results), 1e-3, own + ", differences");
  });
}

void gatedLinearUnits(Random &random) {
  const ptrdiff_t rows = random.between(1, 20), width = random.between(1, 70);
  const Floats x = random.floats(rows * 2 * width, 3), y = random.floats(rows * 2 * width), gradient = random.floats(rows * width);
  compare("gatedLinearUnit" + text({rows, width}), 1e-6, [&](const Kernels &kernels) -> std::vector<Floats> {
    Floats out = unwritten(rows * width), ofSum = unwritten(rows * 2 * width);
    kernels.gatedLinearUnit(rows, width, x.data(), y.data(), out.data());
    kernels.gatedLinearUnitGradient(rows, width, x.data(), y.data(), gradient.data(), ofSum.data());
    return {out, ofSum};
  });
}

void firstSilus(Random &random) {
  const ptrdiff_t rows = random.between(1, 20), width = random.between(1, 70);
  const Floats x = random.floats(rows * 3 * width, 5), gradient = random.floats(rows * width);
  compare("firstSilu" + text({rows, width}), 1e-6, [&](const Kernels &kernels) -> std::vector<Floats> {
    Floats out = unwritten(rows * width), ofX = unwritten(rows * 3 * width);
    kernels.firstSilu(rows, width, x.data(), out.data());
    kernels.firstSiluGradient(rows, width, x.data(), gradient.data(), ofX.data());
    return {out, ofX};
  });
}

void rowsAndTables(Random &random) {
  const ptrdiff_t outer = random.between(1, 3), rows = random.between(1, 150), inner = random.between(1, 70);
  const Floats x = random.floats(outer * rows * inner), y = random.floats(outer * inner);
  const std::vector<int32_t> ids = random.integers(random.between(1, 100), rows);
  const ptrdiff_t count = ptrdiff_t(ids.size());
  const Floats table = random.floats(rows * inner), gradient = random.floats(count * inner);
  compare("rows" + text({outer, rows, inner, count}), 0, [&](const Kernels &kernels) -> std::vector<Floats> {
    Floats sums = unwritten(outer * inner), added = unwritten(outer * rows * inner);
    Floats gathered = unwritten(count * inner), scattered = unwritten(rows * inner);
    kernels.addRows(outer, rows, inner, x.data(), y.data(), added.data());
    kernels.sumRows(outer, rows, inner, x.data(), sums.data());
    kernels.gather(count, inner, table.data(), ids.data(), gathered.data());
    kernels.scatterAdd(count, rows, inner, ids.data(), gradient.data(), scattered.data());
    return {sums, added, gathered, scattered};
  });
}

void norms(Random &random) {
  const ptrdiff_t rows = random.between(1, 150), width = random.between(1, 70);
  const Floats x = random.floats(rows * width, 3), gain = random.floats(width), shift = random.floats(width);
  const Floats dy = random.floats(rows * width), added = random.floats(rows * width);
  compare("layerNorm" + text({rows, width}), 1e-4, [&](const Kernels &kernels) -> std::vector<Floats> {
    Floats out = unwritten(rows * width), moments = unwritten(rows * 2), ofX = out, ofGain = unwritten(width), ofShift = ofGain;
    const LayerNorm norm = {rows, width, x.data(), gain.data(), shift.data(), out.data(), moments.data()};
    kernels.layerNorm(norm);
    kernels.layerNormGradient(norm, {dy.data(), added.data(), ofX.data(), ofGain.data(), ofShift.data()});
    return {out, moments, ofX, ofGain, ofShift};
  });
}

/// Within sequences, with queries, keys and values in one array, or to others.
void attending(Random &random) {
  const bool within = random.chance(50), additive = !within && random.chance(50);
  Attention a{};
  a.lanes = random.between(1, 2);
  a.outer = within ? a.lanes : a.lanes * random.between(1, 2);
  a.inner = within ? random.between(1, 3) : 1;
  a.heads = within ? random.between(1, 3) : 1;
  a.queryCount = random.chance(20) ? random.between(60, 140) : random.between(1, 20);
  a.keyCount = within ? a.queryCount : random.between(2, 50);  // with one alone, no score has a gradient
  a.units = random.between(1, 40);
  a.width = within ? a.units : random.between(1, 40);
  a.scale = within ? 0.3f : 1.0f;
  a.causal = within;
  const ptrdiff_t hidden = a.heads * a.units, asking = a.outer * a.queryCount * a.inner, asked = a.outer * a.keyCount * a.inner;
  const ptrdiff_t items = a.outer * a.inner * a.heads;
  const Floats q = random.floats(asking * hidden * (within ? 3 : 1)), k = random.floats(within ? 0 : asked * a.units);
  const Floats v = random.floats(within ? 0 : asked * a.width), score = random.floats(additive ? a.lanes * a.units : 0);
  const std::vector<uint8_t> valid = a.keyCount > 9 && random.chance(50) ? random.mask(asked) : std::vector<uint8_t>();
  const Floats dy = random.floats(asking * a.heads * a.width);
  const ptrdiff_t stride = (within ? 3 * hidden : a.units) * a.inner;
  a.queries = {q.data(), stride};
  a.keys = within ? Rows{q.data() + hidden, stride} : Rows{k.data(), a.units};
  a.values = within ? Rows{q.data() + 2 * hidden, stride} : Rows{v.data(), a.width};
  a.valid = valid.empty() ? nullptr : valid.data();
  a.score = additive ? score.data() : nullptr;
  a.outStride = a.heads * a.width * a.inner;
  compare("attention" + text({within, additive, a.outer, a.inner, a.heads, a.queryCount, a.keyCount, a.units, a.width}), 1e-4,
          [&](const Kernels &kernels) -> std::vector<Floats> {
            Floats out = unwritten(ptrdiff_t(dy.size())), moments = unwritten(items * a.queryCount * 2);
            Floats weights = unwritten(items * a.queryCount * a.keyCount), ofScore = unwritten(additive ? a.lanes * a.units : 0);
            Floats ofQ = unwritten(ptrdiff_t(q.size())), ofK = unwritten(ptrdiff_t(k.size())), ofV = unwritten(ptrdiff_t(v.size()));
            Attention own = a;
            own.out = out.data(), own.moments = moments.data(), own.weights = weights.data();
            kernels.attention(own);
            kernels.attentionGradient(own, {dy.data(), ofQ.data(), within ? ofQ.data() + hidden : ofK.data(),
                                            within ? ofQ.data() + 2 * hidden : ofV.data(), additive ? ofScore.data() : nullptr});
            return {out, moments, weights, ofQ, ofK, ofV, ofScore};
          });
}

void treeLevels(Random &random) {
  const ptrdiff_t nodes = random.between(1, 30), arity = random.between(1, 4), H = random.between(1, 40), count = nodes * arity;
  const Floats children = random.floats(count * 2 * H), sum = random.floats(3 * H * H), bias = random.floats(3 * H);
  const Floats forget = random.floats(H * H), forgetBias = random.floats(H), dStates = random.floats(nodes * 2 * H);
  compare("treeNodes" + text({nodes, arity, H}), 1e-4, [&](const Kernels &kernels) -> std::vector<Floats> {
    Floats gates = unwritten(nodes * 3 * H), forgets = unwritten(count * H), states = unwritten(nodes * 2 * H);
    Floats ofChildren = unwritten(count * 2 * H), ofSum = unwritten(3 * H * H), ofBias = unwritten(3 * H);
    Floats ofForget = unwritten(H * H), ofForgetBias = unwritten(H);
    const TreeNodes t = {nodes, arity, H, children.data(), sum.data(), bias.data(), forget.data(), forgetBias.data(),
                         gates.data(), forgets.data(), states.data()};
    kernels.treeNodes(t);
    kernels.treeNodesGradient(t, {dStates.data(), nullptr, ofChildren.data(), ofSum.data(), ofBias.data(), ofForget.data(),
                                  ofForgetBias.data()});
    return {gates, forgets, states, ofChildren, ofSum, ofBias, ofForget, ofForgetBias};
  });
}

void losses(Random &random) {
  const ptrdiff_t rows = random.between(1, 40), classes = random.between(1, 90);
  const Floats logits = random.floats(rows * classes, random.chance(20) ? 300 : 5);
  const std::vector<int32_t> targets = random.integers(rows, classes);
  const std::vector<uint8_t> valid = random.chance(50) ? random.mask(rows) : std::vector<uint8_t>();
  const uint8_t *mask = valid.empty() ? nullptr : valid.data();
  const float scale = random.number();
  compare("crossEntropy" + text({rows, classes, mask != nullptr}), 1e-6, [&](const Kernels &kernels) -> std::vector<Floats> {
    Floats p = unwritten(rows * classes), each = unwritten(rows), gradient = unwritten(rows * classes);
    kernels.crossEntropy(rows, classes, logits.data(), targets.data(), mask, p.data(), each.data());
    kernels.crossEntropyGradient(rows, classes, p.data(), targets.data(), mask, scale, gradient.data());
    // In the memory of the logits.
    Floats inPlace = logits, losses = unwritten(rows);
    kernels.crossEntropy(rows, classes, inPlace.data(), targets.data(), mask, inPlace.data(), losses.data());
    const Floats written = inPlace;
    kernels.crossEntropyGradient(rows, classes, inPlace.data(), targets.data(), mask, scale, inPlace.data());
    return {p, each, gradient, written, losses, inPlace};
  });
}

void updates(Random &random) {
  const ptrdiff_t lanes = random.between(1, 3), length = random.between(1, 300), all = lanes * length;
  const auto positive = [&](ptrdiff_t count) {
    Floats values = random.floats(count);
    for (float &value : values) value = std::fabs(value) + 1e-3f;
    return values;
  };
  const Floats parameters = random.floats(all), gradient = random.floats(all), slots[2] = {positive(all), positive(all)};
  const Floats norms = positive(lanes), limits = positive(lanes);
  for (int index = 0; index < portable.updateRuleCount; index++) {
    const UpdateRule &rule = portable.updateRules[index];
    const Floats scalars = positive(rule.scalars * lanes);
    compare(std::string("update ") + rule.kind + text({lanes, length}), 1e-5, [&](const Kernels &kernels) {
      std::vector<Floats> next(size_t(1 + rule.slots), unwritten(all));
      Update u{lanes, length, parameters.data(), gradient.data(), norms.data(), limits.data(), scalars.data(), {}, next[0].data(), {}};
      for (int slot = 0; slot < rule.slots; slot++) u.slots[slot] = slots[slot].data(), u.nextSlots[slot] = next[1 + slot].data();
      kernels.updateRules[index].update(u);
      next.push_back({kernels.norm(all, gradient.data())});
      return next;
    });
  }
}

void dropout(Random &random) {
  const Mask mask = {random.between(1, 6), random.between(1, 3), random.between(1, 70), random.between(3, 5), random.between(70, 90)};
  const uint32_t key[4] = {uint32_t(random.next()), uint32_t(random.next()), uint32_t(random.next()), uint32_t(random.next())};
  compare("dropoutMask" + text({mask.rows, mask.blocks, mask.width}), 0, [&](const Kernels &kernels) -> std::vector<Floats> {
    Floats out = unwritten(mask.rows * mask.blocks * mask.width);
    kernels.dropoutMask(mask, key, 2, out.data());
    return {out};
  });
}

void functions(Random &random) {
  const ptrdiff_t count = random.between(1, 100);
  const Floats x = random.floats(count, random.chance(50) ? 1 : 80);
  const auto run = [&](const Kernels &kernels) -> std::vector<Floats> {
    Floats exp = unwritten(count), tanh = unwritten(count);
    kernels.exp(count, x.data(), exp.data());
    kernels.tanh(count, x.data(), tanh.data());
    // Each by itself, relatively.
    for (ptrdiff_t i = 0; i < count; i++) exp[i] = float(exp[i] / std::exp(double(x[i]))), tanh[i] = float(tanh[i] / std::tanh(double(x[i])));
    return {exp, tanh};
  };
  compare("functions" + text({count}), 1e-6, run, [&](const std::string &what, const auto &results) {
    for (const Floats &ratios : results)
      for (const float ratio : ratios) expectClose(what + ", truth", {ratio}, Floats{1}, 1e-6);
  });
}

long option(int count, char **arguments, const char *name, long otherwise) {
  for (int i = 1; i + 1 < count; i++)
    if (!std::strcmp(arguments[i], name)) return std::atol(arguments[i + 1]);
  return otherwise;
}

}  // namespace

int main(int count, char **arguments) {
  const long rounds = option(count, arguments, "--rounds", 200), seed = option(count, arguments, "--seed", 1);
  for (long round = 0; round < rounds && failures < 20; round++) {
    // A seed for each round: `--seed S --rounds 1` repeats one.
    Random random(uint64_t(seed + round));
    const int before = failures;
    for (const auto operation : {products, recurrentLayers, scans, selectiveScans, matrixMemories, gatedLinearUnits, firstSilus, rowsAndTables, losses, updates,
                                 dropout, functions, norms, attending, treeLevels, packed})
      operation(random);
    if (failures > before) std::printf("  in the round with --seed %ld\n", seed + round);
  }
  for (const Kernels *kernels : instructionSets()) std::printf("%s ", kernels->name);
  std::printf("from --seed %ld: %ld rounds, %ld comparisons, %d failed\n", seed, rounds, comparisons, failures);
  return failures > 0;
}
