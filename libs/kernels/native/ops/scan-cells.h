// The cells of a scan: one step of kWidth units, and its derivatives.
#pragma once
#include "functions.h"

namespace unroll {
namespace {

/// `step`: the states after a step from its inputs x, the weights w and the states h before it. `back`: from the gradients dh of
/// the states after it, which become those of the states before it, the gradients dx and those of the weights, added to dw; `next`
/// are the states after it. Where `derived` is not 0, a step takes so many numbers that `derive` makes of the weights instead.
template <ScanCell C>
struct Unit;

/// h' = a·h + b of x = (a, b): Blelloch 1990, section 1.4.1.
template <>
struct Unit<ScanCell::linear> {
  static constexpr int derived = 0;
  ALWAYS_INLINE void step(const Vector *x, const Vector *, const Vector *h, Vector *next) { next[0] = x[0] * h[0] + x[1]; }
  ALWAYS_INLINE void back(const Vector *x, const Vector *, const Vector *h, const Vector *, Vector *dh, Vector *dx, Vector *) {
    dx[0] = dh[0] * h[0];
    dx[1] = dh[0];
    dh[0] = dh[0] * x[0];
  }
};

struct Angle {
  Vector sine, cosine;
};

/// sin and cos for |x| up to some thousands, with an error below 1e-7: x less a multiple of π/2 in three parts (Cody & Waite 1980), and
/// the polynomials of the Cephes library for |r| ≤ π/4.
ALWAYS_INLINE Angle angle(Vector x) {
  const Vector magic = broadcast(12582912.0f);  // 1.5·2²³: adding it rounds to an integer
  const Vector shifted = x * 0.636619772f + magic, turns = shifted - magic;
  const Vector r = ((x - turns * 1.5703125f) - turns * 4.837512969970703e-4f) - turns * 7.54978995489188e-8f, s = r * r;
  const Vector sine = r + r * s * (-1.6666654611e-1f + s * (8.3321608736e-3f - s * 1.9515295891e-4f));
  const Vector cosine =
      1.0f - 0.5f * s + s * s * (4.166664568298827e-2f + s * (-1.388731625493765e-3f + s * 2.443315711809948e-5f));
  const Integers quadrant = (reinterpret_cast<Integers>(shifted) - reinterpret_cast<Integers>(magic)) & 3;
  const Vector first = (quadrant & 1) == 1 ? cosine : sine, second = (quadrant & 1) == 1 ? sine : cosine;
  return {quadrant >= 2 ? -first : first, (quadrant == 1) | (quadrant == 2) ? -second : second};
}

/// z' = λ·z + γ·x over complex numbers, each a real and an imaginary part, with λ = exp(−exp(w₀) + i·exp(w₁)) and γ = √(1 − |λ|²)
/// (Orvieto et al. 2023, equation 5 and section 3.4). λ and γ are computed once, before the steps.
template <>
struct Unit<ScanCell::lru> {
  static constexpr int derived = 3;

  ALWAYS_INLINE void derive(const Vector *w, Vector *d) {
    const Vector decay = exp(w[0]), radius = exp(-decay);
    const Angle phase = angle(exp(w[1]));
    d[0] = radius * phase.cosine;
    d[1] = radius * phase.sine;
    d[2] = sqrt(tanh(decay) * (1.0f + radius * radius));  // loses no digits where |λ| is next to 1
  }
  ALWAYS_INLINE void backDerived(const Vector *w, const Vector *of, Vector *dw) {
    const Vector decay = exp(w[0]), radius = exp(-decay), turn = exp(w[1]);
    const Angle phase = angle(turn);
    const Vector scale = sqrt(tanh(decay) * (1.0f + radius * radius)), least = scale < 1e-18f ? broadcast(1e-18f) : scale;
    const Vector ofRadius = of[0] * phase.cosine + of[1] * phase.sine - of[2] * radius / least;
    dw[0] = -ofRadius * radius * decay;
    dw[1] = (of[1] * phase.cosine - of[0] * phase.sine) * radius * turn;
  }
  ALWAYS_INLINE void step(const Vector *x, const Vector *d, const Vector *h, Vector *next) {
    next[0] = d[0] * h[0] - d[1] * h[1] + d[2] * x[0];
    next[1] = d[0] * h[1] + d[1] * h[0] + d[2] * x[1];
  }
  ALWAYS_INLINE void back(const Vector *x, const Vector *d, const Vector *h, const Vector *, Vector *dh, Vector *dx, Vector *dd) {
    const Vector re = dh[0], im = dh[1];
    dx[0] = re * d[2];
    dx[1] = im * d[2];
    dd[0] += re * h[0] + im * h[1];
    dd[1] += im * h[0] - re * h[1];
    dd[2] += re * x[0] + im * x[1];
    dh[0] = d[0] * re + d[1] * im;
    dh[1] = d[0] * im - d[1] * re;
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
  static constexpr int derived = 0;
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
  static constexpr int derived = 0;
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
  static constexpr int derived = 0;
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
  static constexpr int derived = 0;
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
