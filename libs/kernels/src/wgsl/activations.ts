/**
 * σ and tanh. WGSL's own tanh may be computed as sinh / cosh, which overflows; near 0 the difference 1 − exp(−2x) would lose
 * all its digits, so there the series of tanh stands: below 0.25 its next term is 1e-8 of the value.
 */
export const activations = `
fn squash(x: f32) -> f32 {
  let size = abs(x);
  let e = exp(-2.0 * size);
  let far = sign(x) * (1.0 - e) / (1.0 + e);
  let s = x * x;
  let near = x * (1.0 + s * (-0.33333333333 + s * (0.13333333333 + s * (-0.05396825397 + s * 0.02186948854))));
  return select(far, near, size < 0.25);
}
fn logistic(x: f32) -> f32 {
  return 1.0 / (1.0 + exp(-x));
}
`;
