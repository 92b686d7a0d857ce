// A recurrent layer with random inputs, in arrays of exactly the right size.
#pragma once
#include <cmath>

#include "../native/kernels.h"
#include "random.h"

struct Layer {
  unroll::Cell cell;
  ptrdiff_t lanes, steps, batch, hidden;
  bool reverse;
  Floats projected, kernel, bias, own, kept, h0, c0;
  std::vector<uint8_t> valid;
  /// The weights of outputs and final states in the loss: their gradients.
  Floats gradOutputs, gradHT, gradCT;

  Layer(Random &random, unroll::Cell cell, ptrdiff_t lanes, ptrdiff_t steps, ptrdiff_t batch, ptrdiff_t hidden, bool reverse,
        bool masked, bool biased, bool dropped = false)
      : cell(cell), lanes(lanes), steps(steps), batch(batch), hidden(hidden), reverse(reverse) {
    projected = random.floats(sequence() * gates(), 2);
    kernel = random.floats(lanes * hidden * hidden * gates(), 1 / std::sqrt(float(hidden)));
    if (biased && cell == unroll::Cell::gru) bias = random.floats(lanes * hidden * gates());
    own = random.floats(lanes * hidden * ownCount(cell));
    if (dropped) {
      kept = random.floats(state());
      for (float &value : kept) value = value < 0 ? 0 : 1.5f;
    }
    h0 = random.floats(state());
    if (hasC()) c0 = random.floats(state() * cStates());
    if (masked) valid = random.mask(lanes * steps * batch);
    gradOutputs = random.floats(sequence());
    gradHT = random.floats(state());
    if (hasC()) gradCT = random.floats(state() * cStates());
  }

  bool hasC() const { return hasCellState(cell); }
  /// Numbers of c for each unit.
  ptrdiff_t cStates() const { return cellStates(cell); }
  bool isGru() const { return cell == unroll::Cell::gru; }
  ptrdiff_t gates() const { return gateCount(cell); }
  ptrdiff_t state() const { return lanes * batch * hidden; }
  ptrdiff_t sequence() const { return state() * steps; }
  /// The row among [L, T, B] of the step that is the `index`-th to be computed.
  ptrdiff_t rowAt(ptrdiff_t lane, ptrdiff_t index, ptrdiff_t row) const {
    return (lane * steps + (reverse ? steps - 1 - index : index)) * batch + row;
  }
  bool isValid(ptrdiff_t at) const { return valid.empty() || valid[at]; }
  /// Which units of a row are kept; null: all of them.
  const float *keptOf(ptrdiff_t lane, ptrdiff_t row) const { return kept.empty() ? nullptr : kept.data() + (lane * batch + row) * hidden; }
};

/// What the forward kernel writes; NaN before, so that nothing stays unwritten unseen.
struct Forward {
  Floats outputs, hiddens, hT, cT, gates, cells, products, statistics;

  Forward(const Layer &l, bool training) {
    const auto array = [](ptrdiff_t count, bool exists) { return Floats(exists ? size_t(count) : 0, NAN); };
    outputs = array(l.sequence(), true);
    hiddens = array(l.sequence(), !l.valid.empty());
    hT = array(l.state(), true);
    cT = array(l.state() * l.cStates(), l.hasC());
    gates = array(l.sequence() * l.gates(), training);
    cells = array((training ? l.sequence() : l.state()) * l.cStates(), l.hasC());
    products = array(l.sequence() * savedProducts(l.cell), training);
    statistics = array(l.lanes * l.steps * l.batch * unroll::kStatistics, training && l.cell == unroll::Cell::layerNormLstm);
  }

  unroll::Recurrent arguments(const Layer &l) {
    const auto orNull = [](auto &values) { return values.empty() ? nullptr : values.data(); };
    unroll::Recurrent r{l.cell, l.lanes, l.steps, l.batch, l.hidden, l.reverse, l.projected.data(), l.kernel.data(),
                        orNull(l.bias), orNull(l.own), orNull(l.kept), orNull(l.valid), l.h0.data(), orNull(l.c0),
                        outputs.data(), hiddens.empty() ? outputs.data() : hiddens.data(), hT.data(), orNull(cT),
                        orNull(gates), orNull(cells), orNull(products), orNull(statistics)};
    return r;
  }

  std::vector<Floats> all() const { return {outputs, hiddens, hT, cT, gates, cells, products, statistics}; }
};

/// What the gradient kernel writes.
struct Backward {
  Floats projected, kernel, bias, own, h0, c0, hiddens;

  Backward(const Layer &l, bool probed)
      : projected(l.projected.size(), NAN),
        kernel(l.kernel.size(), NAN),
        bias(l.bias.size(), NAN),
        own(l.own.size(), NAN),
        h0(l.h0.size(), NAN),
        c0(l.c0.size(), NAN),
        hiddens(probed ? size_t(l.sequence()) : 0, NAN) {}

  unroll::RecurrentGradient arguments(const Layer &l) {
    const auto orNull = [](auto &values) { return values.empty() ? nullptr : values.data(); };
    return {l.gradOutputs.data(), l.gradHT.data(), orNull(l.gradCT), projected.data(), kernel.data(),
            orNull(bias), orNull(own), h0.data(), orNull(c0), orNull(hiddens)};
  }

  std::vector<Floats> all() const { return {projected, kernel, bias, own, h0, c0, hiddens}; }
};
