import { activations } from './activations';
import { readPrevious, stateAt, type GradientLayer } from './recurrent-places';
import { normalisedStepBack } from './recurrent-normalised-gradient';
import {
  asOperand,
  eachPlace,
  gateCounts,
  hasCellState,
  isNormalised,
  operandAt,
  operandType,
  ownCounts,
  savedOfRow,
  type Place,
} from './recurrent-shape';
import { variablesOfC } from './recurrent';
import { reductionMemory } from './row-reduction';
import { entryPoint, each, type Shader } from './shader';

/**
 * Backpropagation through time (Werbos 1990) of a recurrent layer in one dispatch, with the workgroups of the forward shader. A thread
 * keeps dh and dc of its units in registers; the gradient of one gate at a time goes through workgroup memory to all threads, which add
 * its product with the transposed weights.
 *
 * Inputs: transposed [lane, gates·hidden, hidden] (with `half` packed), saved and, for gru, hiddens (h after each step) of the forward
 * shader, own, valid, kept, state0 (gru), state1, gradOutputs, gradHT, gradCT. Outputs: gradProjected [lane, time, batch, gates·hidden],
 * for gru gradRecurrent of the same shape (the gradient of the recurrent product), gradH0, gradC0, and with `probed` gradHiddens, the
 * gradient of h after each step, 0 where masked. With layer normalisation in place of gradProjected gradSums [lane, time, batch, 5·hidden]:
 * the gradients of the sums of the gates and of the normalised c, which lead to those of x·W and of the own parameters; and no valid, which
 * is among what was saved. Numbers: steps, batch.
 */
export function recurrentGradientShader(layer: GradientLayer): Shader {
  const { cell, masked, probed, dropped, half = false } = layer;
  const [hasC, isGru, isNormal] = [hasCellState(cell), cell === 'gru', isNormalised(cell)];
  const given = (isGiven: boolean, name: string, type: 'f32' | 'i32' = 'f32') =>
    isGiven ? [[name, type] as const] : [];
  return {
    key: `recurrent gradient ${JSON.stringify(layer)}`,
    half,
    outputs: [
      ...[isNormal ? 'gradSums' : 'gradProjected', ...(isGru || isNormal ? ['gradRecurrent'] : [])],
      ...['gradH0', ...(hasC ? ['gradC0'] : []), ...(probed ? ['gradHiddens'] : [])],
    ],
    inputs: [
      ['transposed', half ? 'vec4<f16>' : 'f32'],
      ['saved', 'f32'],
      ...given(isGru, 'hiddens'),
      ...given(ownCounts[cell] > 0, 'own'),
      ...given(masked && !isNormal, 'valid', 'i32'),
      ...given(dropped, 'kept'),
      ...given(isGru, 'state0'),
      ...given(hasC, 'state1'),
      ['gradOutputs', 'f32'],
      ['gradHT', 'f32'],
      ...given(hasC, 'gradCT'),
    ],
    numbers: ['steps', 'batch'],
    code: mainCode(layer),
  };
}

function mainCode(layer: GradientLayer): string {
  const { cell, hidden, tile, reverse, dropped } = layer;
  const cs = variablesOfC(layer);
  const { rows, across, groups, rowsOfThread } = tile;
  return `
${activations}
const hidden = ${hidden}u;
var<workgroup> z: array<${operandType(layer)}, ${(rows * hidden) / 4}>;
${isNormalised(cell) ? reductionMemory(tile) : ''}
${entryPoint(across * groups)}
  let lane = group.y;
  let firstRow = group.x * ${rows}u;
  let column = thread % ${across}u;
  let ownRow = (thread / ${across}u) * ${rowsOfThread}u;
${eachPlace(layer, (place) => readFinalGradient(layer, place))}
  for (var s = 0u; s < size.steps; s++) {
    let t = ${reverse ? 's' : 'size.steps - 1u - s'};
    let isFirst = s + 1u == size.steps;
    let before = ${reverse ? 't + 1u' : 't - 1u'};
${isNormalised(cell) ? normalisedStepBack(layer) : eachPlace(layer, (place) => differentiate(layer, place))}
${dropped ? eachPlace(layer, ({ id }) => `    var product${id} = 0.0;`) : ''}
${each(gateCounts[cell], (gate) => addProduct(layer, gate))}
${eachPlace(layer, ({ id }) => `    h${id} = direct${id}${dropped ? ` + product${id} * k${id}` : ''};`)}
  }
${eachPlace(
  layer,
  (place) => `  if (${place.batchRow} < size.batch) {
    ${stateAt('gradH0', place)} = h${place.id};
    ${cs.map((c, block) => `${stateAt('gradC0', place, { blocks: cs.length, block })} = ${c}${place.id};`).join(' ')}
  }`,
)}
}`;
}

function readFinalGradient(layer: GradientLayer, place: Place): string {
  const { dropped } = layer;
  const cs = variablesOfC(layer);
  return `  var h${place.id} = 0.0;
  ${cs.map((c) => `var ${c}${place.id} = 0.0;`).join(' ')}
  ${dropped ? `var k${place.id} = 0.0;` : ''}
  if (${place.batchRow} < size.batch) {
    h${place.id} = ${stateAt('gradHT', place)};
    ${cs.map((c, block) => `${c}${place.id} = ${stateAt('gradCT', place, { blocks: cs.length, block })};`).join(' ')}
    ${dropped ? `k${place.id} = ${stateAt('kept', place)};` : ''}
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
        let savedAt = step * ${savedOfRow(cell, hidden)}u + ${column};
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

function cellCode(layer: GradientLayer, place: Place): string {
  const { cell, hidden } = layer;
  const { id, column } = place;
  const saved = (index: number): string => `saved[savedAt + ${index * hidden}u]`;
  switch (cell) {
    case 'rnn-tanh':
      return `        let a = ${saved(0)};
        d0_${id} = dh * (1.0 - a * a);
        direct${id} = 0.0;`;
    case 'rnn-relu':
      return `        d0_${id} = select(0.0, dh, ${saved(0)} > 0.0);
        direct${id} = 0.0;`;
    case 'lstm':
    case 'peephole-lstm': {
      const width = savedOfRow(cell, hidden);
      const peephole = (which: number): string => `own[lane * ${3 * hidden}u + ${which * hidden}u + ${column}]`;
      const through = (...gates: [which: number, gate: number][]): string =>
        cell === 'lstm' ? '' : gates.map(([which, gate]) => ` + d${gate}_${id} * ${peephole(which)}`).join('');
      return `        ${readPrevious(layer, place, { buffer: 'saved', width, offset: 4 * hidden, initial: 'state1' })}
        let i = ${saved(0)};
        let f = ${saved(1)};
        let g = ${saved(2)};
        let o = ${saved(3)};
        let q = stableTanh(${saved(4)});
        d3_${id} = dh * q * (o - o * o);
        let dc = c${id} + dh * o * (1.0 - q * q)${through([2, 3])};
        d0_${id} = dc * g * (i - i * i);
        d1_${id} = dc * previous * (f - f * f);
        d2_${id} = dc * i * (1.0 - g * g);
        c${id} = dc * f${through([0, 0], [1, 1])};
        direct${id} = 0.0;`;
    }
    case 'slstm':
      return slstmCode(layer, place, saved);
    case 'gru':
      return `        ${readPrevious(layer, place, { buffer: 'hiddens', width: hidden, offset: 0, initial: 'state0' })}
        let r = ${saved(0)};
        let q = ${saved(1)};
        let n = ${saved(2)};
        let dn = dh * (1.0 - q) * (1.0 - n * n);
        d0_${id} = dn * ${saved(3)} * (r - r * r);
        d1_${id} = dh * (previous - n) * (q - q * q);
        d2_${id} = dn;
        direct${id} = dh * q;`;
    case 'layer-norm-lstm':
      throw new Error('a normalised row needs all of its gates');
  }
}

/** Of slstm, from c/n, the shares i/n' and the other gates; c and m are the gradients of c/n and log n. */
function slstmCode(layer: GradientLayer, place: Place, saved: (index: number) => string): string {
  const { cell, hidden } = layer;
  const { id } = place;
  const width = savedOfRow(cell, hidden);
  return `        ${readPrevious(layer, place, { buffer: 'saved', width, offset: 4 * hidden, initial: 'state1' })}
        let share = ${saved(0)};
        let g = ${saved(2)};
        let o = ${saved(3)};
        let total = c${id} + dh * o;
        d0_${id} = total * (g - previous) * (share - share * share) + m${id} * share;
        let ofKept = m${id} - d0_${id};
        d1_${id} = ofKept * (1.0 - ${saved(1)});
        d2_${id} = total * share * (1.0 - g * g);
        d3_${id} = dh * ${saved(4)} * (o - o * o);
        c${id} = total * (1.0 - share);
        m${id} = ofKept;
        direct${id} = 0.0;`;
}

/** The gradient of one gate through workgroup memory to all threads; its product with the transposed weights, onto direct…. */
function addProduct(layer: GradientLayer, gate: number): string {
  const { cell, hidden, tile, dropped, half } = layer;
  const { across, unitsOfThread, rowsOfThread } = tile;
  const rows = gateCounts[cell] * hidden;
  const sum = dropped ? 'product' : 'direct';
  const weight = (unit: number, k: number): string => `transposed[head + ${k * hidden + unit * across}u]`;
  const weights = (unit: number): string =>
    half ? `transposed[head + ${unit * across}u]` : [0, 1, 2, 3].map((k) => weight(unit, k)).join(', ');
  const head = half
    ? `lane * ${rows / 4}u + ${(gate * hidden) / 4}u + k`
    : `lane * ${rows}u + ${gate * hidden}u + 4u * k`;
  return `    workgroupBarrier();
${eachPlace(
  layer,
  ({ id, tileRow, column }) => `    {
      let at = (${tileRow}) * hidden + ${column};
      z[at / 4u][at % 4u] = ${asOperand(layer, `d${gate}_${id}`)};
    }`,
)}
    workgroupBarrier();
    for (var k = 0u; k < ${hidden / 4}u; k++) {
      let head = (${head}) * hidden + column;
${each(unitsOfThread, (unit) => `      let w${unit} = vec4<f32>(${weights(unit)});`)}
${each(
  rowsOfThread,
  (row) => `      let x${row} = ${operandAt(layer, `z[(ownRow + ${row}u) * ${hidden / 4}u + k]`)};
${each(unitsOfThread, (unit) => `      ${sum}${unit}_${row} += dot(w${unit}, x${row});`)}`,
)}
    }`;
}
