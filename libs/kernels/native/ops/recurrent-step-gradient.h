// One step of a recurrent layer backwards.
#pragma once
#include "recurrent-step.h"

namespace unroll {
namespace {

/// One step of one lane backwards; all [B, ·]. dh and dc are the gradients of the states after the step, and afterwards of those
/// before it, without the part of dh that flows through the recurrent product.
struct StepBack {
  ptrdiff_t batch, hidden;
  const float *projected, *own, *gates, *c, *previousC, *previousH, *products, *statistics, *gradOutput;
  const uint8_t *valid;
  float *dh, *dc, *gradProjected, *gradProduct;
  float *gradOwn;     // added to, for each row apart: [B, ownCount·H]
  float *gradHidden;  // of h after the step, or null
};

/// The cell's derivatives for kWidth units of one row, of which `count` exist, with dh the gradient of h after the step.
template <Cell C>
ALWAYS_INLINE void differentiate(const StepBack &s, ptrdiff_t row, ptrdiff_t unit, ptrdiff_t count, Vector dh) {
  constexpr int G = Shape<C>::gates;
  const ptrdiff_t H = s.hidden, at = row * H + unit, atGates = row * G * H + unit;
  const auto gate = [&](int g) { return load(s.gates + atGates + g * H, count); };
  const auto projected = [&](int g, Vector x) { store(s.gradProjected + atGates + g * H, x, count); };
  const auto product = [&](int g, Vector x) { store(s.gradProduct + atGates + g * H, x, count); };
  if constexpr (C == Cell::slstm) {
    const ptrdiff_t atC = row * 2 * H + unit;
    const Vector share = gate(0), f = gate(1), g = gate(2), o = gate(3);
    const Vector total = load(s.dc + atC, count) + dh * o, dLogN = load(s.dc + atC + H, count);
    const Vector ofNewer = total * (g - load(s.previousC + atC, count)) * (share - share * share) + dLogN * share;
    const Vector ofKept = dLogN - ofNewer;
    projected(0, ofNewer), projected(1, ofKept * (1.0f - f)), projected(2, total * share * (1.0f - g * g));
    projected(3, dh * load(s.c + atC, count) * (o - o * o));
    store(s.dc + atC, total * (1.0f - share), count);
    store(s.dc + atC + H, ofKept, count);
    store(s.dh + at, Vector{}, count);
  } else if constexpr (hasCellState(C)) {
    const Vector i = gate(0), f = gate(1), g = gate(2), o = gate(3);
    const Vector after = load(s.c + at, count), before = load(s.previousC + at, count), squashed = tanh(after);
    const Vector dO = dh * squashed * (o - o * o);
    // Through a gate that sees c with a weight: the gradient of the weight, and that of c.
    const auto through = [&](Vector dc, int which, Vector dz, Vector c) {
      if constexpr (C == Cell::peepholeLstm) {
        float *sum = s.gradOwn + row * 3 * H + which * H + unit;
        store(sum, load(sum, count) + dz * c, count);
        return dc + dz * load(s.own + which * H + unit, count);
      } else return dc;
    };
    const Vector dc = through(load(s.dc + at, count) + dh * o * (1.0f - squashed * squashed), 2, dO, after);
    const Vector dI = dc * g * (i - i * i), dF = dc * before * (f - f * f);
    projected(0, dI), projected(1, dF), projected(2, dc * i * (1.0f - g * g)), projected(3, dO);
    store(s.dc + at, through(through(dc * f, 0, dI, before), 1, dF, before), count);
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

}  // namespace
}  // namespace unroll
