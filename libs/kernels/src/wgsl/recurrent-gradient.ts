import { activations } from './activations';
import { eachPlace, gateCounts, savedCounts, type Place, type RecurrentLayer } from './recurrent-shape';
import { each, type Shader } from './shader';

/** `probed`: whether the gradient of h after each step is computed too. */
export type GradientLayer = RecurrentLayer & { probed: boolean };

/**
 * Backpropagation through time (Werbos 1990) of a recurrent layer in one dispatch, with the workgroups of the forward shader. A thread
 * keeps dh and dc of its units in registers; the gradient of one gate at a time goes through workgroup memory to all threads, which add
 * its product with the transposed weights.
 *
 * Inputs: transposed [lane, gates·hidden, hidden], saved and, for gru, hiddens (h after each step) of the forward shader, valid, state0
 * (gru) or state1 (lstm), gradOutputs, gradHT, gradCT (lstm). Outputs: gradProjected [lane, time, batch, gates·hidden], for gru
 * gradRecurrent of the same shape (the gradient of the recurrent product), gradH0, gradC0 (lstm), and with `probed` gradHiddens, the
 * gradient of h after each step, 0 where masked. Numbers: steps, batch.
 */
export function recurrentGradientShader(layer: GradientLayer): Shader {
  const { cell, masked, probed } = layer;
  const [isLstm, isGru] = [cell === 'lstm', cell === 'gru'];
  return {
    key: `recurrent gradient ${JSON.stringify(layer)}`,
    outputs: [
      ...['gradProjected', ...(isGru ? ['gradRecurrent'] : []), 'gradH0', ...(isLstm ? ['gradC0'] : [])],
      ...(probed ? ['gradHiddens'] : []),
    ],
    inputs: [
      ['transposed', 'f32'],
      ['saved', 'f32'],
      ...(isGru ? [['hiddens', 'f32'] as const] : []),
      ...(masked ? [['valid', 'i32'] as const] : []),
      ...(isGru ? [['state0', 'f32'] as const] : []),
      ...(isLstm ? [['state1', 'f32'] as const] : []),
      ['gradOutputs', 'f32'],
      ['gradHT', 'f32'],
      ...(isLstm ? [['gradCT', 'f32'] as const] : []),
    ],
    numbers: ['steps', 'batch'],
    code: mainCode(layer),
  };
}

function mainCode(layer: GradientLayer): string {
  const { cell, hidden, tile, reverse } = layer;
  const { rows, across, groups, rowsOfThread } = tile;
  return `
${activations}
const hidden = ${hidden}u;
var<workgroup> z: array<vec4<f32>, ${(rows * hidden) / 4}>;
@compute @workgroup_size(${across * groups})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let lane = group.y;
  let firstRow = group.x * ${rows}u;
  let column = thread % ${across}u;
  let ownRow = (thread / ${across}u) * ${rowsOfThread}u;
${eachPlace(layer, (place) => readFinalGradient(layer, place))}
  for (var s = 0u; s < size.steps; s++) {
    let t = ${reverse ? 's' : 'size.steps - 1u - s'};
    let isFirst = s + 1u == size.steps;
    let before = ${reverse ? 't + 1u' : 't - 1u'};
${eachPlace(layer, (place) => differentiate(layer, place))}
${each(gateCounts[cell], (gate) => addProduct(layer, gate))}
${eachPlace(layer, ({ id }) => `    h${id} = direct${id};`)}
  }
${eachPlace(
  layer,
  (place) => `  if (${place.batchRow} < size.batch) {
    ${stateAt('gradH0', place)} = h${place.id};
    ${cell === 'lstm' ? `${stateAt('gradC0', place)} = c${place.id};` : ''}
  }`,
)}
}`;
}

/** An element of a buffer [lane, batch, hidden]. */
const stateAt = (buffer: string, { batchRow, column }: Place): string =>
  `${buffer}[(lane * size.batch + ${batchRow}) * hidden + ${column}]`;

function readFinalGradient({ cell }: GradientLayer, place: Place): string {
  const isLstm = cell === 'lstm';
  return `  var h${place.id} = 0.0;
  ${isLstm ? `var c${place.id} = 0.0;` : ''}
  if (${place.batchRow} < size.batch) {
    h${place.id} = ${stateAt('gradHT', place)};
    ${isLstm ? `c${place.id} = ${stateAt('gradCT', place)};` : ''}
  }`;
}

/** The gradients of one place's gates into d… and the outputs; what reaches the previous h past the product, into direct…. */
function differentiate(layer: GradientLayer, place: Place): string {
  const { cell, hidden, masked, probed } = layer;
  const { id, batchRow, column } = place;
  const gates = gateCounts[cell];
  const isGru = cell === 'gru';
  return `    var direct${id} = 0.0;
${each(gates, (gate) => `    var d${gate}_${id} = 0.0;`)}
    {
      let row = ${batchRow};
      if (row < size.batch) {
        let step = (lane * size.steps + t) * size.batch + row;
        let savedAt = step * ${savedCounts[cell] * hidden}u + ${column};
        direct${id} = h${id};
        ${probed && masked ? `gradHiddens[step * hidden + ${column}] = 0.0;` : ''}
        ${masked ? 'if (valid[step] != 0) {' : ''}
        let dh = h${id} + gradOutputs[step * hidden + ${column}];
        ${probed ? `gradHiddens[step * hidden + ${column}] = dh;` : ''}
${cellCode(layer, place)}
        ${masked ? '}' : ''}
        let p = step * ${gates * hidden}u + ${column};
${each(gates, (gate) => `        gradProjected[p + ${gate * hidden}u] = d${gate}_${id};`)}
        ${isGru ? `d2_${id} = d2_${id} * saved[savedAt];` : ''}
${isGru ? each(gates, (gate) => `        gradRecurrent[p + ${gate * hidden}u] = d${gate}_${id};`) : ''}
      }
    }`;
}

function cellCode({ cell, hidden, tile }: GradientLayer, place: Place): string {
  const { id, unit } = place;
  const { across } = tile;
  const saved = (index: number): string => `saved[savedAt + ${index * hidden}u]`;
  /** What there was before this step: in `buffer`, `width` numbers a step, at `offset`, or the initial state. */
  const previous = (buffer: string, width: number, offset: number, initial: string): string =>
    `var previous = 0.0;
        if (isFirst) { previous = ${stateAt(initial, place)}; }
        else {
          previous = ${buffer}[((lane * size.steps + before) * size.batch + row) * ${width}u + ${offset + unit * across}u + column];
        }`;
  switch (cell) {
    case 'rnn-tanh':
      return `        let a = ${saved(0)};
        d0_${id} = dh * (1.0 - a * a);
        direct${id} = 0.0;`;
    case 'rnn-relu':
      return `        d0_${id} = select(0.0, dh, ${saved(0)} > 0.0);
        direct${id} = 0.0;`;
    case 'lstm':
      return `        ${previous('saved', savedCounts.lstm * hidden, 4 * hidden, 'state1')}
        let i = ${saved(0)};
        let f = ${saved(1)};
        let g = ${saved(2)};
        let o = ${saved(3)};
        let q = stableTanh(${saved(4)});
        let dc = c${id} + dh * o * (1.0 - q * q);
        d0_${id} = dc * g * (i - i * i);
        d1_${id} = dc * previous * (f - f * f);
        d2_${id} = dc * i * (1.0 - g * g);
        d3_${id} = dh * q * (o - o * o);
        c${id} = dc * f;
        direct${id} = 0.0;`;
    case 'gru':
      return `        ${previous('hiddens', hidden, 0, 'state0')}
        let r = ${saved(0)};
        let q = ${saved(1)};
        let n = ${saved(2)};
        let dn = dh * (1.0 - q) * (1.0 - n * n);
        d0_${id} = dn * ${saved(3)} * (r - r * r);
        d1_${id} = dh * (previous - n) * (q - q * q);
        d2_${id} = dn;
        direct${id} = dh * q;`;
  }
}

/** The gradient of one gate through workgroup memory to all threads; its product with the transposed weights, onto direct…. */
function addProduct(layer: GradientLayer, gate: number): string {
  const { cell, hidden, tile } = layer;
  const { across, unitsOfThread, rowsOfThread } = tile;
  const weight = (unit: number, k: number): string => `transposed[head + ${k * hidden + unit * across}u]`;
  const weights = (unit: number): string => [0, 1, 2, 3].map((k) => weight(unit, k)).join(', ');
  return `    workgroupBarrier();
${eachPlace(
  layer,
  ({ id, tileRow, column }) => `    {
      let at = (${tileRow}) * hidden + ${column};
      z[at / 4u][at % 4u] = d${gate}_${id};
    }`,
)}
    workgroupBarrier();
    for (var k = 0u; k < ${hidden / 4}u; k++) {
      let head = (lane * ${gateCounts[cell] * hidden}u + ${gate * hidden}u + 4u * k) * hidden + column;
${each(unitsOfThread, (unit) => `      let w${unit} = vec4<f32>(${weights(unit)});`)}
${each(
  rowsOfThread,
  (row) => `      let x${row} = z[(ownRow + ${row}u) * ${hidden / 4}u + k];
${each(unitsOfThread, (unit) => `      direct${unit}_${row} += dot(w${unit}, x${row});`)}`,
)}
    }`;
}
