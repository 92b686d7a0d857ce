/**
 * sin and cos as exact as float32 allows: WGSL's own may be wrong by 5e-4. Cody & Waite 1980 reduce x to |r| ≤ π/4 beside a multiple of
 * π/2, in three parts; the polynomials are those of the Cephes library. For |x| up to some thousands.
 */
export const angles = `
fn sineOf(x: f32, quarters: i32) -> f32 {
  let turns = round(x * 0.63661977236758);
  let r = ((x - turns * 1.5703125) - turns * 4.837512969970703e-4) - turns * 7.54978995489188e-8;
  let s = r * r;
  let near = r + r * s * (-1.6666654611e-1 + s * (8.3321608736e-3 - s * 1.9515295891e-4));
  let far = 1.0 - 0.5 * s + s * s * (4.166664568298827e-2 + s * (-1.388731625493765e-3 + s * 2.443315711809948e-5));
  let quadrant = (i32(turns) + quarters) & 3;
  let value = select(near, far, (quadrant & 1) == 1);
  return select(value, -value, quadrant >= 2);
}
fn sine(x: f32) -> f32 { return sineOf(x, 0); }
fn cosine(x: f32) -> f32 { return sineOf(x, 1); }
`;
