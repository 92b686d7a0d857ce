// An mLSTM by its equations, in float64: what the kernels are held against.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "../native/kernels.h"
#include "random.h"

/// A layer with random inputs; its sizes are set first.
struct MlstmLayer {
  ptrdiff_t lanes, steps, batch, hidden, heads;
  bool reverse, masked;
  /// Inputs, the weights and biases of both gates, C, n and m: what is differentiated, in the order of their gradients.
  std::vector<Floats> given;
  std::vector<uint8_t> valid;
  /// Of the outputs and the last C, n and m: how much each counts in the loss.
  std::vector<Floats> counts;

  ptrdiff_t units() const { return hidden / heads; }
  ptrdiff_t rows() const { return lanes * batch; }

  void choose(Random &random) {
    lanes = random.between(1, 2);
    steps = random.chance(30) ? random.between(30, 70) : random.between(1, 6);
    batch = random.between(1, 3);
    heads = random.between(1, 3);
    hidden = heads * random.between(1, 20);
    reverse = random.chance(50);
    masked = random.chance(50);
  }

  void draw(Random &random) {
    const ptrdiff_t all = rows() * steps, weights = lanes * 3 * hidden * heads, biases = lanes * heads;
    given = {random.floats(all * 4 * hidden, 2), random.floats(weights, 0.5f), random.floats(weights, 0.5f), random.floats(biases),
             random.floats(biases, 3), random.floats(rows() * hidden * units()), random.floats(rows() * hidden),
             random.floats(rows() * heads, 2)};
    counts = {random.floats(all * hidden), random.floats(given[5].size()), random.floats(given[6].size()), random.floats(given[7].size())};
    if (masked) valid = random.mask(all);
    // The gradient of a quotient is over the square of its divisor: an output counts by the digits that it leaves of both.
    std::vector<double> digits(counts[0].size(), 1);
    reference(doubled(given), &digits);
    for (size_t i = 0; i < digits.size(); i++) counts[0][i] *= float(digits[i] * digits[i]);
  }

  std::vector<Floats> empty(const std::vector<Floats> &like) const {
    std::vector<Floats> all;
    for (const Floats &each : like) all.emplace_back(each.size(), NAN);
    return all;
  }

  unroll::Mlstm arguments(std::vector<Floats> &results) const {
    return {lanes, steps, batch, hidden, heads, reverse, given[0].data(), given[1].data(), given[2].data(), given[3].data(),
            given[4].data(), masked ? valid.data() : nullptr, given[5].data(), given[6].data(), given[7].data(), results[0].data(),
            results[4].data(), results[5].data(), results[1].data(), results[2].data(), results[3].data()};
  }

  /// The outputs, the last C, n and m, the sums of the gates and n·q.
  template <typename Kernel>
  std::vector<Floats> forward(Kernel kernel) const {
    std::vector<Floats> results = empty(counts);
    results.emplace_back(size_t(rows() * steps * 2 * heads), NAN);
    results.emplace_back(size_t(rows() * steps * heads), NAN);
    kernel(arguments(results));
    return results;
  }

  /// The gradients of what is given, from what `forward` gave.
  template <typename Kernel>
  std::vector<Floats> gradients(Kernel kernel, std::vector<Floats> results) const {
    std::vector<Floats> d = empty(given);
    kernel(arguments(results), unroll::MlstmGradient{counts[0].data(), counts[1].data(), counts[2].data(), counts[3].data(), d[0].data(),
                                                     d[1].data(), d[2].data(), d[3].data(), d[4].data(), d[5].data(), d[6].data(),
                                                     d[7].data()});
    return d;
  }

  /// Which operand each maximum takes, −1 or 1; 0 where they are as close as rounding in float32 makes them.
  using Taken = std::vector<int>;

  static int takenOf(double a, double b, double terms) {
    constexpr double rounding = 2e-6;
    return std::fabs(a - b) <= rounding * terms ? 0 : a > b ? 1 : -1;
  }

  /// The results by the equations of one step after another, from C and n as they are. `digits`: of each output, the part that remains of
  /// the sizes of the terms of n·q, by which it is divided, where they nearly cancel. `taken`: by the maxima, in their order.
  std::vector<std::vector<double>> reference(const std::vector<std::vector<double>> &x, std::vector<double> *digits = nullptr,
                                             Taken *taken = nullptr) const {
    const ptrdiff_t d = units();
    std::vector<std::vector<double>> out = {std::vector<double>(counts[0].size()), x[5], x[6], x[7]};
    for (ptrdiff_t item = 0; item < rows() * heads; item++) {
      const ptrdiff_t head = item % heads, row = item / heads % batch, lane = item / heads / batch;
      double *c = &out[1][item * d * d], *n = &out[2][item * d], &m = out[3][item];
      for (ptrdiff_t index = 0; index < steps; index++) {
        const ptrdiff_t place = (lane * steps + (reverse ? steps - 1 - index : index)) * batch + row;
        if (masked && !valid[place]) continue;
        const double *in = &x[0][place * 4 * hidden];
        double sums[2] = {x[3][lane * heads + head], x[4][lane * heads + head]};
        for (ptrdiff_t j = 0; j < 3 * hidden; j++)
          for (int gate = 0; gate < 2; gate++) sums[gate] += in[j] * x[1 + gate][(lane * 3 * hidden + j) * heads + head];
        const double i = sums[0], f = -std::log1p(std::exp(-sums[1])), next = std::fmax(f + m, i);
        if (taken) taken->push_back(takenOf(f + m, i, 1 + std::fabs(f + m) + std::fabs(i)));
        const double kept = std::exp(f + m - next), added = std::exp(i - next);
        const double *q = in + head * d, *k = q + hidden, *v = k + hidden, *o = v + hidden;
        double along = 0, terms = 0;
        std::vector<double> read(static_cast<size_t>(d));
        for (ptrdiff_t a = 0; a < d; a++) {
          const double key = k[a] / std::sqrt(double(d));
          n[a] = kept * n[a] + added * key;
          along += n[a] * q[a];
          terms += std::fabs(n[a] * q[a]);
          for (ptrdiff_t b = 0; b < d; b++) {
            c[a * d + b] = kept * c[a * d + b] + added * key * v[b];
            read[b] += c[a * d + b] * q[a];
          }
        }
        m = next;
        const double divisor = std::fmax(std::fabs(along), std::exp(-m));
        if (taken) taken->push_back(takenOf(std::fabs(along), std::exp(-m), terms + std::exp(-m)));
        for (ptrdiff_t b = 0; b < d; b++) {
          const ptrdiff_t at = place * hidden + head * d + b;
          out[0][at] = read[b] / divisor / (1 + std::exp(-o[b]));
          if (digits) (*digits)[at] = divisor / std::fmax(terms, divisor);
        }
      }
    }
    return out;
  }

  static std::vector<std::vector<double>> doubled(const std::vector<Floats> &values) {
    std::vector<std::vector<double>> all;
    for (const Floats &each : values) all.emplace_back(each.begin(), each.end());
    return all;
  }

  /// ‖ours − truth‖ / ‖truth‖ of the outputs and the last states together, each output by the digits that it can have.
  double outputError(const std::vector<Floats> &results) const {
    std::vector<double> digits(counts[0].size(), 1);
    const auto truth = reference(doubled(given), &digits);
    double difference = 0, size = 1e-6;
    for (size_t i = 0; i < truth.size(); i++)
      for (size_t j = 0; j < truth[i].size(); j++) {
        const double counted = i == 0 ? digits[j] : 1;
        difference += std::pow(counted * (results[i][j] - truth[i][j]), 2);
        size += std::pow(counted * truth[i][j], 2);
      }
    return std::sqrt(difference / size);
  }

  double loss(const std::vector<std::vector<double>> &x, Taken *taken = nullptr) const {
    const auto results = reference(x, nullptr, taken);
    double sum = 0;
    for (size_t i = 0; i < counts.size(); i++)
      for (size_t j = 0; j < counts[i].size(); j++) sum += results[i][j] * counts[i][j];
    return sum;
  }

  /// Whether rounding decides which operand a maximum takes: the slopes on both sides differ, and either is right.
  bool isAtKink() const {
    Taken taken;
    loss(doubled(given), &taken);
    return std::find(taken.begin(), taken.end(), 0) != taken.end();
  }

  /// The slope at x along a direction of input i, by central differences. Not a number where a maximum takes another operand at one end
  /// than at the other: there is a kink in between.
  double slope(const std::vector<std::vector<double>> &x, size_t i, const Floats &direction) const {
    constexpr double step = 1e-6;
    auto forwards = x, backwards = x;
    for (size_t j = 0; j < direction.size(); j++) forwards[i][j] += step * direction[j], backwards[i][j] -= step * direction[j];
    Taken taken[2];
    const double difference = loss(forwards, &taken[0]) - loss(backwards, &taken[1]);
    return taken[0] == taken[1] ? difference / (2 * step) : NAN;
  }

  /// The slope along a random direction of each input, less that by the gradient, as a part of ‖gradient‖: the largest.
  double slopeError(Random &random, const std::vector<Floats> &gradients) const {
    const auto x = doubled(given);
    double worst = 0;
    for (size_t i = 0; i < given.size(); i++) {
      const Floats direction = random.floats(ptrdiff_t(given[i].size()));
      const double truth = slope(x, i, direction);
      if (std::isnan(truth)) continue;
      double found = 0, size = 0;
      for (size_t j = 0; j < direction.size(); j++) {
        found += double(gradients[i][j]) * direction[j];
        size += double(gradients[i][j]) * gradients[i][j];
      }
      const double error = std::fabs(truth - found) / (1 + std::sqrt(size));
      worst = error <= worst ? worst : error;
    }
    return worst;
  }
};
