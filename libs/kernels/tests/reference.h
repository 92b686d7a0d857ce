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
  Doubles projected, kernel, bias, h0, c0, probe;

  explicit Inputs(const Layer &l)
      : projected(l.projected.begin(), l.projected.end()),
        kernel(l.kernel.begin(), l.kernel.end()),
        bias(l.bias.begin(), l.bias.end()),
        h0(l.h0.begin(), l.h0.end()),
        c0(l.c0.begin(), l.c0.end()),
        probe(size_t(l.sequence())) {}

  std::vector<Doubles *> all() { return {&projected, &kernel, &bias, &h0, &c0, &probe}; }
};

/// One step of one row: h and c become those after it. `at` is the step's row among [L, T, B].
inline void stepReference(const Layer &l, const Inputs &in, ptrdiff_t lane, ptrdiff_t at, Doubles &h, Doubles &c) {
  const ptrdiff_t H = l.hidden, G = l.gates();
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  Doubles products(size_t(G * H));
  for (ptrdiff_t column = 0; column < G * H; column++) {
    double sum = in.bias.empty() ? 0 : in.bias[lane * G * H + column];
    for (ptrdiff_t k = 0; k < H; k++) sum += h[k] * in.kernel[(lane * H + k) * G * H + column];
    products[column] = sum;
  }
  for (ptrdiff_t unit = 0; unit < H; unit++) {
    const auto product = [&](int gate) { return products[gate * H + unit]; };
    const auto x = [&](int gate) { return in.projected[(at * G + gate) * H + unit]; };
    const auto z = [&](int gate) { return x(gate) + product(gate); };
    if (l.isLstm()) {
      c[unit] = sigmoid(z(1)) * c[unit] + sigmoid(z(0)) * std::tanh(z(2));
      h[unit] = sigmoid(z(3)) * std::tanh(c[unit]);
    } else if (l.isGru()) {
      const double n = std::tanh(x(2) + sigmoid(z(0)) * product(2));
      h[unit] = n + sigmoid(z(1)) * (h[unit] - n);
    } else {
      h[unit] = l.cell == unroll::Cell::rnnTanh ? std::tanh(z(0)) : std::fmax(0, z(0));
    }
    h[unit] += in.probe[at * H + unit];
  }
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
      if (l.isLstm()) c.assign(in.c0.begin() + start, in.c0.begin() + start + H);
      for (ptrdiff_t index = 0; index < l.steps; index++) {
        const ptrdiff_t at = (lane * l.steps + (l.reverse ? l.steps - 1 - index : index)) * l.batch + row;
        if (!l.valid.empty() && !l.valid[at]) continue;
        stepReference(l, in, lane, at, h, c);
        for (ptrdiff_t unit = 0; unit < H; unit++) {
          outputs[at * H + unit] = h[unit];
          loss += h[unit] * l.gradOutputs[at * H + unit];
        }
      }
      for (ptrdiff_t unit = 0; unit < H; unit++) {
        loss += h[unit] * l.gradHT[start + unit];
        if (l.isLstm()) loss += c[unit] * l.gradCT[start + unit];
      }
    }
  return loss;
}
