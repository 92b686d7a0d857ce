// The cells of a scan: one step of kWidth units, and its derivatives.
#pragma once
#include "functions.h"

namespace unroll {
namespace {

/// `step`: the states after a step from its inputs x, the weights w and the states h before it. `back`: from the gradients dh of
/// the states after it, which become those of the states before it, the gradients dx and those of the weights, added to dw; `next`
/// are the states after it.
template <ScanCell C>
struct Unit;

/// h' = a·h + b of x = (a, b): Blelloch 1990, section 1.4.1.
template <>
struct Unit<ScanCell::linear> {
  ALWAYS_INLINE void step(const Vector *x, const Vector *, const Vector *h, Vector *next) { next[0] = x[0] * h[0] + x[1]; }
  ALWAYS_INLINE void back(const Vector *x, const Vector *, const Vector *h, const Vector *, Vector *dh, Vector *dx, Vector *) {
    dx[0] = dh[0] * h[0];
    dx[1] = dh[0];
    dh[0] = dh[0] * x[0];
  }
};

/// z' = w·z + x, each a real and an imaginary part.
template <>
struct Unit<ScanCell::complexLinear> {
  ALWAYS_INLINE void step(const Vector *x, const Vector *w, const Vector *h, Vector *next) {
    next[0] = w[0] * h[0] - w[1] * h[1] + x[0];
    next[1] = w[0] * h[1] + w[1] * h[0] + x[1];
  }
  ALWAYS_INLINE void back(const Vector *, const Vector *w, const Vector *h, const Vector *, Vector *dh, Vector *dx, Vector *dw) {
    const Vector re = dh[0], im = dh[1];
    dx[0] = re;
    dx[1] = im;
    dw[0] += re * h[0] + im * h[1];
    dw[1] += im * h[0] - re * h[1];
    dh[0] = w[0] * re + w[1] * im;
    dh[1] = w[0] * im - w[1] * re;
  }
};

/// x + 1/2 for x ≥ 0, else σ(x) (Feng et al. 2024, appendix B), and its slope. NaN stays.
struct AboveZero {
  Vector value, slope;
};
ALWAYS_INLINE AboveZero aboveZero(Vector x) {
  const Vector s = sigmoid(x);
  return {x >= 0.0f ? x + 0.5f : s, x >= 0.0f ? broadcast(1.0f) : s - s * s};
}

/// h' = (1 − z)·h + z·g(y), z = σ(x₀), y = x₁ (Feng et al. 2024, section 3.1.3).
template <>
struct Unit<ScanCell::minGru> {
  ALWAYS_INLINE void step(const Vector *x, const Vector *, const Vector *h, Vector *next) {
    next[0] = sigmoid(-x[0]) * h[0] + sigmoid(x[0]) * aboveZero(x[1]).value;
  }
  ALWAYS_INLINE void back(const Vector *x, const Vector *, const Vector *h, const Vector *, Vector *dh, Vector *dx, Vector *) {
    const Vector z = sigmoid(x[0]), kept = sigmoid(-x[0]);
    const AboveZero g = aboveZero(x[1]);
    dx[0] = dh[0] * (g.value - h[0]) * z * kept;
    dx[1] = dh[0] * z * g.slope;
    dh[0] = dh[0] * kept;
  }
};

/// h' = f/(f + i)·h + i/(f + i)·g(y), f = σ(x₀), i = σ(x₁), y = x₂ (Feng et al. 2024, section 3.2.4).
template <>
struct Unit<ScanCell::minLstm> {
  struct Parts {
    Vector kept, taken, ofF, ofI;
  };

  /// f/(f + i) = (1 + e⁻ⁱ)/((1 + e⁻ⁱ) + (1 + e⁻ᶠ)) and the rest of 1, with every exponent lowered by the largest: nothing
  /// overflows, and no sum is 0. With ∂(f/(f + i))/∂x₀ / kept·taken = 1 − f, and the same for x₁.
  ALWAYS_INLINE Parts parts(const Vector *x) {
    const Vector f = -x[0], i = -x[1];
    const Vector larger = f > i ? f : i, most = larger > 0.0f ? larger : Vector{};
    const Vector one = boundedExp(clamp(-most, 87.3f));
    const Vector ef = boundedExp(clamp(f - most, 87.3f)), ei = boundedExp(clamp(i - most, 87.3f));
    const Vector ofI = one + ei, ofF = one + ef, all = ofI + ofF;
    return {ofI / all, ofF / all, sigmoid(f), sigmoid(i)};
  }
  ALWAYS_INLINE void step(const Vector *x, const Vector *, const Vector *h, Vector *next) {
    const Parts p = parts(x);
    next[0] = p.kept * h[0] + p.taken * aboveZero(x[2]).value;
  }
  ALWAYS_INLINE void back(const Vector *x, const Vector *, const Vector *h, const Vector *, Vector *dh, Vector *dx, Vector *) {
    const Parts p = parts(x);
    const AboveZero g = aboveZero(x[2]);
    const Vector balance = dh[0] * (h[0] - g.value) * p.kept * p.taken;
    dx[0] = balance * p.ofF;
    dx[1] = -balance * p.ofI;
    dx[2] = dh[0] * p.taken * g.slope;
    dh[0] = dh[0] * p.kept;
  }
};

/// h' = relu(x + w·h) (Li et al. 2018, equation 2). The slope at 0 is 0; NaN stays.
template <>
struct Unit<ScanCell::indRnn> {
  ALWAYS_INLINE void step(const Vector *x, const Vector *w, const Vector *h, Vector *next) {
    const Vector z = x[0] + w[0] * h[0];
    next[0] = z < 0.0f ? Vector{} : z;
  }
  ALWAYS_INLINE void back(const Vector *, const Vector *w, const Vector *h, const Vector *next, Vector *dh, Vector *dx, Vector *dw) {
    const Vector dz = next[0] == 0.0f ? Vector{} : dh[0];
    dx[0] = dz;
    dw[0] += dz * h[0];
    dh[0] = dz * w[0];
  }
};

/// h' = a·h + √(1 − a²)·σ(x₁)·x₂, log a = w·σ(x₀) (De et al. 2024, equations 1 to 4); w ≤ 0.
template <>
struct Unit<ScanCell::rgLru> {
  struct Parts {
    Vector r, i, a, scale;
  };

  /// 1 − a² = −tanh(log a)·(1 + a²), which loses no digits where a is next to 1.
  ALWAYS_INLINE Parts parts(const Vector *x, const Vector *w) {
    const Vector r = sigmoid(x[0]), logA = w[0] * r, a = exp(logA);
    return {r, sigmoid(x[1]), a, sqrt(-tanh(logA) * (1.0f + a * a))};
  }
  ALWAYS_INLINE void step(const Vector *x, const Vector *w, const Vector *h, Vector *next) {
    const Parts p = parts(x, w);
    next[0] = p.a * h[0] + p.scale * p.i * x[2];
  }
  ALWAYS_INLINE void back(const Vector *x, const Vector *w, const Vector *h, const Vector *, Vector *dh, Vector *dx, Vector *dw) {
    const Parts p = parts(x, w);
    const Vector least = p.scale < 1e-18f ? broadcast(1e-18f) : p.scale;
    const Vector ofLogA = dh[0] * p.a * (h[0] - p.i * x[2] * p.a / least);
    dx[0] = ofLogA * w[0] * (p.r - p.r * p.r);
    dx[1] = dh[0] * p.scale * x[2] * (p.i - p.i * p.i);
    dx[2] = dh[0] * p.scale * p.i;
    dw[0] += ofLogA * p.r;
    dh[0] = dh[0] * p.a;
  }
};

}  // namespace
}  // namespace unroll
