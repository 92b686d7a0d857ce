import { entryPoint, type Shader } from './shader';

/**
 * σ and tanh. WGSL's own tanh may be computed as sinh / cosh, which overflows. Near 0 the difference 1 − exp(−2x) would lose all its
 * digits, so the series of tanh is used there: below 0.25 its next term is 1e-8 of the value.
 */
export const activations = `
fn stableTanh(x: f32) -> f32 {
  let size = abs(x);
  let e = exp(-2.0 * size);
  let far = sign(x) * (1.0 - e) / (1.0 + e);
  let s = x * x;
  let near = x * (1.0 + s * (-0.33333333333 + s * (0.13333333333 + s * (-0.05396825397 + s * 0.02186948854))));
  return select(far, near, size < 0.25);
}
fn sigmoid(x: f32) -> f32 {
  return 1.0 / (1.0 + exp(-x));
}
`;

/** log(1 + eˣ) without losing digits where eˣ is small: native/ops/functions.h has the series. */
export const softplus = `
fn softplus(x: f32) -> f32 {
  let u = exp(-abs(x));
  let r = u / (2.0 + u);
  let s = r * r;
  let p = 1.0 + s * (1.0 / 3.0 + s * (1.0 / 5.0 + s * (1.0 / 7.0 + s * (1.0 / 9.0 + s * (1.0 / 11.0 + s * (1.0 / 13.0))))));
  return max(x, 0.0) + 2.0 * r * p;
}
`;

/** The gradient through a tanh y: out = gradient·(1 − y²). A thread for each number. Numbers: count, across. */
export const tanhGradientShader: Shader = {
  key: 'tanh gradient',
  outputs: ['out'],
  inputs: [
    ['y', 'f32'],
    ['gradient', 'f32'],
  ],
  numbers: ['count', 'across'],
  code: `
${entryPoint(256)}
  let at = (group.y * size.across + group.x) * 256u + thread;
  if (at >= size.count) { return; }
  out[at] = gradient[at] * (1.0 - y[at] * y[at]);
}`,
};
