import { rowReduction, rowThreads } from './reduction';
import { entryPoint, type Shader } from './shader';

const eachColumn = `for (var i = thread; i < size.width; i += ${rowThreads}u)`;

/**
 * Layer normalisation (Ba, Kiros & Hinton 2016, equation 4), a workgroup for each row. Outputs: out [rows, width], moments [rows, 2], the
 * mean and the inverse deviation. Inputs: x, gain [lane, width], shift? [lane, width]. Numbers: rows (of all lanes), width, rowsPerLane,
 * across (workgroups side by side).
 */
export const layerNormShader = (shifted: boolean): Shader => ({
  key: `layer norm ${shifted}`,
  outputs: ['out', 'moments'],
  inputs: [['x', 'f32'], ['gain', 'f32'], ...(shifted ? [['shift', 'f32'] as const] : [])],
  numbers: ['rows', 'width', 'rowsPerLane', 'across'],
  code: `${rowReduction}
${entryPoint(rowThreads)}
  let row = group.y * size.across + group.x;
  if (row >= size.rows) { return; }
  let head = row * size.width;
  let own = row / size.rowsPerLane * size.width;
  var sum = 0.0;
  ${eachColumn} { sum += x[head + i]; }
  let mean = workgroupSum(thread, sum) / f32(size.width);
  sum = 0.0;
  ${eachColumn} { let centred = x[head + i] - mean; sum += centred * centred; }
  let inverse = inverseSqrt(workgroupSum(thread, sum) / f32(size.width) + 1e-5);
  ${eachColumn} {
    out[head + i] = (x[head + i] - mean) * inverse * gain[own + i]${shifted ? ' + shift[own + i]' : ''};
  }
  if (thread == 0u) {
    moments[2u * row] = mean;
    moments[2u * row + 1u] = inverse;
  }
}`,
});

/** Columns that a workgroup adds up for the gradients of gain and shift, and the threads that share the rows of each. */
export const columnsOfNorm = 4;
const threadsOfNorm = rowThreads / columnsOfNorm;

/**
 * Its gradients in one dispatch: a workgroup for each row of gradX [rows, width], plus `added` of the same shape, then one for every four
 * columns of gradGain and gradShift [lane, width]. Inputs: x, gain, moments, gradOut, added?. Workgroups: rows, then lanes · chunks.
 * Numbers: rows (of all lanes), width, rowsPerLane, lanes, chunks (of four columns), across.
 */
export const layerNormGradientShader = (added: boolean): Shader => ({
  key: `layer norm gradient ${added}`,
  outputs: ['gradX', 'gradGain', 'gradShift'],
  inputs: [
    ...(['x', 'gain', 'moments', 'gradOut'] as const).map((name) => [name, 'f32'] as const),
    ...(added ? [['added', 'f32'] as const] : []),
  ],
  numbers: ['rows', 'width', 'rowsPerLane', 'lanes', 'chunks', 'across'],
  code: `${rowReduction}
fn gradientOfRow(thread: u32, row: u32) {
  let head = row * size.width;
  let own = row / size.rowsPerLane * size.width;
  let mean = moments[2u * row];
  let inverse = moments[2u * row + 1u];
  var sum = 0.0;
  var along = 0.0;
  ${eachColumn} {
    let ofUnit = gradOut[head + i] * gain[own + i];
    sum += ofUnit;
    along += ofUnit * (x[head + i] - mean) * inverse;
  }
  let ofMean = workgroupSum(thread, sum) / f32(size.width);
  let ofUnits = workgroupSum(thread, along) / f32(size.width);
  ${eachColumn} {
    let unit = (x[head + i] - mean) * inverse;
    let slope = (gradOut[head + i] * gain[own + i] - ofMean - unit * ofUnits) * inverse;
    gradX[head + i] = slope${added ? ' + added[head + i]' : ''};
  }
}
var<workgroup> sums: array<vec2<f32>, ${rowThreads}>;
fn gradientOfColumns(thread: u32, lane: u32, first: u32) {
  let column = first + thread % ${columnsOfNorm}u;
  var sum = vec2<f32>();
  if (column < size.width) {
    for (var own = thread / ${columnsOfNorm}u; own < size.rowsPerLane; own += ${threadsOfNorm}u) {
      let row = lane * size.rowsPerLane + own;
      let at = row * size.width + column;
      let arriving = gradOut[at];
      sum += vec2<f32>(arriving * (x[at] - moments[2u * row]) * moments[2u * row + 1u], arriving);
    }
  }
  sums[thread] = sum;
  workgroupBarrier();
  if (thread < ${columnsOfNorm}u && column < size.width) {
    var all = vec2<f32>();
    for (var own = 0u; own < ${threadsOfNorm}u; own++) { all += sums[own * ${columnsOfNorm}u + thread]; }
    gradGain[lane * size.width + column] = all.x;
    gradShift[lane * size.width + column] = all.y;
  }
}
${entryPoint(rowThreads)}
  let index = group.y * size.across + group.x;
  if (index < size.rows) { gradientOfRow(thread, index); }
  else if (index < size.rows + size.lanes * size.chunks) {
    let own = index - size.rows;
    gradientOfColumns(thread, own / size.chunks, own % size.chunks * ${columnsOfNorm}u);
  }
}`,
});
