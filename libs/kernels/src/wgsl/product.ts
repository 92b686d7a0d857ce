import { each, type Shader } from './shader';

/** Steps of the inner sum that a workgroup has in its memory at once. */
const depth = 16;
/** Threads beside and below each other. */
const side = 16;
/** Vectors from one step to the next: one more than there are, so that threads that write different steps write different banks. */
const stride = side + 1;

/** Numbers of a row or column of threads: 4, or 2 where fewer would be padding. */
export type ThreadTile = 2 | 4;

export interface ProductShape {
  transposeA: boolean;
  transposeB: boolean;
  biased: boolean;
  /** Rows of a (which is transposed) that come `shift` before or after, and at the sequence's edge from `first`; undefined for a as it is. */
  shifted?: 'before' | 'after' | undefined;
  rows: ThreadTile;
  columns: ThreadTile;
}

/** How a product is cut up; by the shape of one lane alone, so that its numbers do not depend on the others. */
export interface ProductCut {
  rows: ThreadTile;
  columns: ThreadTile;
  /** Tiles below and beside each other. */
  tiles: readonly [number, number];
  /** Parts of the inner sum, and the length of each but the last. */
  parts: number;
  stretch: number;
}

/** Tiles of a lane that keep a GPU busy; where a long inner sum has fewer, it is cut. */
const enoughTiles = 64;
/** A part is no shorter. */
const shortestPart = 256;

export function productCut(m: number, n: number, k: number): ProductCut {
  const wide = side * 4;
  const tileOf = (size: number): ThreadTile =>
    Math.ceil(size / wide) * wide > 1.25 * Math.ceil(size / (side * 2)) * side * 2 ? 2 : 4;
  const [rows, columns] = [tileOf(m), tileOf(n)];
  const tiles = [Math.ceil(m / (side * rows)), Math.ceil(n / (side * columns))] as const;
  const wanted = Math.ceil(enoughTiles / (tiles[0] * tiles[1]));
  const parts = Math.max(1, Math.min(wanted, Math.floor(k / shortestPart)));
  const stretch = Math.ceil(k / parts / depth) * depth;
  return { rows, columns, tiles, parts: Math.ceil(k / stretch), stretch };
}

/**
 * Products of matrices, one for each lane: out [lane, part, m, n] = a [lane, m, k] · b [lane, k, n] + bias [lane, n], either transposed. A workgroup has a tile of up to
 * 64 × 64, a thread up to 4 × 4 of it in registers; both operands go through workgroup memory, 16 steps of the inner sum at a time. The sum runs over a part of k in
 * its order. Workgroups: tiles, lanes · parts. Numbers: m, n, k, tilesAcross, parts, stretch, ofA and ofB (from one lane's operand to the next; 0 for one of all lanes), shift.
 *
 * `shifted`: a [lane, k, m] is h after each step, and what is multiplied is h before it: a row `shift` (a batch) earlier, or later where the layer reads backwards, and
 * of its first step `first` [lane, shift, m].
 */
export function productShader({ transposeA, transposeB, biased, shifted, rows, columns }: ProductShape): Shader {
  const all = (count: number, text: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => text(index)).join(', ');
  /** A thread's vector of an operand: step `step` of the sum, place `own` among the vectors of a step. Threads beside each other read beside each other. */
  const load = (to: string, from: string, along: boolean, count: ThreadTile, first: string, limit: string): string => `
    {
      let step = ${along ? `thread / ${side}u` : `thread % ${side}u`};
      let own = ${along ? `thread % ${side}u` : `thread / ${side}u`};
      let at = k + step;
      let place = ${first} + own * ${count}u;
      var value = vec${count}<f32>();
      if (at < end) {
${each(count, (index) => {
  const where = along ? `at * ${limit} + place + ${index}u` : `(place + ${index}u) * size.k + at`;
  const read = shifted && from === 'a' ? `before(lane, at, place + ${index}u)` : `${from}[of_${from} + ${where}]`;
  return `        if (place + ${index}u < ${limit}) { value[${index}] = ${read}; }`;
})}
      }
      ${to}[step * ${stride}u + own] = value;
    }`;
  return {
    key: `product ${transposeA} ${transposeB} ${biased} ${shifted} ${rows} ${columns}`,
    outputs: ['out'],
    inputs: [
      ...[['a', 'f32'] as const, ['b', 'f32'] as const],
      ...(biased ? [['bias', 'f32'] as const] : []),
      ...(shifted ? [['first', 'f32'] as const] : []),
    ],
    numbers: ['m', 'n', 'k', 'tilesAcross', 'parts', 'stretch', 'ofA', 'ofB', 'shift'],
    code: `${shifted ? beforeOf(shifted) : ''}
var<workgroup> left: array<vec${rows}<f32>, ${depth * stride}>;
var<workgroup> right: array<vec${columns}<f32>, ${depth * stride}>;
@compute @workgroup_size(${side * side})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let lane = group.y / size.parts;
  let firstRow = (group.x / size.tilesAcross) * ${side * rows}u;
  let firstColumn = (group.x % size.tilesAcross) * ${side * columns}u;
  let of_a = lane * size.ofA;
  let of_b = lane * size.ofB;
  let begin = (group.y % size.parts) * size.stretch;
  let end = min(size.k, begin + size.stretch);
  let across = thread % ${side}u;
  let below = thread / ${side}u;
${each(rows, (row) => `  var sum${row} = vec${columns}<f32>();`)}
  for (var k = begin; k < end; k += ${depth}u) {
    workgroupBarrier();${load('left', 'a', transposeA, rows, 'firstRow', 'size.m')}${load('right', 'b', !transposeB, columns, 'firstColumn', 'size.n')}
    workgroupBarrier();
    for (var step = 0u; step < ${depth}u; step++) {
      let x = left[step * ${stride}u + below];
      let y = right[step * ${stride}u + across];
${each(rows, (row) => `      sum${row} += x[${row}] * y;`)}
    }
  }
  let column = firstColumn + across * ${columns}u;
  let row = firstRow + below * ${rows}u;
  let sums = array<vec${columns}<f32>, ${rows}>(${all(rows, (index) => `sum${index}`)});
${each(
  rows,
  (index) => `  if (row + ${index}u < size.m) {
    let at = (group.y * size.m + row + ${index}u) * size.n + column;
${each(
  columns,
  (place) =>
    `    if (column + ${place}u < size.n) { out[at + ${place}u] = sums[${index}][${place}]${biased ? ` + bias[lane * size.n + column + ${place}u]` : ''}; }`,
)}
  }`,
)}
}`,
  };
}

/** h before a step, of h after each: at the edge of the sequence the first state. */
const beforeOf = (shifted: 'before' | 'after'): string => `
fn before(lane: u32, at: u32, column: u32) -> f32 {
  ${
    shifted === 'before'
      ? `if (at < size.shift) { return first[(lane * size.shift + at) * size.m + column]; }
  return a[(lane * size.k + at - size.shift) * size.m + column];`
      : `if (at + size.shift >= size.k) { return first[(lane * size.shift + at + size.shift - size.k) * size.m + column]; }
  return a[(lane * size.k + at + size.shift) * size.m + column];`
  }
}`;

/** The parts of a product added up in their order, [lane, part, count] → [lane, count], + bias [lane, n]. Numbers: all, count, parts, n, across. */
export const partsShader = (biased: boolean): Shader => ({
  key: `parts of a product ${biased}`,
  outputs: ['out'],
  inputs: [['partial', 'f32'], ...(biased ? [['bias', 'f32'] as const] : [])],
  numbers: ['all', 'count', 'parts', 'n', 'across'],
  code: `
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let at = (group.y * size.across + group.x) * 256u + thread;
  if (at >= size.all) { return; }
  let lane = at / size.count;
  let own = at % size.count;
  var sum = ${biased ? 'bias[lane * size.n + own % size.n]' : '0.0'};
  for (var part = 0u; part < size.parts; part++) { sum += partial[(lane * size.parts + part) * size.count + own]; }
  out[at] = sum;
}`,
});

/** Rows that a workgroup of `rowSumsShader` adds up. */
export const rowsOfSum = 256;

/**
 * Sums over rows, so far as one workgroup goes: x [lane, rows, columns] → out [lane, part, columns], a part for each 256 rows. A workgroup has 64 columns; four threads share the rows of
 * each, and what they have is added in their order. Workgroups: chunks of columns · parts, lanes. Numbers: rows, columns, chunks, parts.
 */
export const rowSumsShader: Shader = {
  key: 'sums of rows',
  outputs: ['out'],
  inputs: [['x', 'f32']],
  numbers: ['rows', 'columns', 'chunks', 'parts'],
  code: `
var<workgroup> shared_sums: array<f32, 256>;
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let part = group.x / size.chunks;
  let column = (group.x % size.chunks) * 64u + thread % 64u;
  let end = min(size.rows, (part + 1u) * ${rowsOfSum}u);
  var sum = 0.0;
  if (column < size.columns) {
    for (var row = part * ${rowsOfSum}u + thread / 64u; row < end; row += 4u) {
      sum += x[(group.y * size.rows + row) * size.columns + column];
    }
  }
  shared_sums[thread] = sum;
  workgroupBarrier();
  if (thread < 64u && column < size.columns) {
    out[(group.y * size.parts + part) * size.columns + column] =
      shared_sums[thread] + shared_sums[thread + 64u] + shared_sums[thread + 128u] + shared_sums[thread + 192u];
  }
}`,
};
