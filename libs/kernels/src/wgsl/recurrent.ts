import { activations } from './activations';
import { gatesOf, savedOf, type RecurrentCell, type Tile } from './recurrent-shape';
import { each, type Shader } from './shader';

export interface RecurrentShader {
  cell: RecurrentCell;
  hidden: number;
  tile: Tile;
  reverse: boolean;
  training: boolean;
  /** Whether there is a mask; and a bias of the recurrent product, gru only. */
  masked: boolean;
  biased: boolean;
}

/**
 * A recurrent layer over a whole sequence in one dispatch. A workgroup has some rows of a lane's batch: h lies in its memory, a thread computes all
 * gates of its units for its rows, and the lane's weights come from the cache, once a step for all rows. Workgroups: (⌈batch / rows⌉, lanes).
 *
 * Outputs: outputs [lane, time, batch, hidden], hT, cT (lstm), with `training` saved [lane, time, batch, saved·hidden] — the activated gates and
 * c, or the recurrent product of the gate n — and with a mask too hiddens, h after each step, as wide as the outputs. Numbers: steps, batch.
 */
export function recurrentShader(layer: RecurrentShader): Shader {
  const { cell, hidden, tile, reverse, training, masked, biased } = layer;
  const [isLstm, keepsAll] = [cell === 'lstm', training && masked];
  const { rows, across, unitsOfThread, groups, rowsOfThread } = tile;
  const gates = gatesOf[cell];
  const threads = across * groups;
  const place = (unit: number, row: number): string => `${unit}_${row}`;
  const eachPlace = (text: (unit: number, row: number) => string): string =>
    each(unitsOfThread, (unit) => each(rowsOfThread, (row) => text(unit, row)));

  const code = `
${activations}
const hidden = ${hidden}u;
var<workgroup> h: array<vec4<f32>, ${(rows * hidden) / 4}>;
fn stateAt(row: u32, unit: u32) -> f32 {
  let at = row * hidden + unit;
  return h[at / 4u][at % 4u];
}
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let lane = group.y;
  let firstRow = group.x * ${rows}u;
  let column = thread % ${across}u;
  let ownRow = (thread / ${across}u) * ${rowsOfThread}u;
  for (var i = thread; i < ${rows * hidden}u; i += ${threads}u) {
    let row = firstRow + i / hidden;
    var value = 0.0;
    if (row < size.batch) { value = state0[(lane * size.batch + row) * hidden + i % hidden]; }
    h[i / 4u][i % 4u] = value;
  }
${
  isLstm
    ? eachPlace(
        (unit, row) => `  var c${place(unit, row)} = 0.0;
  if (firstRow + ownRow + ${row}u < size.batch) { c${place(unit, row)} = state1[(lane * size.batch + firstRow + ownRow + ${row}u) * hidden + column + ${unit * across}u]; }`,
      )
    : ''
}
  workgroupBarrier();
  for (var s = 0u; s < size.steps; s++) {
    let t = ${reverse ? 'size.steps - 1u - s' : 's'};
${eachPlace((unit, row) => `    var n${place(unit, row)} = 0.0;`)}
${each(unitsOfThread, (unit) => unitOfStep(layer, unit))}
    workgroupBarrier();
${eachPlace(
  (unit, row) => `    {
      let row = firstRow + ownRow + ${row}u;
      if (row < size.batch) {
        let at = ((lane * size.steps + t) * size.batch + row) * hidden + column + ${unit * across}u;
        let own = (ownRow + ${row}u) * hidden + column + ${unit * across}u;
        ${masked ? `let counts = valid[(lane * size.steps + t) * size.batch + row] != 0;` : ''}
        ${masked ? 'if (counts) {' : ''}
        h[own / 4u][own % 4u] = n${place(unit, row)};
        outputs[at] = n${place(unit, row)};
        ${masked ? '} else { outputs[at] = 0.0; }' : ''}
        ${keepsAll ? 'hiddens[at] = h[own / 4u][own % 4u];' : ''}
      }
    }`,
)}
    workgroupBarrier();
  }
${eachPlace(
  (unit, row) => `  if (firstRow + ownRow + ${row}u < size.batch) {
    let at = (lane * size.batch + firstRow + ownRow + ${row}u) * hidden + column + ${unit * across}u;
    hT[at] = stateAt(ownRow + ${row}u, column + ${unit * across}u);
    ${isLstm ? `cT[at] = c${place(unit, row)};` : ''}
  }`,
)}
}`;
  return {
    key: `recurrent ${JSON.stringify(layer)}`,
    outputs: [
      'outputs',
      'hT',
      ...(isLstm ? ['cT'] : []),
      ...(training ? ['saved'] : []),
      ...(keepsAll ? ['hiddens'] : []),
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
    code,
  };

  /** The next h of one unit of a thread, for all of its rows, into n…; c in place. */
  function unitOfStep({ cell: name }: RecurrentShader, unit: number): string {
    const at = (gate: number): string => `${gate * hidden}u + column + ${unit * across}u`;
    const product = (gate: number, row: number): string => `a${gate}_${row}`;
    const step = `      let row = firstRow + ownRow + `;
    return `    {
${each(gates, (gate) => each(rowsOfThread, (row) => `      var ${product(gate, row)} = ${biased ? `bias[lane * ${gates * hidden}u + ${at(gate)}]` : '0.0'};`))}
      for (var k = 0u; k < ${hidden / 4}u; k++) {
        let head = (lane * hidden + 4u * k) * ${gates * hidden}u;
${each(
  gates,
  (gate) =>
    `        let w${gate} = vec4<f32>(${[0, 1, 2, 3].map((k) => `weights[head + ${k * gates * hidden}u + ${at(gate)}]`).join(', ')});`,
)}
${each(
  rowsOfThread,
  (row) => `        let x${row} = h[(ownRow + ${row}u) * ${hidden / 4}u + k];
${each(gates, (gate) => `        ${product(gate, row)} += dot(w${gate}, x${row});`)}`,
)}
      }
${each(
  rowsOfThread,
  (row) => `      {
  ${step}${row}u;
        if (row < size.batch) {
          let step = (lane * size.steps + t) * size.batch + row;
          let p = step * ${gates * hidden}u;
          ${masked ? 'let counts = valid[step] != 0;' : ''}
          ${training ? `let kept = step * ${savedOf[name] * hidden}u + column + ${unit * across}u;` : ''}
${cellStep(name, unit, row, at)}
        }
      }`,
)}
    }`;
  }

  function cellStep(name: RecurrentCell, unit: number, row: number, at: (gate: number) => string): string {
    const next = `n${unit}_${row}`;
    const sum = (gate: number): string => `projected[p + ${at(gate)}] + a${gate}_${row}`;
    const keep = (values: readonly string[]): string =>
      training ? values.map((value, index) => `          saved[kept + ${index * hidden}u] = ${value};`).join('\n') : '';
    switch (name) {
      case 'rnn-tanh':
        return `          ${next} = squash(${sum(0)});\n${keep([next])}`;
      case 'rnn-relu':
        return `          ${next} = max(${sum(0)}, 0.0);\n${keep([next])}`;
      case 'lstm':
        return `          let i = logistic(${sum(0)});
          let f = logistic(${sum(1)});
          let g = squash(${sum(2)});
          let o = logistic(${sum(3)});
          let c = f * c${unit}_${row} + i * g;
          ${next} = o * squash(c);
          c${unit}_${row} = ${masked ? `select(c${unit}_${row}, c, counts)` : 'c'};
${keep(['i', 'f', 'g', 'o', `c${unit}_${row}`])}`;
      case 'gru':
        return `          let r = logistic(${sum(0)});
          let z = logistic(${sum(1)});
          let n = squash(projected[p + ${at(2)}] + r * a2_${row});
          ${next} = n + z * (stateAt(ownRow + ${row}u, column + ${unit * across}u) - n);
${keep(['r', 'z', 'n', `a2_${row}`])}`;
    }
  }
}
