import { entryPoint, each, type Shader } from './shader';

const numbered = (count: number, name: string): string[] =>
  Array.from({ length: count }, (_, index) => `${name}${index}`);

/**
 * Splits each lane's vector into tensors: flat [lane, length] → part0 [lane, size0], …, consecutive from `begin` on. A thread for each
 * number of the vector. Numbers: length, begin, size0, …; workgroups: ⌈sum of the sizes / 256⌉, lanes.
 */
export const splitShader = (count: number): Shader => ({
  key: `split ${count}`,
  outputs: numbered(count, 'part'),
  inputs: [['flat', 'f32']],
  numbers: ['length', 'begin', ...numbered(count, 'size')],
  code: `
${entryPoint(256)}
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

/**
 * The inverse, into the vector from `begin` on: part0 [lane, size0], … → flat [lane, length], with 0 in what threads there are behind the
 * last part. Numbers: as for `splitShader`.
 */
export const joinShader = (count: number): Shader => ({
  key: `join ${count}`,
  outputs: ['flat'],
  inputs: numbered(count, 'part').map((name) => [name, 'f32'] as const),
  numbers: ['length', 'begin', ...numbered(count, 'size')],
  code: `
${entryPoint(256)}
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

/** The most dimensions of what `transposeShader` takes: as many as tensors of TensorFlow.js have. */
export const transposedDimensions = 6;

/**
 * Transposes whole numbers: x → out. A thread for each number. Numbers: count, across (workgroups side by side), length0, … (of the
 * dimensions of out, 1 for those that it lacks), stride0, … (of the same dimensions in x).
 */
export const transposeShader: Shader = {
  key: 'transpose i32',
  outputs: ['out'],
  outputType: 'i32',
  inputs: [['x', 'i32']],
  numbers: [
    ...['count', 'across'],
    ...numbered(transposedDimensions, 'length'),
    ...numbered(transposedDimensions, 'stride'),
  ],
  code: `
${entryPoint(256)}
  let at = (group.y * size.across + group.x) * 256u + thread;
  if (at >= size.count) { return; }
  var rest = at;
  var source = 0u;
${each(transposedDimensions, (index) => {
  const dimension = transposedDimensions - 1 - index;
  return `  source += (rest % size.length${dimension}) * size.stride${dimension};
  rest /= size.length${dimension};`;
})}
  out[at] = x[source];
}`,
};
