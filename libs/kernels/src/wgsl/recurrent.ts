import { activations, softplus } from './activations';
import { stateAt } from './recurrent-places';
import { normalisedStep } from './recurrent-normalised';
import { addProducts, columnOf } from './recurrent-products';
import {
  asOperand,
  cellStates,
  eachPlace,
  gateCounts,
  hasCellState,
  isNormalised,
  operandType,
  ownCounts,
  placeAt,
  savedOfRow,
  type Place,
  type RecurrentLayer,
} from './recurrent-shape';
import { reductionMemory } from './row-reduction';
import { entryPoint, each, type Shader } from './shader';

/**
 * A recurrent layer over a whole sequence in one dispatch. A workgroup computes some rows of a lane's batch and keeps their h, as the
 * gates see it, in its memory; a thread computes all gates of its units for its rows, and the lane's weights come from the cache, once a
 * step for all rows. Workgroups: (⌈batch / rows⌉, lanes).
 *
 * Inputs: projected [lane, time, batch, gates·hidden] (with layer normalisation already normalised), weights (with `half` packed), bias,
 * own [lane, own·hidden], valid, kept [lane, batch, hidden] (the factor of h where it enters the gates), state0, state1. Outputs: outputs
 * [lane, time, batch, hidden], hT, cT [lane, batch, cellStates·hidden] where the cell has c, as state1, with `training` saved [lane, time,
 * batch, savedOfRow], and with a mask too hiddens, h after each step, shaped as the outputs. Numbers: steps, batch.
 */
export function recurrentShader(layer: RecurrentLayer): Shader {
  const { cell, training, masked, biased, dropped, half = false } = layer;
  const hasC = hasCellState(cell);
  return {
    key: `recurrent ${JSON.stringify(layer)}`,
    half,
    outputs: [
      ...['outputs', 'hT', ...(hasC ? ['cT'] : [])],
      ...[...(training ? ['saved'] : []), ...(training && masked ? ['hiddens'] : [])],
    ],
    inputs: [
      ['projected', 'f32'],
      ['weights', half ? 'vec4<f16>' : 'f32'],
      ...(biased ? [['bias', 'f32'] as const] : []),
      ...(ownCounts[cell] ? [['own', 'f32'] as const] : []),
      ...(masked ? [['valid', 'i32'] as const] : []),
      ...(dropped ? [['kept', 'f32'] as const] : []),
      ['state0', 'f32'],
      ...(hasC ? [['state1', 'f32'] as const] : []),
    ],
    numbers: ['steps', 'batch'],
    code: mainCode(layer),
  };
}

function mainCode(layer: RecurrentLayer): string {
  const { cell, hidden, tile, reverse } = layer;
  const { rows, across, groups, unitsOfThread, rowsOfThread } = tile;
  return `
${activations}
${cell === 'slstm' ? softplus : ''}
const hidden = ${hidden}u;
var<workgroup> h: array<${operandType(layer)}, ${(rows * hidden) / 4}>;
${isNormalised(cell) ? reductionMemory(tile) : ''}
${
  hasOwnState(layer)
    ? ''
    : `fn stateAt(row: u32, unit: u32) -> f32 {
  let at = row * hidden + unit;
  return h[at / 4u][at % 4u];
}`
}
${entryPoint(across * groups)}
  let lane = group.y;
  let firstRow = group.x * ${rows}u;
  let column = thread % ${across}u;
  let ownRow = (thread / ${across}u) * ${rowsOfThread}u;
${readStates(layer)}
  workgroupBarrier();
  for (var s = 0u; s < size.steps; s++) {
    let t = ${reverse ? 'size.steps - 1u - s' : 's'};
${eachPlace(layer, ({ id }) => `    var n${id} = 0.0;`)}
${isNormalised(cell) ? normalisedStep(layer) : each(unitsOfThread, (unit) => computeUnit(layer, unit))}
    workgroupBarrier();
${eachPlace(layer, (place) => writeStep(layer, place))}
    workgroupBarrier();
  }
${eachPlace(layer, (place) => writeFinalState(layer, place))}
}`;
}

/** Whether the gates see another h than the cell, which is then in registers: one with a factor, or rounded. */
const hasOwnState = ({ dropped, half }: RecurrentLayer): boolean => dropped || half === true;

/** The initial h of the tile into workgroup memory; c and, where the gates see another h than the cell, h too into registers. */
function readStates(layer: RecurrentLayer): string {
  const { hidden, tile, dropped } = layer;
  const isOwn = hasOwnState(layer);
  const cs = variablesOfC(layer);
  return `  for (var i = thread; i < ${tile.rows * hidden}u; i += ${tile.across * tile.groups}u) {
    let row = firstRow + i / hidden;
    var value = 0.0;
    if (row < size.batch) {
      let at = (lane * size.batch + row) * hidden + i % hidden;
      value = state0[at]${dropped ? ' * kept[at]' : ''};
    }
    h[i / 4u][i % 4u] = ${asOperand(layer, 'value')};
  }
${
  cs.length > 0 || isOwn
    ? eachPlace(layer, (place) => {
        const { id, batchRow, column } = place;
        return `  ${cs.map((c) => `var ${c}${id} = 0.0;`).join(' ')}
  ${isOwn ? `var h${id} = 0.0;` : ''} ${dropped ? `var k${id} = 0.0;` : ''}
  if (${batchRow} < size.batch) {
    let at = (lane * size.batch + ${batchRow}) * hidden + ${column};
    ${cs.map((c, block) => `${c}${id} = ${stateAt('state1', place, { blocks: cs.length, block })};`).join(' ')}
    ${isOwn ? `h${id} = state0[at];` : ''} ${dropped ? `k${id} = kept[at];` : ''}
  }`;
      })
    : ''
}`;
}

/** What the variables for the numbers of c begin with. */
export const variablesOfC = ({ cell }: RecurrentLayer): string[] => ['c', 'm'].slice(0, cellStates(cell));

/** h of a place before or after a step. */
const stateOf = (layer: RecurrentLayer, { id, tileRow, column }: Place): string =>
  hasOwnState(layer) ? `h${id}` : `stateAt(${tileRow}, ${column})`;

/** The next h of one unit of a thread, for all of its rows, into n…; c in place. */
function computeUnit(layer: RecurrentLayer, unit: number): string {
  const { cell, tile, hidden, biased } = layer;
  const gates = gateCounts[cell];
  const name = (gate: number, row: number): string => `a${gate}_${row}`;
  return `    {
${each(gates, (gate) => {
  const start = biased ? `bias[lane * ${gates * hidden}u + ${columnOf(layer, unit, gate)}]` : '0.0';
  return each(tile.rowsOfThread, (row) => `      var ${name(gate, row)} = ${start};`);
})}
${addProducts(layer, unit, name)}
${each(tile.rowsOfThread, (row) => applyCell(layer, placeAt(tile, unit, row)))}
    }`;
}

/** The cell of one place, from the sums a… of its gates. */
function applyCell(layer: RecurrentLayer, place: Place): string {
  const { cell, hidden, training, masked } = layer;
  return `      {
        let row = ${place.batchRow};
        if (row < size.batch) {
          let step = (lane * size.steps + t) * size.batch + row;
          let p = step * ${gateCounts[cell] * hidden}u;
          ${masked ? 'let isValid = valid[step] != 0;' : ''}
          ${training ? `let savedAt = step * ${savedOfRow(cell, hidden)}u + ${place.column};` : ''}
${cellCode(layer, place)}
        }
      }`;
}

function cellCode(layer: RecurrentLayer, place: Place): string {
  const { cell, hidden, training, masked } = layer;
  const { id, row, unit, column } = place;
  const at = (gate: number): string => columnOf(layer, unit, gate);
  const sum = (gate: number): string => `projected[p + ${at(gate)}] + a${gate}_${row}`;
  const save = (values: readonly string[]): string =>
    training
      ? values.map((value, index) => `          saved[savedAt + ${index * hidden}u] = ${value};`).join('\n')
      : '';
  switch (cell) {
    case 'rnn-tanh':
      return `          n${id} = stableTanh(${sum(0)});\n${save([`n${id}`])}`;
    case 'rnn-relu':
      return `          n${id} = max(${sum(0)}, 0.0);\n${save([`n${id}`])}`;
    case 'lstm':
    case 'peephole-lstm': {
      const seeing = (which: number, c: string): string =>
        cell === 'lstm' ? '' : ` + own[lane * ${3 * hidden}u + ${which * hidden}u + ${column}] * ${c}`;
      return `          let i = sigmoid(${sum(0)}${seeing(0, `c${id}`)});
          let f = sigmoid(${sum(1)}${seeing(1, `c${id}`)});
          let g = stableTanh(${sum(2)});
          let c = f * c${id} + i * g;
          let o = sigmoid(${sum(3)}${seeing(2, 'c')});
          n${id} = o * stableTanh(c);
          c${id} = ${masked ? `select(c${id}, c, isValid)` : 'c'};
${save(['i', 'f', 'g', 'o', `c${id}`])}`;
    }
    case 'slstm':
      return `          let ofF = ${sum(1)};
          let kept = m${id} - softplus(-(ofF));
          let newer = ${sum(0)} - kept;
          let share = sigmoid(newer);
          let g = stableTanh(${sum(2)});
          let o = sigmoid(${sum(3)});
          let c = c${id} + share * (g - c${id});
          let m = kept + softplus(newer);
          n${id} = o * c;
          c${id} = ${masked ? `select(c${id}, c, isValid)` : 'c'};
          m${id} = ${masked ? `select(m${id}, m, isValid)` : 'm'};
${save(['share', 'sigmoid(ofF)', 'g', 'o', `c${id}`])}`;
    case 'gru':
      return `          let r = sigmoid(${sum(0)});
          let z = sigmoid(${sum(1)});
          let n = stableTanh(projected[p + ${at(2)}] + r * a2_${row});
          n${id} = n + z * (${stateOf(layer, place)} - n);
${save(['r', 'z', 'n', `a2_${row}`])}`;
    case 'layer-norm-lstm':
      throw new Error('a normalised row needs all of its gates');
  }
}

/** h and the outputs of one place after a step; of a masked one h stays and the output is 0. */
function writeStep(layer: RecurrentLayer, place: Place): string {
  const { masked, training, dropped } = layer;
  const { id, tileRow, batchRow, column } = place;
  const isOwn = hasOwnState(layer);
  return `    {
      let row = ${batchRow};
      if (row < size.batch) {
        let at = ((lane * size.steps + t) * size.batch + row) * hidden + ${column};
        let own = (${tileRow}) * hidden + ${column};
        ${masked ? `let isValid = valid[(lane * size.steps + t) * size.batch + row] != 0;` : ''}
        ${masked ? 'if (isValid) {' : ''}
        h[own / 4u][own % 4u] = ${asOperand(layer, `n${id}${dropped ? ` * k${id}` : ''}`)};
        ${isOwn ? `h${id} = n${id};` : ''}
        outputs[at] = n${id};
        ${masked ? '} else { outputs[at] = 0.0; }' : ''}
        ${training && masked ? `hiddens[at] = ${isOwn ? `h${id}` : 'h[own / 4u][own % 4u]'};` : ''}
      }
    }`;
}

function writeFinalState(layer: RecurrentLayer, place: Place): string {
  const { id, batchRow } = place;
  const cs = variablesOfC(layer);
  return `  if (${batchRow} < size.batch) {
    ${stateAt('hT', place)} = ${stateOf(layer, place)};
    ${cs.map((c, block) => `${stateAt('cT', place, { blocks: cs.length, block })} = ${c}${id};`).join(' ')}
  }`;
}
