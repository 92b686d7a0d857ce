// The norm of a gradient, and the optimizers' updates. The files of libs/training/src/optim say where the rules come from;
// libs/kernels/src/update-rules.ts names the same kinds, slots and scalars, and refuses an addon that differs.
#pragma once
#include "../kernels.h"
#include "vector.h"

namespace unroll {
namespace {

float norm(ptrdiff_t count, const float *x) {
  double total = 0;
  for (ptrdiff_t start = 0; start < count; start += 64 * kWidth) {
    const ptrdiff_t end = start + 64 * kWidth < count ? start + 64 * kWidth : count;
    Vector sums{};
    for (ptrdiff_t i = start; i < end; i += kWidth) {
      const Vector x_i = load(x + i, end - i);
      sums += x_i * x_i;
    }
    for (int i = 0; i < kWidth; i++) total += double(sums[i]);
  }
  return float(__builtin_sqrt(total));
}

/// Parameters and slots after an update.
struct Updated {
  Vector parameters, slots[2];
};

/// Names a rule's scalars once: indices into `s`, and the list of names that JavaScript checks.
#define SCALARS(...)                                \
  enum Scalar : int { __VA_ARGS__, kScalars };      \
  static constexpr const char *kNames = #__VA_ARGS__

struct Adam {
  static constexpr const char *kKind = "adam";
  static constexpr int kSlots = 2;
  SCALARS(beta1, rest1, beta2, rest2, stepSize, correction, epsilon, coupled, keep);

  ALWAYS_INLINE Updated apply(const float *s, Vector w, Vector gradient, const Vector *slots) {
    return step(s, w, gradient + w * s[coupled], slots);
  }

  ALWAYS_INLINE Updated step(const float *s, Vector start, Vector g, const Vector *slots) {
    const Vector mean = slots[0] * s[beta1] + g * s[rest1];
    const Vector square = slots[1] * s[beta2] + g * g * s[rest2];
    return {start - mean / (sqrt(square) * s[correction] + s[epsilon]) * s[stepSize], {mean, square}};
  }
};

struct AdamW : Adam {
  static constexpr const char *kKind = "adamw";

  ALWAYS_INLINE Updated apply(const float *s, Vector w, Vector gradient, const Vector *slots) {
    return step(s, w * s[keep], gradient, slots);
  }
};

struct RmsProp {
  static constexpr const char *kKind = "rmsprop";
  static constexpr int kSlots = 2;
  SCALARS(rate, alpha, rest, momentum, epsilon, decay);

  ALWAYS_INLINE Updated apply(const float *s, Vector w, Vector gradient, const Vector *slots) {
    const Vector g = gradient + w * s[decay];
    const Vector square = slots[0] * s[alpha] + g * g * s[rest];
    const Vector velocity = slots[1] * s[momentum] + g / (sqrt(square) + s[epsilon]);
    return {w - velocity * s[rate], {square, velocity}};
  }
};

struct Sgd {
  static constexpr const char *kKind = "sgd";
  static constexpr int kSlots = 1;
  SCALARS(rate, momentum, gradientWeight, velocityWeight, decay);

  ALWAYS_INLINE Updated apply(const float *s, Vector w, Vector gradient, const Vector *slots) {
    const Vector g = gradient + w * s[decay];
    const Vector velocity = slots[0] * s[momentum] + g;
    return {w - (g * s[gradientWeight] + velocity * s[velocityWeight]) * s[rate], {velocity}};
  }
};

struct Adagrad {
  static constexpr const char *kKind = "adagrad";
  static constexpr int kSlots = 1;
  SCALARS(rate, epsilon, decay);

  ALWAYS_INLINE Updated apply(const float *s, Vector w, Vector gradient, const Vector *slots) {
    const Vector g = gradient + w * s[decay];
    const Vector sum = slots[0] + g * g;
    return {w - g / (sqrt(sum) + s[epsilon]) * s[rate], {sum}};
  }
};

#undef SCALARS

template <typename Rule>
void update(const Update &u) {
  for (ptrdiff_t lane = 0; lane < u.lanes; lane++) {
    float scalars[Rule::kScalars];
    for (int i = 0; i < Rule::kScalars; i++) scalars[i] = u.scalars[i * u.lanes + lane];
    // As torch.nn.utils.clip_grad_norm_; a norm that is NaN makes every value NaN.
    const float ratio = u.limits[lane] / (u.norms[lane] + 1e-6f), clip = ratio > 1.0f ? 1.0f : ratio;
    // Stores of vectors may alias anything: without copies, every pointer would be read again for each of them.
    const ptrdiff_t start = lane * u.length, length = u.length;
    const float *parameters = u.parameters + start, *gradient = u.gradient + start;
    const float *first = u.slots[0] + start, *second = Rule::kSlots > 1 ? u.slots[1] + start : nullptr;
    float *nextParameters = u.nextParameters + start, *nextFirst = u.nextSlots[0] + start;
    float *nextSecond = Rule::kSlots > 1 ? u.nextSlots[1] + start : nullptr;
    for (ptrdiff_t i = 0; i < length; i += kWidth) {
      const ptrdiff_t count = length - i;
      Vector slots[2] = {load(first + i, count)};
      if constexpr (Rule::kSlots > 1) slots[1] = load(second + i, count);
      const Updated next =
          Rule::apply(scalars, load(parameters + i, count), load(gradient + i, count) * clip, slots);
      store(nextParameters + i, next.parameters, count);
      store(nextFirst + i, next.slots[0], count);
      if constexpr (Rule::kSlots > 1) store(nextSecond + i, next.slots[1], count);
    }
  }
}

template <typename Rule>
constexpr UpdateRule rule = {Rule::kKind, Rule::kSlots, Rule::kScalars, Rule::kNames, update<Rule>};

constexpr UpdateRule updateRules[] = {rule<Adam>, rule<AdamW>, rule<RmsProp>, rule<Sgd>, rule<Adagrad>};

}  // namespace
}  // namespace unroll
