import { entryPoint, type Shader } from './shader';

/**
 * Matrices as a recurrent layer reads them, rounded to float16: of x [lane, k, n] four consecutive k side by side,
 * out [lane, k / 4, n, 4]; k is a multiple of 4. Numbers: count (of fours), perLane, n, strideK and strideN (from one k, and n, to the
 * next in x: either order), across.
 */
export const packShader: Shader = {
  key: 'pack',
  half: true,
  outputs: ['out'],
  outputType: 'vec4<f16>',
  inputs: [['x', 'f32']],
  numbers: ['count', 'perLane', 'n', 'strideK', 'strideN', 'across'],
  code: `
${entryPoint(256)}
  let at = (group.y * size.across + group.x) * 256u + thread;
  if (at >= size.count) { return; }
  let own = at % size.perLane;
  let first = (at / size.perLane) * size.perLane * 4u + (own / size.n) * 4u * size.strideK + (own % size.n) * size.strideN;
  out[at] = vec4<f16>(vec4<f32>(x[first], x[first + size.strideK], x[first + 2u * size.strideK], x[first + 3u * size.strideK]));
}`,
};
