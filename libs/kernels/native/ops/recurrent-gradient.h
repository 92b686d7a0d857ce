// Backpropagation through time (Werbos 1990): step by step the gradients dz of the gates and dh = dz·Uᵀ, and after the loop the
// kernel's gradient as one product Hᵀ·dZ over all steps.
#pragma once
#include "recurrent.h"
#include "rows.h"

namespace unroll {
namespace {

/// One step of one lane backwards; all [B, ·]. dh and dc are the gradients of the states after the step, and afterwards of those
/// before it, without the part of dh that flows through the recurrent product.
struct StepBack {
  ptrdiff_t batch, hidden;
  const float *gates, *c, *previousC, *previousH, *products, *gradOutput;
  const uint8_t *valid;
  float *dh, *dc, *gradProjected, *gradProduct, *gradHidden;  // gradHidden: of h after the step, or null
};

/// The cell's derivatives for kWidth units of one row, of which `count` exist, with dh the gradient of h after the step.
template <Cell C>
ALWAYS_INLINE void differentiate(const StepBack &s, ptrdiff_t row, ptrdiff_t unit, ptrdiff_t count, Vector dh) {
  constexpr int G = Shape<C>::gates;
  const ptrdiff_t H = s.hidden, at = row * H + unit, atGates = row * G * H + unit;
  const auto gate = [&](int g) { return load(s.gates + atGates + g * H, count); };
  const auto projected = [&](int g, Vector x) { store(s.gradProjected + atGates + g * H, x, count); };
  const auto product = [&](int g, Vector x) { store(s.gradProduct + atGates + g * H, x, count); };
  if constexpr (C == Cell::lstm) {
    const Vector i = gate(0), f = gate(1), g = gate(2), o = gate(3);
    const Vector squashed = tanh(load(s.c + at, count));
    const Vector dc = load(s.dc + at, count) + dh * o * (1.0f - squashed * squashed);
    projected(0, dc * g * (i - i * i));
    projected(1, dc * load(s.previousC + at, count) * (f - f * f));
    projected(2, dc * i * (1.0f - g * g));
    projected(3, dh * squashed * (o - o * o));
    store(s.dc + at, dc * f, count);
    store(s.dh + at, Vector{}, count);
  } else if constexpr (C == Cell::gru) {
    const Vector r = gate(0), u = gate(1), n = gate(2), z = load(s.products + at, count);
    const Vector dn = dh * (1.0f - u) * (1.0f - n * n);
    const Vector dr = dn * z * (r - r * r);
    const Vector du = dh * (load(s.previousH + at, count) - n) * (u - u * u);
    projected(0, dr), projected(1, du), projected(2, dn);
    product(0, dr), product(1, du), product(2, dn * r);
    store(s.dh + at, dh * u, count);
  } else {
    const Vector a = gate(0);
    // relu: the slope at 0 is 0; NaN, which is not 0, stays.
    if constexpr (C == Cell::rnnTanh) projected(0, dh * (1.0f - a * a));
    else projected(0, a == 0.0f ? Vector{} : dh);
    store(s.dh + at, Vector{}, count);
  }
}

template <Cell C>
void backThroughCell(const StepBack &s) {
  constexpr int G = Shape<C>::gates;
  const ptrdiff_t H = s.hidden;
  for (ptrdiff_t row = 0; row < s.batch; row++) {
    if (s.valid && !s.valid[row]) {
      fillZero(s.gradProjected + row * G * H, G * H);
      if (C == Cell::gru) fillZero(s.gradProduct + row * G * H, G * H);
      if (s.gradHidden) fillZero(s.gradHidden + row * H, H);
      continue;
    }
    for (ptrdiff_t unit = 0; unit < H; unit += kWidth) {
      const ptrdiff_t count = H - unit, at = row * H + unit;
      const Vector dh = load(s.dh + at, count) + load(s.gradOutput + at, count);
      if (s.gradHidden) store(s.gradHidden + at, dh, count);
      differentiate<C>(s, row, unit, count, dh);
    }
  }
}

/// `count` rows of the batch of one lane, from row `first` on, from the last step to the first. `packed`: panels of Uᵀ.
template <Cell C>
void backwardRows(const Recurrent &r, const RecurrentGradient &d, ptrdiff_t lane, const float *packed, float *gradProducts,
                  ptrdiff_t first, ptrdiff_t count) {
  constexpr int V = kBackColumns, R = kAccumulators / V;
  const ptrdiff_t T = r.steps, H = r.hidden, G = Shape<C>::gates, state = r.batch * H, width = V * kWidth;
  const ptrdiff_t panels = (H + width - 1) / width, panelSize = G * H * width, start = first * H;
  float *dh = d.h0 + lane * state + start, *dc = C == Cell::lstm ? d.c0 + lane * state + start : nullptr;
  copy(dh, d.hT + lane * state + start, count * H);
  if (C == Cell::lstm) copy(dc, d.cT + lane * state + start, count * H);
  const ptrdiff_t firstRead = r.reverse ? T - 1 : 0, previous = r.reverse ? state : -state;
  for (ptrdiff_t index = T - 1; index >= 0; index--) {
    const ptrdiff_t t = r.reverse ? T - 1 - index : index, at = lane * T + t, offset = at * state + start;
    const bool isFirst = t == firstRead;
    StepBack s{};
    s.batch = count;
    s.hidden = H;
    s.gates = r.gates + G * offset;
    s.products = C == Cell::gru ? r.products + offset : nullptr;
    s.previousH = isFirst ? r.h0 + lane * state + start : r.hiddens + offset + previous;
    s.c = C == Cell::lstm ? r.cells + offset : nullptr;
    s.previousC = C != Cell::lstm ? nullptr : isFirst ? r.c0 + lane * state + start : r.cells + offset + previous;
    s.gradOutput = d.outputs + offset;
    s.valid = r.valid ? r.valid + at * r.batch + first : nullptr;
    s.dh = dh;
    s.dc = dc;
    s.gradProjected = d.projected + G * offset;
    s.gradHidden = d.hiddens ? d.hiddens + offset : nullptr;
    s.gradProduct = C == Cell::gru ? gradProducts + G * (t * state + start) : s.gradProjected;
    backThroughCell<C>(s);
    for (ptrdiff_t panel = 0; panel < panels; panel++)
      forEachPart(count, R, [&](ptrdiff_t row, ptrdiff_t rows) {
        const float *dz = s.gradProduct + row * G * H;
        float *to = dh + row * H + panel * width;
        tileOfRows<R, V, false>(rows, G * H, dz, G * H, packed + panel * panelSize, to, H, H - panel * width, true);
      });
  }
}

template <Cell C>
void backward(const Recurrent &r, const RecurrentGradient &d) {
  constexpr int V = kBackColumns;
  const ptrdiff_t T = r.steps, B = r.batch, H = r.hidden, G = Shape<C>::gates, state = B * H, width = V * kWidth;
  const ptrdiff_t panels = (H + width - 1) / width, panelSize = G * H * width;
  float *packed = workspace(Workspace::recurrentKernel, panels * panelSize);
  float *gradProducts = C == Cell::gru ? workspace(Workspace::gateGradients, T * G * state) : nullptr;
  for (ptrdiff_t lane = 0; lane < r.lanes; lane++) {
    const float *kernel = r.kernel + lane * H * G * H;
    for (ptrdiff_t panel = 0; panel < panels; panel++)
      packPanel<V>(packed + panel * panelSize, G * H, H - panel * width, G * H,
                   [&](ptrdiff_t k) { return kernel + panel * width * G * H + k; });
    parallelFor(B, 1, [&](ptrdiff_t first, ptrdiff_t count) {
      backwardRows<C>(r, d, lane, packed, gradProducts, first, count);
    });
    const float *dz = C == Cell::gru ? gradProducts : d.projected + lane * T * G * state;
    const float *h0 = r.h0 + lane * state, *hiddens = r.hiddens + lane * T * state;
    // Row (t, b) of H is the state before step t: that after the step read before it, or the initial one.
    const ptrdiff_t begin = r.reverse ? (T - 1) * B : 0, previous = r.reverse ? state : -state;
    const auto rowOfH = [=](ptrdiff_t k) {
      return k >= begin && k < begin + B ? h0 + (k - begin) * H : hiddens + k * H + previous;
    };
    const auto rowOfDz = [=](ptrdiff_t k) { return dz + k * G * H; };
    product(H, G * H, T * B, rowOfH, 1, rowOfDz, 1, d.kernel + lane * H * G * H, false);
    if (d.bias) sumRows(1, T * B, G * H, dz, d.bias + lane * G * H);
  }
}

void recurrentGradient(const Recurrent &r, const RecurrentGradient &d) {
  switch (r.cell) {
    case Cell::rnnTanh: return backward<Cell::rnnTanh>(r, d);
    case Cell::rnnRelu: return backward<Cell::rnnRelu>(r, d);
    case Cell::lstm: return backward<Cell::lstm>(r, d);
    case Cell::gru: return backward<Cell::gru>(r, d);
  }
}

}  // namespace
}  // namespace unroll
