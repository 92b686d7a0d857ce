import { activations } from './activations';
import { gatesOf, savedOf, type RecurrentCell } from './recurrent-shape';
import type { RecurrentShader } from './recurrent';
import { each, type Shader } from './shader';

/**
 * Backpropagation through time (Werbos 1990) of a recurrent layer in one dispatch, the same workgroups as forwards. A thread has dh and dc of its units in
 * registers; the gradient of one gate at a time goes through workgroup memory to all threads, which add its product with the transposed weights.
 *
 * Inputs: transposed [lane, gates·hidden, hidden], saved and, for gru, hiddens (h after each step) of the forward shader, valid, state0 (gru) or state1
 * (lstm), ofOutputs, ofHT, ofCT (lstm). Outputs: ofProjected [lane, time, batch, gates·hidden], for gru ofRecurrent as large (the gradient of the
 * recurrent product), ofH0, ofC0, and where it is `probed` ofHiddens, the gradient of h after each step, 0 where that
 * does not count. Numbers: steps, batch.
 */
export function recurrentGradientShader(layer: RecurrentShader & { probed: boolean }): Shader {
  const { cell, hidden, tile, reverse, masked, probed } = layer;
  const [isLstm, isGru] = [cell === 'lstm', cell === 'gru'];
  const { rows, across, unitsOfThread, groups, rowsOfThread } = tile;
  const gates = gatesOf[cell];
  const threads = across * groups;
  const eachPlace = (text: (place: string, unit: number, row: number) => string): string =>
    each(unitsOfThread, (unit) => each(rowsOfThread, (row) => text(`${unit}_${row}`, unit, row)));
  const read = (name: string, unit: number, row: number): string =>
    `${name}[(lane * size.batch + firstRow + ownRow + ${row}u) * hidden + column + ${unit * across}u]`;

  const code = `
${activations}
const hidden = ${hidden}u;
var<workgroup> z: array<vec4<f32>, ${(rows * hidden) / 4}>;
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let lane = group.y;
  let firstRow = group.x * ${rows}u;
  let column = thread % ${across}u;
  let ownRow = (thread / ${across}u) * ${rowsOfThread}u;
${eachPlace(
  (place, unit, row) => `  var h${place} = 0.0;
  ${isLstm ? `var c${place} = 0.0;` : ''}
  if (firstRow + ownRow + ${row}u < size.batch) {
    h${place} = ${read('ofHT', unit, row)};
    ${isLstm ? `c${place} = ${read('ofCT', unit, row)};` : ''}
  }`,
)}
  for (var s = 0u; s < size.steps; s++) {
    let t = ${reverse ? 's' : 'size.steps - 1u - s'};
    let isFirst = s + 1u == size.steps;
    let before = ${reverse ? 't + 1u' : 't - 1u'};
${eachPlace(
  (place, unit, row) => `    var direct${place} = 0.0;
${each(gates, (gate) => `    var d${gate}_${place} = 0.0;`)}
    {
      let row = firstRow + ownRow + ${row}u;
      if (row < size.batch) {
        let step = (lane * size.steps + t) * size.batch + row;
        let kept = step * ${savedOf[cell] * hidden}u + column + ${unit * across}u;
        direct${place} = h${place};
        ${probed && masked ? `ofHiddens[step * hidden + column + ${unit * across}u] = 0.0;` : ''}
        ${masked ? 'if (valid[step] != 0) {' : ''}
        let dh = h${place} + ofOutputs[step * hidden + column + ${unit * across}u];
        ${probed ? `ofHiddens[step * hidden + column + ${unit * across}u] = dh;` : ''}
${slopes(cell, place, unit, row)}
        ${masked ? '}' : ''}
        let p = step * ${gates * hidden}u + column + ${unit * across}u;
${each(gates, (gate) => `        ofProjected[p + ${gate * hidden}u] = d${gate}_${place};`)}
        ${isGru ? `d2_${place} = d2_${place} * saved[kept];` : ''}
${isGru ? each(gates, (gate) => `        ofRecurrent[p + ${gate * hidden}u] = d${gate}_${place};`) : ''}
      }
    }`,
)}
${each(
  gates,
  (gate) => `    workgroupBarrier();
${eachPlace(
  (place, unit, row) => `    {
      let at = (ownRow + ${row}u) * hidden + column + ${unit * across}u;
      z[at / 4u][at % 4u] = d${gate}_${place};
    }`,
)}
    workgroupBarrier();
    for (var k = 0u; k < ${hidden / 4}u; k++) {
      let head = (lane * ${gates * hidden}u + ${gate * hidden}u + 4u * k) * hidden + column;
${each(
  unitsOfThread,
  (unit) =>
    `      let w${unit} = vec4<f32>(${[0, 1, 2, 3].map((k) => `transposed[head + ${k * hidden + unit * across}u]`).join(', ')});`,
)}
${each(
  rowsOfThread,
  (row) => `      let x${row} = z[(ownRow + ${row}u) * ${hidden / 4}u + k];
${each(unitsOfThread, (unit) => `      direct${unit}_${row} += dot(w${unit}, x${row});`)}`,
)}
    }`,
)}
${eachPlace((place) => `    h${place} = direct${place};`)}
  }
${eachPlace(
  (place, unit, row) => `  if (firstRow + ownRow + ${row}u < size.batch) {
    ${read('ofH0', unit, row)} = h${place};
    ${isLstm ? `${read('ofC0', unit, row)} = c${place};` : ''}
  }`,
)}
}`;
  return {
    key: `recurrent gradient ${JSON.stringify(layer)}`,
    outputs: [
      'ofProjected',
      ...(isGru ? ['ofRecurrent'] : []),
      'ofH0',
      ...(isLstm ? ['ofC0'] : []),
      ...(probed ? ['ofHiddens'] : []),
    ],
    inputs: [
      ['transposed', 'f32'],
      ['saved', 'f32'],
      ...(isGru ? [['hiddens', 'f32'] as const] : []),
      ...(masked ? [['valid', 'i32'] as const] : []),
      ...(isGru ? [['state0', 'f32'] as const] : []),
      ...(isLstm ? [['state1', 'f32'] as const] : []),
      ['ofOutputs', 'f32'],
      ['ofHT', 'f32'],
      ...(isLstm ? [['ofCT', 'f32'] as const] : []),
    ],
    numbers: ['steps', 'batch'],
    code,
  };

  /** The gradients of a step's gates into d…, what goes past the product into direct…, and c's in place. */
  function slopes(name: RecurrentCell, place: string, unit: number, row: number): string {
    const saved = (index: number): string => `saved[kept + ${index * hidden}u]`;
    /** What stood before this step: in `where`, `width` units a step, at `offset`, or the first state. */
    const earlier = (where: string, width: number, offset: number, first: string): string =>
      `var was = 0.0;
        if (isFirst) { was = ${read(first, unit, row)}; }
        else { was = ${where}[((lane * size.steps + before) * size.batch + row) * ${width}u + ${offset + unit * across}u + column]; }`;
    switch (name) {
      case 'rnn-tanh':
        return `        let a = ${saved(0)};
        d0_${place} = dh * (1.0 - a * a);
        direct${place} = 0.0;`;
      case 'rnn-relu':
        return `        d0_${place} = select(0.0, dh, ${saved(0)} > 0.0);
        direct${place} = 0.0;`;
      case 'lstm':
        return `        ${earlier('saved', savedOf.lstm * hidden, 4 * hidden, 'state1')}
        let i = ${saved(0)};
        let f = ${saved(1)};
        let g = ${saved(2)};
        let o = ${saved(3)};
        let q = squash(${saved(4)});
        let dc = c${place} + dh * o * (1.0 - q * q);
        d0_${place} = dc * g * (i - i * i);
        d1_${place} = dc * was * (f - f * f);
        d2_${place} = dc * i * (1.0 - g * g);
        d3_${place} = dh * q * (o - o * o);
        c${place} = dc * f;
        direct${place} = 0.0;`;
      case 'gru':
        return `        ${earlier('hiddens', hidden, 0, 'state0')}
        let r = ${saved(0)};
        let q = ${saved(1)};
        let n = ${saved(2)};
        let dn = dh * (1.0 - q) * (1.0 - n * n);
        d0_${place} = dn * ${saved(3)} * (r - r * r);
        d1_${place} = dh * (was - n) * (q - q * q);
        d2_${place} = dn;
        direct${place} = dh * q;`;
    }
  }
}
