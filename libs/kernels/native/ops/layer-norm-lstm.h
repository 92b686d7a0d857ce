// An LSTM with layer normalisation (Ba, Kiros & Hinton 2016, equations 20 to 22). A row's statistics need all of its gates: a step
// computes h·U for all rows, which stays in the second cache, and then row by row what follows.
#pragma once
#include "normalise.h"
#include "recurrent-step.h"

namespace unroll {
namespace {

constexpr Cell kNormalised = Cell::layerNormLstm;

/// A lane's own parameters, and the gradient's sums of one row in the same places.
template <typename Float>
struct Normalisers {
  Float *gainX, *gainH, *shift, *gainC, *shiftC;

  Normalisers(Float *own, ptrdiff_t H)
      : gainX(own), gainH(own + 4 * H), shift(own + 8 * H), gainC(own + 12 * H), shiftC(own + 13 * H) {}
};

/// A row's statistics as they are kept for the gradient.
struct RowStatistics {
  Moments x, product, c;
};
static_assert(sizeof(RowStatistics) == kStatistics * sizeof(float), "as kernels.h says");

/// c after the step and its statistics, for one row that counts. `gates` receives the activated ones.
ALWAYS_INLINE RowStatistics advanceRow(const Step &s, ptrdiff_t row, const float *product, float *gates) {
  const ptrdiff_t H = s.hidden;
  const Normalisers<const float> own(s.own, H);
  const float *x = s.projected + row * 4 * H, *before = s.c + row * H;
  float *after = s.nextC + row * H;
  const Moments ofX = moments(x, 4 * H), ofProduct = moments(product, 4 * H);
  for (ptrdiff_t unit = 0; unit < H; unit += kWidth) {
    const ptrdiff_t count = H - unit;
    const auto sum = [&](int gate) {
      const ptrdiff_t at = gate * H + unit;
      return ofX.unit(load(x + at, count)) * load(own.gainX + at, count) +
             ofProduct.unit(load(product + at, count)) * load(own.gainH + at, count) + load(own.shift + at, count);
    };
    const Vector i = sigmoid(sum(0)), f = sigmoid(sum(1)), g = tanh(sum(2)), o = sigmoid(sum(3));
    store(after + unit, f * load(before + unit, count) + i * g, count);
    store(gates + unit, i, count), store(gates + H + unit, f, count);
    store(gates + 2 * H + unit, g, count), store(gates + 3 * H + unit, o, count);
  }
  return {ofX, ofProduct, moments(after, H)};
}

void normalisedRow(const Step &s, ptrdiff_t row, const float *product, float *gates) {
  const ptrdiff_t H = s.hidden;
  float *output = s.output + row * H, *nextH = s.nextH + row * H;
  if (s.valid && !s.valid[row]) {
    fillZero(output, H);
    copy(nextH, s.h + row * H, H);
    if (s.nextC != s.c) copy(s.nextC + row * H, s.c + row * H, H);
    if (s.gates) fillZero(gates, 4 * H);
    if (s.statistics) fillZero(s.statistics + row * kStatistics, kStatistics);
    return;
  }
  const Normalisers<const float> own(s.own, H);
  const RowStatistics statistics = advanceRow(s, row, product, gates);
  if (s.statistics) __builtin_memcpy(s.statistics + row * kStatistics, &statistics, sizeof statistics);
  for (ptrdiff_t unit = 0; unit < H; unit += kWidth) {
    const ptrdiff_t count = H - unit;
    const Vector c = statistics.c.unit(load(s.nextC + row * H + unit, count));
    const Vector squashed = tanh(c * load(own.gainC + unit, count) + load(own.shiftC + unit, count));
    const Vector next = load(gates + 3 * H + unit, count) * squashed;
    store(output + unit, next, count);
    if (nextH != output) store(nextH + unit, next, count);
  }
}

template <>
struct Fused<kNormalised> {
  static constexpr int V = kBackColumns, R = kAccumulators / V, width = V * kWidth;

  static ptrdiff_t panels(ptrdiff_t H) { return (4 * H + width - 1) / width; }
  static ptrdiff_t panelSize(ptrdiff_t H) { return operandsOf(H) * width; }

  static void pack(Operand *to, const float *kernel, ptrdiff_t H) {
    for (ptrdiff_t panel = 0; panel < panels(H); panel++)
      packPanel<V>(to + panel * panelSize(H), H, 4 * H - panel * width, 1,
                   [&](ptrdiff_t k) { return kernel + k * 4 * H + panel * width; });
  }

  static void step(const Step &s, ptrdiff_t count, const Operand *packed) {
    const ptrdiff_t H = s.hidden;
    const LeftRows seen = leftRows(Workspace::stepOperands, s.seen, count, H, H);
    float *products = s.products ? s.products : workspace(Workspace::stepProducts, count * 4 * H);
    float *scratch = s.gates ? nullptr : workspace(Workspace::stepGates, 4 * H);
    NothingAhead nothing;
    for (ptrdiff_t panel = 0; panel < panels(H); panel++)
      forEachTile(count, R, [&](ptrdiff_t row, ptrdiff_t rows) {
        const ptrdiff_t column = panel * width;
        tileOfRows<R, V, false>(rows, operandsOf(H), seen.first + row * seen.stride, seen.stride, packed + panel * panelSize(H),
                                products + row * 4 * H + column, 4 * H, 4 * H - column, false, &nothing);
      });
    for (ptrdiff_t row = 0; row < count; row++)
      normalisedRow(s, row, products + row * 4 * H, s.gates ? s.gates + row * 4 * H : scratch);
  }
};

}  // namespace
}  // namespace unroll
