import { activations } from './activations';
import { eachPlace, gateCounts, placeAt, savedCounts, type Place, type RecurrentLayer } from './recurrent-shape';
import { each, type Shader } from './shader';

/**
 * A recurrent layer over a whole sequence in one dispatch. A workgroup computes some rows of a lane's batch and keeps their h in its
 * memory; a thread computes all gates of its units for its rows, and the lane's weights come from the cache, once a step for all rows.
 * Workgroups: (⌈batch / rows⌉, lanes).
 *
 * Outputs: outputs [lane, time, batch, hidden], hT, cT (lstm), with `training` saved [lane, time, batch, saved·hidden] (the activated
 * gates, and c or the recurrent product of gate n), and with a mask too hiddens, h after each step, shaped as the outputs. Numbers:
 * steps, batch.
 */
export function recurrentShader(layer: RecurrentLayer): Shader {
  const { cell, training, masked, biased } = layer;
  const isLstm = cell === 'lstm';
  return {
    key: `recurrent ${JSON.stringify(layer)}`,
    outputs: [
      ...['outputs', 'hT', ...(isLstm ? ['cT'] : [])],
      ...[...(training ? ['saved'] : []), ...(training && masked ? ['hiddens'] : [])],
    ],
    inputs: [
      ['projected', 'f32'],
      ['weights', 'f32'],
      ...(biased ? [['bias', 'f32'] as const] : []),
      ...(masked ? [['valid', 'i32'] as const] : []),
      ['state0', 'f32'],
      ...(isLstm ? [['state1', 'f32'] as const] : []),
    ],
    numbers: ['steps', 'batch'],
    code: mainCode(layer),
  };
}

function mainCode(layer: RecurrentLayer): string {
  const { hidden, tile, reverse } = layer;
  const { rows, across, groups, unitsOfThread, rowsOfThread } = tile;
  return `
${activations}
const hidden = ${hidden}u;
var<workgroup> h: array<vec4<f32>, ${(rows * hidden) / 4}>;
fn stateAt(row: u32, unit: u32) -> f32 {
  let at = row * hidden + unit;
  return h[at / 4u][at % 4u];
}
@compute @workgroup_size(${across * groups})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let lane = group.y;
  let firstRow = group.x * ${rows}u;
  let column = thread % ${across}u;
  let ownRow = (thread / ${across}u) * ${rowsOfThread}u;
${readStates(layer)}
  workgroupBarrier();
  for (var s = 0u; s < size.steps; s++) {
    let t = ${reverse ? 'size.steps - 1u - s' : 's'};
${eachPlace(layer, ({ id }) => `    var n${id} = 0.0;`)}
${each(unitsOfThread, (unit) => computeUnit(layer, unit))}
    workgroupBarrier();
${eachPlace(layer, (place) => writeStep(layer, place))}
    workgroupBarrier();
  }
${eachPlace(layer, (place) => writeFinalState(layer, place))}
}`;
}

/** The initial h of the tile into workgroup memory, c into registers. */
function readStates(layer: RecurrentLayer): string {
  const { cell, hidden, tile } = layer;
  return `  for (var i = thread; i < ${tile.rows * hidden}u; i += ${tile.across * tile.groups}u) {
    let row = firstRow + i / hidden;
    var value = 0.0;
    if (row < size.batch) { value = state0[(lane * size.batch + row) * hidden + i % hidden]; }
    h[i / 4u][i % 4u] = value;
  }
${
  cell === 'lstm'
    ? eachPlace(
        layer,
        ({ id, batchRow, column }) => `  var c${id} = 0.0;
  if (${batchRow} < size.batch) { c${id} = state1[(lane * size.batch + ${batchRow}) * hidden + ${column}]; }`,
      )
    : ''
}`;
}

/** The next h of one unit of a thread, for all of its rows, into n…; c in place. */
function computeUnit(layer: RecurrentLayer, unit: number): string {
  const { cell, hidden, tile, biased } = layer;
  const gates = gateCounts[cell];
  const at = (gate: number): string => `${gate * hidden}u + column + ${unit * tile.across}u`;
  const eachRow = (text: (row: number) => string): string => each(tile.rowsOfThread, text);
  const weight = (gate: number, k: number): string => `weights[head + ${k * gates * hidden}u + ${at(gate)}]`;
  return `    {
${each(gates, (gate) => {
  const start = biased ? `bias[lane * ${gates * hidden}u + ${at(gate)}]` : '0.0';
  return eachRow((row) => `      var a${gate}_${row} = ${start};`);
})}
      for (var k = 0u; k < ${hidden / 4}u; k++) {
        let head = (lane * hidden + 4u * k) * ${gates * hidden}u;
${each(gates, (gate) => `        let w${gate} = vec4<f32>(${[0, 1, 2, 3].map((k) => weight(gate, k)).join(', ')});`)}
${eachRow(
  (row) => `        let x${row} = h[(ownRow + ${row}u) * ${hidden / 4}u + k];
${each(gates, (gate) => `        a${gate}_${row} += dot(w${gate}, x${row});`)}`,
)}
      }
${eachRow((row) => applyCell(layer, placeAt(tile, unit, row), at))}
    }`;
}

/** The cell of one place, from the sums a… of its gates. */
function applyCell(layer: RecurrentLayer, place: Place, at: (gate: number) => string): string {
  const { cell, hidden, training, masked } = layer;
  return `      {
        let row = ${place.batchRow};
        if (row < size.batch) {
          let step = (lane * size.steps + t) * size.batch + row;
          let p = step * ${gateCounts[cell] * hidden}u;
          ${masked ? 'let isValid = valid[step] != 0;' : ''}
          ${training ? `let savedAt = step * ${savedCounts[cell] * hidden}u + ${place.column};` : ''}
${cellCode(layer, place, at)}
        }
      }`;
}

function cellCode(layer: RecurrentLayer, { id, row, tileRow, column }: Place, at: (gate: number) => string): string {
  const { cell, hidden, training, masked } = layer;
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
      return `          let i = sigmoid(${sum(0)});
          let f = sigmoid(${sum(1)});
          let g = stableTanh(${sum(2)});
          let o = sigmoid(${sum(3)});
          let c = f * c${id} + i * g;
          n${id} = o * stableTanh(c);
          c${id} = ${masked ? `select(c${id}, c, isValid)` : 'c'};
${save(['i', 'f', 'g', 'o', `c${id}`])}`;
    case 'gru':
      return `          let r = sigmoid(${sum(0)});
          let z = sigmoid(${sum(1)});
          let n = stableTanh(projected[p + ${at(2)}] + r * a2_${row});
          n${id} = n + z * (stateAt(${tileRow}, ${column}) - n);
${save(['r', 'z', 'n', `a2_${row}`])}`;
  }
}

/** h and the outputs of one place after a step; of a masked one h stays and the output is 0. */
function writeStep({ masked, training }: RecurrentLayer, { id, tileRow, batchRow, column }: Place): string {
  return `    {
      let row = ${batchRow};
      if (row < size.batch) {
        let at = ((lane * size.steps + t) * size.batch + row) * hidden + ${column};
        let own = (${tileRow}) * hidden + ${column};
        ${masked ? `let isValid = valid[(lane * size.steps + t) * size.batch + row] != 0;` : ''}
        ${masked ? 'if (isValid) {' : ''}
        h[own / 4u][own % 4u] = n${id};
        outputs[at] = n${id};
        ${masked ? '} else { outputs[at] = 0.0; }' : ''}
        ${training && masked ? 'hiddens[at] = h[own / 4u][own % 4u];' : ''}
      }
    }`;
}

function writeFinalState({ cell }: RecurrentLayer, { id, tileRow, batchRow, column }: Place): string {
  return `  if (${batchRow} < size.batch) {
    let at = (lane * size.batch + ${batchRow}) * hidden + ${column};
    hT[at] = stateAt(${tileRow}, ${column});
    ${cell === 'lstm' ? `cT[at] = c${id};` : ''}
  }`;
}
