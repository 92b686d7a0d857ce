import { normaliserBlocks } from './recurrent-normalised';
import { ownCounts, savedOfRow, type RecurrentLayer } from './recurrent-shape';
import { rowsPerSum } from './product';
import { epsilon } from './row-reduction';
import { entryPoint, type Shader } from './shader';

/** The layer whose own parameters have a gradient. */
type OwnLayer = Pick<RecurrentLayer, 'cell' | 'hidden' | 'reverse'>;

/**
 * The gradients of the parameters that only this cell has, summed over steps and batch as far as one workgroup goes: → out [lane, part,
 * own·hidden], a part for every 256 rows [time, batch]. A workgroup takes 64 columns; four threads share the rows of each, and their sums
 * are added in order. Workgroups: chunks of columns · parts, lanes.
 *
 * Inputs: gradient [lane, time, batch, ·] of recurrentGradientShader (gradProjected; with layer normalisation gradSums), saved of
 * recurrentShader; state1 of a peephole-lstm; x·W and its statistics of normaliseShader with layer normalisation. Numbers: rows, batch,
 * chunks, parts.
 */
export function ownGradientShader(layer: OwnLayer): Shader {
  const { cell, hidden } = layer;
  const columns = ownCounts[cell] * hidden;
  const isPeephole = cell === 'peephole-lstm';
  const others = isPeephole ? ['state1'] : ['x', 'statistics'];
  return {
    key: `own gradient ${JSON.stringify(layer)}`,
    outputs: ['out'],
    inputs: ['gradient', 'saved', ...others].map((name) => [name, 'f32'] as const),
    numbers: ['rows', 'batch', 'chunks', 'parts'],
    code: `
const hidden = ${hidden}u;
var<workgroup> sums: array<f32, 256>;
${isPeephole ? peepholeTerm(layer) : normalisedTerm(layer)}
${entryPoint(256)}
  let part = group.x / size.chunks;
  let column = (group.x % size.chunks) * 64u + thread % 64u;
  let end = min(size.rows, (part + 1u) * ${rowsPerSum}u);
  var sum = 0.0;
  if (column < ${columns}u) {
    for (var row = part * ${rowsPerSum}u + thread / 64u; row < end; row += 4u) { sum += term(group.y, row, column); }
  }
  sums[thread] = sum;
  workgroupBarrier();
  if (thread < 64u && column < ${columns}u) {
    out[(group.y * size.parts + part) * ${columns}u + column] =
      sums[thread] + sums[thread + 64u] + sums[thread + 128u] + sums[thread + 192u];
  }
}`,
  };
}

/** The gradients of i and f times c before the step, that of o times c after it. */
function peepholeTerm({ cell, hidden, reverse }: OwnLayer): string {
  const c = `* ${savedOfRow(cell, hidden)}u + ${4 * hidden}u + unit]`;
  const isFirst = reverse ? 'row + size.batch >= size.rows' : 'row < size.batch';
  return `
fn term(lane: u32, row: u32, column: u32) -> f32 {
  let unit = column % hidden;
  let at = (lane * size.rows + row) * ${4 * hidden}u + unit;
  if (column >= ${2 * hidden}u) { return gradient[at + ${3 * hidden}u] * saved[(lane * size.rows + row) ${c}; }
  let dz = gradient[at + (column / hidden) * hidden];
  if (${isFirst}) { return dz * state1[(lane * size.batch + row % size.batch) * hidden + unit]; }
  return dz * saved[(lane * size.rows + row ${reverse ? '+' : '-'} size.batch) ${c};
}`;
}

/** What a step that does not count read may be NaN, and its gradient is 0. */
function normalisedTerm({ cell, hidden }: OwnLayer): string {
  const { gainH, shift, gainC, shiftC } = normaliserBlocks;
  return `
fn term(lane: u32, row: u32, column: u32) -> f32 {
  let at = lane * size.rows + row;
  let unit = column % hidden;
  let sum = gradient[at * ${5 * hidden}u + select(column % ${4 * hidden}u, ${4 * hidden}u + unit, column >= ${gainC * hidden}u)];
  let own = at * ${savedOfRow(cell, hidden)}u;
  if (sum == 0.0 || column >= ${shiftC * hidden}u) { return sum; }
  if (column >= ${gainC * hidden}u) {
    return sum * (saved[own + ${4 * hidden}u + unit] - saved[own + ${9 * hidden + 1}u]) * saved[own + ${9 * hidden + 2}u];
  }
  if (column >= ${shift * hidden}u) { return sum; }
  if (column >= ${gainH * hidden}u) { return sum * saved[own + ${hidden}u + column]; }
  return sum * (x[at * ${4 * hidden}u + column] - statistics[2u * at]) * statistics[2u * at + 1u];
}`;
}

/**
 * Adds up the parts of ownGradientShader in order, and hands each parameter its own: partial [lane, part, all widths] → out0, out1, …
 * [lane, width]. Numbers: all, parts, across.
 */
export function ownPartsShader(widths: readonly number[]): Shader {
  const count = widths.reduce((sum, width) => sum + width, 0);
  let begin = 0;
  const places = widths.map((width, index) => {
    const text = `if (own < ${begin + width}u) { out${index}[lane * ${width}u + own - ${begin}u] = sum; return; }`;
    begin += width;
    return text;
  });
  return {
    key: `own parts ${widths.join(' ')}`,
    outputs: widths.map((_, index) => `out${index}`),
    inputs: [['partial', 'f32']],
    numbers: ['all', 'parts', 'across'],
    code: `
${entryPoint(256)}
  let at = (group.y * size.across + group.x) * 256u + thread;
  if (at >= size.all) { return; }
  let lane = at / ${count}u;
  let own = at % ${count}u;
  var sum = 0.0;
  for (var part = 0u; part < size.parts; part++) { sum += partial[(lane * size.parts + part) * ${count}u + own]; }
  ${places.join('\n  ')}
}`,
  };
}

/** What both shaders over rows share: sums over the 64 threads of a workgroup. */
const rowCode = (body: string): string => `
var<workgroup> sums: array<f32, 64>;
fn total(thread: u32, value: f32) -> f32 {
  workgroupBarrier();
  sums[thread] = value;
  workgroupBarrier();
  var sum = 0.0;
  for (var i = 0u; i < 64u; i++) { sum += sums[i]; }
  return sum;
}
${entryPoint(64)}
  let row = group.y * size.across + group.x;
  if (row >= size.all) { return; }
  let lane = row / size.rows;
${body}
}`;

/**
 * x·W of a layer with normalisation, normalised by row, times its gain and plus the shift: x [lane, rows, columns], own [lane, width]
 * → out, shaped as x, and statistics [lane, rows, 2]: mean and 1/√(variance + ε). A workgroup for each row. Numbers: all, rows, columns,
 * width, shift (where in own the shift begins; the gain is first), across.
 */
export const normaliseShader: Shader = {
  key: 'normalise',
  outputs: ['out', 'statistics'],
  inputs: [
    ['x', 'f32'],
    ['own', 'f32'],
  ],
  numbers: ['all', 'rows', 'columns', 'width', 'shift', 'across'],
  code: rowCode(`  let start = row * size.columns;
  var sum = 0.0;
  for (var i = thread; i < size.columns; i += 64u) { sum += x[start + i]; }
  let mean = total(thread, sum) / f32(size.columns);
  var squares = 0.0;
  for (var i = thread; i < size.columns; i += 64u) {
    let away = x[start + i] - mean;
    squares += away * away;
  }
  let inverse = inverseSqrt(total(thread, squares) / f32(size.columns) + ${epsilon});
  for (var i = thread; i < size.columns; i += 64u) {
    let gain = lane * size.width + i;
    out[start + i] = (x[start + i] - mean) * inverse * own[gain] + own[gain + size.shift];
  }
  if (thread == 0u) {
    statistics[2u * row] = mean;
    statistics[2u * row + 1u] = inverse;
  }`),
};

/**
 * The gradient of x in normaliseShader, 0 in rows whose gradients are all 0. `gradient` [lane, rows, stride] is that of its output in its
 * first columns. Numbers: all, rows, columns, width, stride, across.
 */
export const normaliseGradientShader: Shader = {
  key: 'normalise gradient',
  outputs: ['out'],
  inputs: [
    ['x', 'f32'],
    ['statistics', 'f32'],
    ['own', 'f32'],
    ['gradient', 'f32'],
  ],
  numbers: ['all', 'rows', 'columns', 'width', 'stride', 'across'],
  code: rowCode(`  let start = row * size.columns;
  let mean = statistics[2u * row];
  let inverse = statistics[2u * row + 1u];
  var sum = 0.0;
  var along = 0.0;
  var size0 = 0.0;
  for (var i = thread; i < size.columns; i += 64u) {
    let e = gradient[row * size.stride + i] * own[lane * size.width + i];
    sum += e;
    size0 += abs(e);
    along += e * (x[start + i] - mean) * inverse;
  }
  let isZero = total(thread, size0) == 0.0;
  let meanOfE = total(thread, sum) / f32(size.columns);
  let meanAlong = total(thread, along) / f32(size.columns);
  for (var i = thread; i < size.columns; i += 64u) {
    let e = gradient[row * size.stride + i] * own[lane * size.width + i];
    let u = (x[start + i] - mean) * inverse;
    out[start + i] = select((e - meanOfE - u * meanAlong) * inverse, 0.0, isZero);
  }`),
};
