import { each, type Shader } from './shader';

const names = (count: number, name: string): string[] => Array.from({ length: count }, (_, index) => `${name}${index}`);

/**
 * Stretches of each lane's vector as tensors of their own: flat [lane, length] → part0 [lane, size0], …, one after the other from `begin` on. A thread a number of the
 * vector. Numbers: length, lanes, begin, size0, …; workgroups: those of the longest vector, lanes.
 */
export const splitShader = (count: number): Shader => ({
  key: `split ${count}`,
  outputs: names(count, 'part'),
  inputs: [['flat', 'f32']],
  numbers: ['length', 'begin', ...names(count, 'size')],
  code: `
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let lane = group.y;
  var own = group.x * 256u + thread;
  let value = flat[lane * size.length + min(size.begin + own, size.length - 1u)];
${each(
  count,
  (index) => `  if (own < size.size${index}) { part${index}[lane * size.size${index} + own] = value; return; }
  own -= size.size${index};`,
)}
}`,
});

/** The other way, into the stretch from `begin` on: part0 [lane, size0], … → out [lane, length], 0 behind the last where `last`. Numbers: as for `splitShader`. */
export const joinShader = (count: number): Shader => ({
  key: `join ${count}`,
  outputs: ['flat'],
  inputs: names(count, 'part').map((name) => [name, 'f32'] as const),
  numbers: ['length', 'begin', ...names(count, 'size')],
  code: `
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let lane = group.y;
  var own = group.x * 256u + thread;
  if (size.begin + own >= size.length) { return; }
  let at = lane * size.length + size.begin + own;
${each(
  count,
  (index) => `  if (own < size.size${index}) { flat[at] = part${index}[lane * size.size${index} + own]; return; }
  own -= size.size${index};`,
)}
  flat[at] = 0.0;
}`,
});
