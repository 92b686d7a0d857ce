import type { Shader } from './shader';

/** Whole numbers as floats. Numbers: count, across. */
export const asFloatsShader: Shader = {
  key: 'as floats',
  outputs: ['out'],
  inputs: [['x', 'i32']],
  numbers: ['count', 'across'],
  code: `
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let at = (group.y * size.across + group.x) * 256u + thread;
  if (at < size.count) { out[at] = f32(x[at]); }
}`,
};
