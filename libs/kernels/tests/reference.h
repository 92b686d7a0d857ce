// Products and recurrent layers by their equations, in float64: what the kernels are held against.
#pragma once
#include <cmath>
#include <vector>

#include "layer.h"

using Doubles = std::vector<double>;

inline Doubles multiplyReference(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const Floats &a, bool transposeA, const Floats &b,
                                 bool transposeB, const Floats &bias) {
  Doubles c(static_cast<size_t>(m * n));
  for (ptrdiff_t i = 0; i < m; i++)
    for (ptrdiff_t j = 0; j < n; j++) {
      double sum = bias.empty() ? 0 : bias[j];
      for (ptrdiff_t kk = 0; kk < k; kk++)
        sum += double(a[transposeA ? kk * m + i : i * k + kk]) * b[transposeB ? j * k + kk : kk * n + j];
      c[i * n + j] = sum;
    }
  return c;
}

/// The inputs of a layer in float64, and `probe`, which is added to h after each step.
struct Inputs {
  Doubles projected, kernel, bias, own, h0, c0, probe;

  explicit Inputs(const Layer &l)
      : projected(l.projected.begin(), l.projected.end()),
        kernel(l.kernel.begin(), l.kernel.end()),
        bias(l.bias.begin(), l.bias.end()),
        own(l.own.begin(), l.own.end()),
        h0(l.h0.begin(), l.h0.end()),
        c0(l.c0.begin(), l.c0.end()),
        probe(size_t(l.sequence())) {}

  std::vector<Doubles *> all() { return {&projected, &kernel, &bias, &own, &h0, &c0, &probe}; }
};

/// (x − mean) / √(variance + ε) of a row.
inline Doubles normalisedReference(const Doubles &x) {
  double mean = 0, variance = 0;
  for (const double value : x) mean += value / double(x.size());
  for (const double value : x) variance += (value - mean) * (value - mean) / double(x.size());
  Doubles unit(x);
  for (double &value : unit) value = (value - mean) / std::sqrt(variance + 1e-5);
  return unit;
}

/// The output gate's part of h: tanh(c), of layerNormLstm tanh(LN(c)).
inline Doubles squashedReference(const Layer &l, const double *own, const Doubles &c) {
  const bool normalised = l.cell == unroll::Cell::layerNormLstm;
  Doubles all = normalised ? normalisedReference(c) : c;
  for (ptrdiff_t unit = 0; unit < l.hidden; unit++) {
    double &value = all[unit];
    value = std::tanh(normalised ? value * own[12 * l.hidden + unit] + own[13 * l.hidden + unit] : value);
  }
  return all;
}

/// The products of h with the recurrent weights, [gates, units], with their bias. `kept`: the row's, or null.
inline Doubles productsReference(const Layer &l, const Inputs &in, ptrdiff_t lane, const float *kept, const Doubles &h) {
  const ptrdiff_t H = l.hidden, columns = l.gates() * H;
  Doubles products(static_cast<size_t>(columns));
  for (ptrdiff_t column = 0; column < columns; column++) {
    double sum = in.bias.empty() ? 0 : in.bias[lane * columns + column];
    for (ptrdiff_t k = 0; k < H; k++) sum += h[k] * (kept ? kept[k] : 1) * in.kernel[(lane * H + k) * columns + column];
    products[column] = sum;
  }
  return products;
}

/// One step of one row: h and c become those after it. `at` is the step's row among [L, T, B]. `kept`: the row's, or null.
inline void stepReference(const Layer &l, const Inputs &in, ptrdiff_t lane, ptrdiff_t at, const float *kept, Doubles &h,
                          Doubles &c) {
  const ptrdiff_t H = l.hidden, G = l.gates();
  const bool peephole = l.cell == unroll::Cell::peepholeLstm, normalised = l.cell == unroll::Cell::layerNormLstm;
  const double *own = in.own.data() + lane * ownCount(l.cell) * H;
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  Doubles products = productsReference(l, in, lane, kept, h);
  Doubles x(in.projected.begin() + at * G * H, in.projected.begin() + (at + 1) * G * H);
  if (normalised) {
    products = normalisedReference(products), x = normalisedReference(x);
    for (ptrdiff_t at = 0; at < 4 * H; at++)
      products[at] = products[at] * own[4 * H + at] + own[8 * H + at], x[at] *= own[at];
  }
  const auto product = [&](int gate, ptrdiff_t unit) { return products[gate * H + unit]; };
  const auto z = [&](int gate, ptrdiff_t unit) { return x[gate * H + unit] + product(gate, unit); };
  const auto seeing = [&](int which, ptrdiff_t unit) { return peephole ? own[which * H + unit] * c[unit] : 0; };
  if (l.cell == unroll::Cell::slstm) {
    // By the paper's own equations, from c = mean·n.
    for (ptrdiff_t unit = 0; unit < H; unit++) {
      const double f = sigmoid(z(1, unit)), i = std::exp(z(0, unit)), n = std::exp(c[H + unit]), after = f * n + i;
      c[unit] = (f * c[unit] * n + i * std::tanh(z(2, unit))) / after, c[H + unit] = std::log(after);
      h[unit] = sigmoid(z(3, unit)) * c[unit];
    }
  } else if (l.hasC()) {
    for (ptrdiff_t unit = 0; unit < H; unit++) {
      const double i = sigmoid(z(0, unit) + seeing(0, unit)), f = sigmoid(z(1, unit) + seeing(1, unit));
      c[unit] = f * c[unit] + i * std::tanh(z(2, unit));
    }
    const Doubles squashed = squashedReference(l, own, c);
    for (ptrdiff_t unit = 0; unit < H; unit++) h[unit] = sigmoid(z(3, unit) + seeing(2, unit)) * squashed[unit];
  } else if (l.isGru()) {
    for (ptrdiff_t unit = 0; unit < H; unit++) {
      const double n = std::tanh(x[2 * H + unit] + sigmoid(z(0, unit)) * product(2, unit));
      h[unit] = n + sigmoid(z(1, unit)) * (h[unit] - n);
    }
  } else {
    for (ptrdiff_t unit = 0; unit < H; unit++)
      h[unit] = l.cell == unroll::Cell::rnnTanh ? std::tanh(z(0, unit)) : std::fmax(0, z(0, unit));
  }
  for (ptrdiff_t unit = 0; unit < H; unit++) h[unit] += in.probe[at * H + unit];
}

/// The loss: outputs and final states, each times its weight. Also the outputs.
inline double lossReference(const Layer &l, const Inputs &in, Doubles &outputs) {
  const ptrdiff_t H = l.hidden;
  double loss = 0;
  outputs.assign(size_t(l.sequence()), 0);
  for (ptrdiff_t lane = 0; lane < l.lanes; lane++)
    for (ptrdiff_t row = 0; row < l.batch; row++) {
      const ptrdiff_t start = (lane * l.batch + row) * H;
      Doubles h(in.h0.begin() + start, in.h0.begin() + start + H), c;
      const ptrdiff_t S = l.cStates() * H, startC = (lane * l.batch + row) * S;
      if (l.hasC()) c.assign(in.c0.begin() + startC, in.c0.begin() + startC + S);
      for (ptrdiff_t index = 0; index < l.steps; index++) {
        const ptrdiff_t at = l.rowAt(lane, index, row);
        if (!l.isValid(at)) continue;
        stepReference(l, in, lane, at, l.keptOf(lane, row), h, c);
        for (ptrdiff_t unit = 0; unit < H; unit++) {
          outputs[at * H + unit] = h[unit];
          loss += h[unit] * l.gradOutputs[at * H + unit];
        }
      }
      for (ptrdiff_t unit = 0; unit < H; unit++) {
        loss += h[unit] * l.gradHT[start + unit];
      }
      for (ptrdiff_t at = 0; at < S; at++) loss += c[at] * l.gradCT[startC + at];
    }
  return loss;
}

/// Moves the inputs of a ReLU so that none of its sums is within `distance` of 0, where float32 may round to the other slope, and a
/// difference may be of both.
inline void avoidKinks(Layer &l, float distance) {
  if (l.cell != unroll::Cell::rnnRelu) return;
  const Inputs in(l);
  for (ptrdiff_t lane = 0; lane < l.lanes; lane++)
    for (ptrdiff_t row = 0; row < l.batch; row++) {
      const ptrdiff_t H = l.hidden, start = (lane * l.batch + row) * H;
      Doubles h(in.h0.begin() + start, in.h0.begin() + start + H);
      for (ptrdiff_t index = 0; index < l.steps; index++) {
        const ptrdiff_t at = l.rowAt(lane, index, row);
        if (!l.isValid(at)) continue;
        const Doubles products = productsReference(l, in, lane, l.keptOf(lane, row), h);
        for (ptrdiff_t unit = 0; unit < H; unit++) {
          float &x = l.projected[at * H + unit];
          const double sum = x + products[unit];
          if (std::fabs(sum) < distance) x += sum < 0 ? -2 * distance : 2 * distance;
          h[unit] = std::fmax(0, x + products[unit]);
        }
      }
    }
}
