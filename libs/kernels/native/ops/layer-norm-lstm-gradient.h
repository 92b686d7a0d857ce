// The gradient of a step of layer-norm-lstm.h, row by row. Through a normalised row u = (x − mean)/deviation, the gradient e of u
// becomes (e − mean(e) − u·mean(e·u))/deviation.
#pragma once
#include "layer-norm-lstm.h"
#include "recurrent-step-gradient.h"

namespace unroll {
namespace {

/// Means over a row of a gradient e of normalised values u, and of e·u.
struct RowMeans {
  Vector sum{}, sumAlong{};

  void add(Vector e, Vector u) { sum += e, sumAlong += e * u; }
};

/// The gradient of what was normalised, where its sums are complete.
struct ThroughNormalisation {
  Moments moments;
  float mean, along;

  ThroughNormalisation(const Moments &moments, const RowMeans &sums, ptrdiff_t length)
      : moments(moments), mean(sumByHalves(sums.sum) / float(length)), along(sumByHalves(sums.sumAlong) / float(length)) {}

  Vector operator()(Vector e, Vector x) const { return (e - mean - moments.unit(x) * along) * moments.inverse; }
};

/// to += x for the first `count` values.
ALWAYS_INLINE void add(float *to, Vector x, ptrdiff_t count) { store(to, load(to, count) + x, count); }

/// From the gradient of h, which is in s.dh but for that of the output: those of o, which go to dO, and of the normalised c, which
/// go to s.dh.
ALWAYS_INLINE RowMeans throughOutput(const StepBack &s, ptrdiff_t row, const Moments &ofC, float *dO) {
  const ptrdiff_t H = s.hidden;
  const Normalisers<const float> own(s.own, H);
  const Normalisers<float> sums(s.gradOwn + row * ownCount(kNormalised) * H, H);
  const float *o = s.gates + (row * 4 + 3) * H;
  RowMeans means;
  for (ptrdiff_t unit = 0; unit < H; unit += kWidth) {
    const ptrdiff_t count = H - unit, at = row * H + unit;
    const Vector dh = load(s.dh + at, count) + load(s.gradOutput + at, count);
    if (s.gradHidden) store(s.gradHidden + at, dh, count);
    const Vector c = ofC.unit(load(s.c + at, count)), gain = load(own.gainC + unit, count);
    const Vector squashed = tanh(c * gain + load(own.shiftC + unit, count)), open = load(o + unit, count);
    const Vector inner = dh * open * (1.0f - squashed * squashed);
    add(sums.gainC + unit, inner * c, count);
    add(sums.shiftC + unit, inner, count);
    means.add(inner * gain, c);
    store(s.dh + at, inner * gain, count);
    store(dO + unit, dh * squashed * (open - open * open), count);
  }
  return means;
}

/// A row: its gradients of the sums of the gates, times the gains of x·W and of h·U, go to `gradProjected` and `gradProduct`, and
/// then through the normalisation of both.
void differentiateNormalised(const StepBack &s, ptrdiff_t row) {
  const ptrdiff_t H = s.hidden, start = row * 4 * H;
  const Normalisers<const float> own(s.own, H);
  const Normalisers<float> sums(s.gradOwn + row * ownCount(kNormalised) * H, H);
  const float *x = s.projected + start, *product = s.products + start, *gates = s.gates + start;
  float *gradX = s.gradProjected + start, *gradProduct = s.gradProduct + start;
  RowStatistics statistics;
  __builtin_memcpy(&statistics, s.statistics + row * kStatistics, sizeof statistics);
  const ThroughNormalisation ofC(statistics.c, throughOutput(s, row, statistics.c, gradX + 3 * H), H);
  RowMeans meansX, meansProduct;
  for (ptrdiff_t unit = 0; unit < H; unit += kWidth) {
    const ptrdiff_t count = H - unit, at = row * H + unit;
    const auto gate = [&](int g) { return load(gates + g * H + unit, count); };
    const auto write = [&](int g, Vector dz) __attribute__((always_inline)) {
      const ptrdiff_t column = g * H + unit;
      const Vector u = statistics.x.unit(load(x + column, count)), v = statistics.product.unit(load(product + column, count));
      const Vector du = dz * load(own.gainX + column, count), dv = dz * load(own.gainH + column, count);
      add(sums.shift + column, dz, count);
      add(sums.gainX + column, dz * u, count);
      add(sums.gainH + column, dz * v, count);
      meansX.add(du, u), meansProduct.add(dv, v);
      store(gradX + column, du, count), store(gradProduct + column, dv, count);
    };
    const Vector i = gate(0), f = gate(1), g = gate(2);
    const Vector dc = load(s.dc + at, count) + ofC(load(s.dh + at, count), load(s.c + at, count));
    write(0, dc * g * (i - i * i));
    write(1, dc * load(s.previousC + at, count) * (f - f * f));
    write(2, dc * i * (1.0f - g * g));
    write(3, load(gradX + 3 * H + unit, count));
    store(s.dc + at, dc * f, count);
    store(s.dh + at, Vector{}, count);
  }
  const ThroughNormalisation ofX(statistics.x, meansX, 4 * H), ofProduct(statistics.product, meansProduct, 4 * H);
  for (ptrdiff_t at = 0; at < 4 * H; at += kWidth) {
    const ptrdiff_t count = 4 * H - at;
    store(gradX + at, ofX(load(gradX + at, count), load(x + at, count)), count);
    store(gradProduct + at, ofProduct(load(gradProduct + at, count), load(product + at, count)), count);
  }
}

}  // namespace
}  // namespace unroll
