import { activations } from './activations';
import { entryPoint, type Shader } from './shader';

const inEach = (body: string): string => `
${activations}
${entryPoint(256)}
  let at = (group.y * size.across + group.x) * 256u + thread;
  if (at >= size.count) { return; }
  let first = at / size.width * 2u * size.width + at % size.width;
  let second = first + size.width;
  let value = x[first] + y[first];
  let gate = sigmoid(x[second] + y[second]);
  ${body}
}`;

/** z₁·σ(z₂) of the halves of z = x + y (Dauphin et al. 2017): x, y [·, 2·width] → out [·, width]. Numbers: count, width, across. */
export const gatedLinearUnitShader: Shader = {
  key: 'gated linear unit',
  outputs: ['out'],
  inputs: [
    ['x', 'f32'],
    ['y', 'f32'],
  ],
  numbers: ['count', 'width', 'across'],
  code: inEach('out[at] = value * gate;'),
};

/** The gradient of z from that of the result. Numbers: those of the forward shader. */
export const gatedLinearUnitGradientShader: Shader = {
  ...gatedLinearUnitShader,
  key: 'gated linear unit gradient',
  inputs: [...gatedLinearUnitShader.inputs, ['gradOut', 'f32']],
  code: inEach(`out[first] = gradOut[at] * gate;
  out[second] = gradOut[at] * value * (gate - gate * gate);`),
};

/** x·σ(x) of the first of three blocks of each row: x [·, 3·width] → out [·, width]. Numbers: count, width, across. */
export const firstSiluShader: Shader = {
  key: 'first silu',
  outputs: ['out'],
  inputs: [['x', 'f32']],
  numbers: ['count', 'width', 'across'],
  code: `
${activations}
${entryPoint(256)}
  let at = (group.y * size.across + group.x) * 256u + thread;
  if (at >= size.count) { return; }
  let value = x[at / size.width * 3u * size.width + at % size.width];
  out[at] = value * sigmoid(value);
}`,
};

/** Its gradient, 0 after the first block: out [·, 3·width]. Numbers: count, of the output, width, across. */
export const firstSiluGradientShader: Shader = {
  ...firstSiluShader,
  key: 'first silu gradient',
  inputs: [
    ['x', 'f32'],
    ['gradOut', 'f32'],
  ],
  code: `
${activations}
${entryPoint(256)}
  let at = (group.y * size.across + group.x) * 256u + thread;
  if (at >= size.count) { return; }
  let column = at % (3u * size.width);
  let gate = sigmoid(x[at]);
  let gradient = gradOut[at / (3u * size.width) * size.width + min(column, size.width - 1u)];
  out[at] = select(0.0, gradient * gate * (1.0 + x[at] * (1.0 - gate)), column < size.width);
}`,
};
