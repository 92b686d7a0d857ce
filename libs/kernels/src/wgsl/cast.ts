import { entryPoint, type Shader } from './shader';

/** Whole numbers as floats. Numbers: count, across. */
export const asFloatsShader: Shader = {
  key: 'as floats',
  outputs: ['out'],
  inputs: [['x', 'i32']],
  numbers: ['count', 'across'],
  code: `
${entryPoint(256)}
  let at = (group.y * size.across + group.x) * 256u + thread;
  if (at < size.count) { out[at] = f32(x[at]); }
}`,
};
