import { enoughTiles, tileFunction, tileMemory, tileSide, tileThreads, type ThreadTile } from './product';
import { entryPoint, type Shader } from './shader';

/** Columns that a workgroup adds up for the gradient of a bias, and the threads that share the rows of each. */
const columnsOfSum = 16;
const threadsOfSum = tileThreads / columnsOfSum;

/** The longest inner sum of one workgroup: those of longer ones are added up by another dispatch. */
const longestSum = 4096;

/** From this many tiles on, smaller ones would be more than a dispatch can have. */
const mostSmall = 8192;

/** How the gradient of a linear layer is cut up. Depends on the shape of one lane only. */
export interface LinearGradientCut {
  /** Numbers of a thread along each side of a tile. */
  tile: ThreadTile;
  /** Workgroups of a lane for the gradients of x, of the weight (for each part of its sum) and of the bias. */
  groups: { x: number; weight: number; bias: number };
  parts: number;
  stretch: number;
}

export function linearGradientCut(rows: number, inputs: number, outputs: number): LinearGradientCut {
  const cut = (tile: ThreadTile) => {
    const tiles = (down: number, across: number): number =>
      Math.ceil(down / (tileSide * tile)) * Math.ceil(across / (tileSide * tile));
    return { tile, x: tiles(rows, inputs), weight: tiles(inputs, outputs) };
  };
  const large = cut(4);
  const isSmall = Math.min(large.x, large.weight) < enoughTiles && large.x < mostSmall;
  const { tile, x, weight } = isSmall ? cut(2) : large;
  const parts = Math.ceil(rows / longestSum);
  return {
    tile,
    groups: { x, weight: weight * parts, bias: Math.ceil(outputs / columnsOfSum) },
    parts,
    stretch: Math.ceil(rows / parts / 16) * 16,
  };
}

/**
 * The gradients of a linear layer in one dispatch, in workgroups side by side: ofX [lane, rows, inputs] = dy·Wᵀ, where x is positive if
 * `gated`; ofWeight [lane, part, inputs, outputs] = xᵀ·dy; ofBias [lane, outputs], the sum of dy over rows. Inputs: x, weight
 * [lane, inputs, outputs], dy [lane, rows, outputs]. Workgroups: those of x, weight and bias, lanes. Numbers: rows, inputs, outputs,
 * parts, stretch, groupsOfX, groupsOfWeight. With `half` the operands of both products are rounded to float16.
 */
export const linearGradientShader = (thread: ThreadTile, gated: boolean, half = false): Shader => ({
  key: `linear gradient ${thread} ${gated}${half ? ' half' : ''}`,
  half,
  outputs: ['ofX', 'ofWeight', 'ofBias'],
  inputs: [
    ['x', 'f32'],
    ['weight', 'f32'],
    ['dy', 'f32'],
  ],
  numbers: ['rows', 'inputs', 'outputs', 'parts', 'stretch', 'groupsOfX', 'groupsOfWeight'],
  code: `
${tileMemory(thread, thread, half)}
${tileFunction({
  ...{ name: 'tileOfX', a: 'dy', b: 'weight', out: 'ofX', m: 'size.rows', n: 'size.inputs', k: 'size.outputs' },
  ...{ transposeA: false, transposeB: true, biased: false, gated, gate: 'x', rows: thread, columns: thread, half },
})}
${tileFunction({
  ...{ name: 'tileOfWeight', a: 'x', b: 'dy', out: 'ofWeight', m: 'size.inputs', n: 'size.outputs', k: 'size.rows' },
  ...{ transposeA: true, transposeB: false, biased: false, rows: thread, columns: thread, half },
})}
var<workgroup> sums: array<f32, ${tileThreads}>;
fn sumOfRows(thread: u32, lane: u32, first: u32) {
  let column = first + thread % ${columnsOfSum}u;
  var sum = 0.0;
  if (column < size.outputs) {
    for (var row = thread / ${columnsOfSum}u; row < size.rows; row += ${threadsOfSum}u) {
      sum += dy[(lane * size.rows + row) * size.outputs + column];
    }
  }
  sums[thread] = sum;
  workgroupBarrier();
  if (thread < ${columnsOfSum}u && column < size.outputs) {
    var all = 0.0;
    for (var own = 0u; own < ${threadsOfSum}u; own++) { all += sums[own * ${columnsOfSum}u + thread]; }
    ofBias[lane * size.outputs + column] = all;
  }
}
${entryPoint(tileThreads)}
  let lane = group.y;
  let ofRows = lane * size.rows * size.inputs;
  let ofDy = lane * size.rows * size.outputs;
  if (group.x < size.groupsOfX) {
    let across = (size.inputs + ${tileSide * thread - 1}u) / ${tileSide * thread}u;
    let place = vec2<u32>(group.x / across, group.x % across);
    tileOfX(thread, lane, lane, place, ofDy, lane * size.inputs * size.outputs, 0u, size.outputs);
  } else if (group.x < size.groupsOfX + size.groupsOfWeight) {
    let own = group.x - size.groupsOfX;
    let part = own % size.parts;
    let across = (size.outputs + ${tileSide * thread - 1}u) / ${tileSide * thread}u;
    let place = vec2<u32>(own / size.parts / across, own / size.parts % across);
    let begin = part * size.stretch;
    tileOfWeight(thread, lane, lane * size.parts + part, place, ofRows, ofDy, begin, min(size.rows, begin + size.stretch));
  } else {
    sumOfRows(thread, lane, (group.x - size.groupsOfX - size.groupsOfWeight) * ${columnsOfSum}u);
  }
}`,
});
