import { selectiveStates } from '../selective-states';
import { activations, softplus } from './activations';
import { entryPoint, each, type Shader } from './shader';

/** A selective state space (Gu & Dao 2023) as a shader is written for it. The equations are those of native/ops/selective-scan.h. */
export interface SelectiveLayer {
  reverse: boolean;
  masked: boolean;
}

/** Units of a workgroup, a thread each. */
export const selectiveThreads = 64;

const states = selectiveStates;
const stateSums = 2 * states;

const functions = `
${activations}
${softplus}
fn siluSlope(x: f32) -> f32 {
  let s = sigmoid(x);
  return s * (1.0 + x * (1.0 - s));
}
`;

const begin = `
${entryPoint(selectiveThreads)}
  let hidden = size.hidden;
  let row = group.x / size.groups;
  let lane = group.y;
  let part = group.x % size.groups;
  let unit = part * ${selectiveThreads}u + thread;
  let isThere = unit < hidden;
  let own = min(unit, hidden - 1u);
  let place = lane * size.batch + row;
  let weight = lane * ${states + 2}u * hidden + own;
  let skip = weights[weight + ${states}u * hidden];
  let bias = weights[weight + ${states + 1}u * hidden];
${each(states, (n) => `  let a${n} = -exp(weights[weight + ${n}u * hidden]);`)}`;

const readUnit = `    let p = step * 3u * hidden + own;
    let raw = inputs[p];
    let x = raw * sigmoid(raw);
    let shifted = inputs[p + hidden] + bias;
    let delta = softplus(shifted);
    let gate = inputs[p + 2u * hidden];
    let m = step * ${stateSums}u;`;

const stateAt = (row: string, n: number): string => `(${row} * ${states}u + ${n}u) * hidden + own`;

/**
 * A whole sequence in one dispatch: a thread goes through all steps of one unit and row, with its states in registers. Workgroups:
 * (groups·batch, lanes), groups = ⌈hidden / selectiveThreads⌉.
 *
 * Outputs: outputs [lane, time, batch, hidden], last [lane, batch, N·hidden], and with `keeps` saved [lane, time + 1, batch, N·hidden]: the
 * states before each step and after the last, in the order of reading. Numbers: steps, batch, hidden, groups.
 */
export const selectiveScanShader = (layer: SelectiveLayer & { keeps: boolean }): Shader => {
  const { reverse, masked, keeps } = layer;
  const save = (index: string): string =>
    keeps
      ? each(
          states,
          (n) => `    saved[${stateAt(`((lane * (size.steps + 1u) + ${index}) * size.batch + row)`, n)}] = s${n};`,
        )
      : '';
  return {
    key: `selective scan ${JSON.stringify(layer)}`,
    outputs: ['outputs', 'last', ...(keeps ? ['saved'] : [])],
    inputs: [...inputsOf(layer), ['start', 'f32']],
    numbers: ['steps', 'batch', 'hidden', 'groups'],
    code: `${functions}${begin}
  if (!isThere) { return; }
${each(states, (n) => `  var s${n} = start[${stateAt('place', n)}];`)}
  for (var index = 0u; index < size.steps; index++) {
    let step = (lane * size.steps + ${reverse ? 'size.steps - 1u - index' : 'index'}) * size.batch + row;
${save('index')}
    var h = 0.0;
    ${masked ? 'if (valid[step] != 0) {' : '{'}
${readUnit}
    var y = skip * x;
${each(
  states,
  (n) => `    s${n} = exp(delta * a${n}) * s${n} + delta * x * mixing[m + ${n}u];
    y += s${n} * mixing[m + ${states + n}u];`,
)}
    h = y * gate * sigmoid(gate);
    }
    outputs[step * hidden + own] = h;
  }
${save('size.steps')}
${each(states, (n) => `  last[${stateAt('place', n)}] = s${n};`)}
}`,
  };
};

const inputsOf = ({ masked }: SelectiveLayer): (readonly [string, 'f32' | 'i32'])[] => [
  ['inputs', 'f32'],
  ['mixing', 'f32'],
  ['weights', 'f32'],
  ...(masked ? [['valid', 'i32'] as const] : []),
];

/**
 * Its gradient. B and C are shared by the units: the threads of a workgroup add up their parts in workgroup memory, one thread for each
 * number, in a fixed order.
 *
 * Inputs beside those of the forward shader, without `start`: saved, gradOutputs, gradLast. Outputs: gradInputs, gradMixing [lane, time,
 * batch, groups, 2·N], and gradRows [lane, batch, (2·N + 2)·hidden], of the weights and of `start`. Numbers: those of the forward shader.
 */
export const selectiveScanGradientShader = (layer: SelectiveLayer): Shader => {
  const rowAt = (block: number): string => `gradRows[(place * ${stateSums + 2}u + ${block}u) * hidden + own]`;
  return {
    key: `selective scan gradient ${JSON.stringify(layer)}`,
    outputs: ['gradInputs', 'gradMixing', 'gradRows'],
    inputs: [...inputsOf(layer), ['saved', 'f32'], ['gradOutputs', 'f32'], ['gradLast', 'f32']],
    numbers: ['steps', 'batch', 'hidden', 'groups'],
    code: `${functions}
var<workgroup> parts: array<f32, ${selectiveThreads * (stateSums + 1)}>;
${begin}
${each(states, (n) => `  var ds${n} = gradLast[${stateAt('place', n)}];\n  var da${n} = 0.0;`)}
  var dskip = 0.0;
  var dbias = 0.0;
  for (var s = 0u; s < size.steps; s++) {
    let index = size.steps - 1u - s;
    let step = (lane * size.steps + ${layer.reverse ? 's' : 'index'}) * size.batch + row;
    var draw = 0.0;
    var dshifted = 0.0;
    var dgate = 0.0;
    let mine = thread * ${stateSums + 1}u;
${each(stateSums, (n) => `    parts[mine + ${n}u] = 0.0;`)}
    ${layer.masked ? 'if (isThere && valid[step] != 0) {' : 'if (isThere) {'}
${stepBack}
    }
    if (isThere) {
      let q = step * 3u * hidden + own;
      gradInputs[q] = draw;
      gradInputs[q + hidden] = dshifted;
      gradInputs[q + 2u * hidden] = dgate;
    }
    workgroupBarrier();
    if (thread < ${stateSums}u) {
      var sum = 0.0;
      for (var i = 0u; i < ${selectiveThreads}u; i++) { sum += parts[i * ${stateSums + 1}u + thread]; }
      gradMixing[(step * size.groups + part) * ${stateSums}u + thread] = sum;
    }
    workgroupBarrier();
  }
  if (isThere) {
${each(states, (n) => `    ${rowAt(n)} = da${n};\n    ${rowAt(states + 2 + n)} = ds${n};`)}
    ${rowAt(states)} = dskip;
    ${rowAt(states + 1)} = dbias;
  }
}`,
  };
};

const savedAt = (index: string, n: number): string =>
  `saved[${stateAt(`((lane * (size.steps + 1u) + ${index}) * size.batch + row)`, n)}]`;

/** The gradients of one unit's step: of its inputs, its states before it, and its parts of those of B and C. */
const stepBack = `${readUnit}
    let dh = gradOutputs[step * hidden + own];
    let dy = dh * gate * sigmoid(gate);
    var y = skip * x;
    var ofDelta = 0.0;
    var ofTaken = 0.0;
${each(
  states,
  (n) => `    {
      let kept = exp(delta * a${n});
      let state = ${savedAt('index + 1u', n)};
      let ds = ds${n} + dy * mixing[m + ${states + n}u];
      let ofExponent = ds * kept * ${savedAt('index', n)};
      y += state * mixing[m + ${states + n}u];
      parts[mine + ${n}u] = ds * delta * x;
      parts[mine + ${states + n}u] = dy * state;
      ofTaken += ds * mixing[m + ${n}u];
      ofDelta += ofExponent * a${n};
      da${n} += ofExponent * delta * a${n};
      ds${n} = ds * kept;
    }`,
)}
    draw = (ofTaken * delta + dy * skip) * siluSlope(raw);
    dshifted = (ofDelta + ofTaken * x) * sigmoid(shifted);
    dgate = dh * y * siluSlope(gate);
    dskip += dy * x;
    dbias += dshifted;`;
