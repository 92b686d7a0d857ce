import { activations } from './activations';
import { entryPoint, each, type Shader } from './shader';

/** Steps of the inner sum that a workgroup has in its memory at once. */
const depth = 16;
/** Threads along each side of a workgroup. */
const side = 16;
/** Vectors from one step to the next: one more than a step has, so that threads writing different steps hit different banks. */
const stride = side + 1;

/** Numbers per thread along one side: 4, or 2 where 4 would mostly be padding. */
export type ThreadTile = 2 | 4;

/** What becomes of a sum of products, in this order: a bias and `added` are added, then comes the activation, and the gate. */
export interface ProductEnds {
  biased: boolean;
  added?: boolean;
  activation?: 'relu' | 'tanh' | undefined;
  /** Only where another array is positive, the result is not 0. */
  gated?: boolean;
  /** The name of that array. */
  gate?: string;
}

export interface ProductShape extends ProductEnds {
  transposeA: boolean;
  transposeB: boolean;
  /** Read a (which is transposed) `shift` rows before or after, and from `first` at the edge of the sequence; undefined: a itself. */
  shifted?: 'before' | 'after' | undefined;
  rows: ThreadTile;
  columns: ThreadTile;
  /** Whether the operands are rounded to float16, as they are stored in workgroup memory; sums are float32. */
  half?: boolean;
}

/** How a product is cut up. Depends on the shape of one lane only, so that results do not depend on the other lanes. */
export interface ProductCut {
  rows: ThreadTile;
  columns: ThreadTile;
  /** Tiles down and across. */
  tiles: readonly [number, number];
  /** Parts of the inner sum, and the length of each but the last one. */
  parts: number;
  stretch: number;
}

/** Tiles of a lane that keep a GPU busy; with fewer, a long inner sum is split. */
export const enoughTiles = 64;
/** The shortest part of a split sum. */
const shortestPart = 256;

export function productCut(m: number, n: number, k: number): ProductCut {
  const wide = side * 4;
  const chooseTile = (size: number): ThreadTile =>
    Math.ceil(size / wide) * wide > 1.25 * Math.ceil(size / (side * 2)) * side * 2 ? 2 : 4;
  const [rows, columns] = [chooseTile(m), chooseTile(n)];
  const tiles = [Math.ceil(m / (side * rows)), Math.ceil(n / (side * columns))] as const;
  const wanted = Math.ceil(enoughTiles / (tiles[0] * tiles[1]));
  const parts = Math.max(1, Math.min(wanted, Math.floor(k / shortestPart)));
  const stretch = Math.ceil(k / parts / depth) * depth;
  return { rows, columns, tiles, parts: Math.ceil(k / stretch), stretch };
}

/**
 * Products of matrices, one for each lane: out [lane, part, m, n] = a [lane, m, k] · b [lane, k, n] + bias [lane, n], either operand
 * transposed. A workgroup computes a tile of up to 64 × 64, a thread up to 4 × 4 of it in registers; both operands go through workgroup
 * memory, 16 steps of the inner sum at a time. The sum runs over a part of k, in order. Workgroups: tiles, lanes · parts. Numbers: m, n,
 * k, tilesAcross, parts, stretch, strideA and strideB (from one lane's operand to the next; 0 for one that all lanes share), shift.
 *
 * `shifted`: a [lane, k, m] is h after each step, and the product takes h before it: a row `shift` (a batch) earlier, or later where the
 * layer reads backwards, and for the first step `first` [lane, shift, m].
 */
export function productShader(shape: ProductShape): Shader {
  const { transposeA, transposeB, shifted, rows, columns, half = false } = shape;
  return {
    key: `product ${transposeA} ${transposeB} ${endsKey(shape)} ${shifted} ${rows} ${columns}${half ? ' half' : ''}`,
    half,
    outputs: ['out'],
    inputs: [
      ...[['a', 'f32'] as const, ['b', 'f32'] as const],
      ...endsInputs(shape),
      ...(shifted ? [['first', 'f32'] as const] : []),
    ],
    numbers: ['m', 'n', 'k', 'tilesAcross', 'parts', 'stretch', 'strideA', 'strideB', 'shift'],
    code: `${shifted ? hiddenBefore(shifted) : ''}${shape.activation === 'tanh' ? activations : ''}
${tileMemory(rows, columns, half)}
${tileFunction({ ...shape, name: 'tile', a: 'a', b: 'b', out: 'out', m: 'size.m', n: 'size.n', k: 'size.k' })}
${entryPoint(side * side)}
  let lane = group.y / size.parts;
  let begin = (group.y % size.parts) * size.stretch;
  let place = vec2<u32>(group.x / size.tilesAcross, group.x % size.tilesAcross);
  tile(thread, lane, group.y, place, lane * size.strideA, lane * size.strideB, begin, min(size.k, begin + size.stretch));
}`,
  };
}

const endsKey = ({ biased, added = false, activation, gated = false }: ProductEnds): string =>
  `${biased} ${added} ${activation} ${gated}`;

/** What the ends of a product read. */
const endsInputs = ({ biased, added, gated }: ProductEnds): (readonly [string, 'f32'])[] => [
  ...(biased ? [['bias', 'f32'] as const] : []),
  ...(added ? [['added', 'f32'] as const] : []),
  ...(gated ? [['gate', 'f32'] as const] : []),
];

/** The statements that end a sum in `value`; `at` is its place in the output, `ofBias` in the bias. */
const endsCode = (
  { biased, added, activation, gated, gate = 'gate' }: ProductEnds,
  at: string,
  ofBias: string,
): string =>
  [
    biased ? `value += bias[${ofBias}];` : '',
    added ? `value += added[${at}];` : '',
    activation === 'relu' ? 'value = select(value, 0.0, value < 0.0);' : '',
    activation === 'tanh' ? 'value = stableTanh(value);' : '',
    gated ? `value = select(0.0, value, ${gate}[${at}] > 0.0);` : '',
  ].join(' ');

/** What the functions of `tileFunction` share. */
export const tileMemory = (rows: ThreadTile, columns: ThreadTile, half = false): string => `
var<workgroup> left: array<${vector(rows, half)}, ${depth * stride}>;
var<workgroup> right: array<${vector(columns, half)}, ${depth * stride}>;`;

const vector = (count: ThreadTile, half: boolean): string => `vec${count}<${half ? 'f16' : 'f32'}>`;

/** A product by other names than a and b, of m × k and k × n numbers. */
export interface NamedProduct extends ProductShape {
  name: string;
  a: string;
  b: string;
  out: string;
  m: string;
  n: string;
  k: string;
}

/** Threads of a workgroup, and numbers along a side of its tile for each number of a thread. */
export const tileThreads = side * side;
export const tileSide = side;

/**
 * A function that computes a tile: thread, lane, the matrix of the output, the tile down and across, where the lane's operands begin,
 * and the part of the inner sum.
 */
export function tileFunction(product: NamedProduct): string {
  const { name, transposeA, transposeB, rows, columns, shifted, m, n, half = false } = product;
  const asFloats = (count: ThreadTile, value: string): string => (half ? `vec${count}<f32>(${value})` : value);
  const a: Operand = {
    name: product.a,
    start: 'startA',
    isContiguous: transposeA,
    count: rows,
    first: 'firstRow',
    limit: m,
    k: product.k,
    shifted,
    half,
  };
  const b: Operand = {
    name: product.b,
    start: 'startB',
    isContiguous: !transposeB,
    count: columns,
    first: 'firstColumn',
    limit: n,
    k: product.k,
    half,
  };
  return `
fn ${name}(thread: u32, lane: u32, matrix: u32, place: vec2<u32>, startA: u32, startB: u32, begin: u32, end: u32) {
  let firstRow = place.x * ${side * rows}u;
  let firstColumn = place.y * ${side * columns}u;
  let across = thread % ${side}u;
  let below = thread / ${side}u;
${each(rows, (row) => `  var sum${row} = vec${columns}<f32>();`)}
  for (var k = begin; k < end; k += ${depth}u) {
    workgroupBarrier();${loadCode('left', a)}${loadCode('right', b)}
    workgroupBarrier();
    for (var step = 0u; step < ${depth}u; step++) {
      let x = ${asFloats(rows, `left[step * ${stride}u + below]`)};
      let y = ${asFloats(columns, `right[step * ${stride}u + across]`)};
${each(rows, (row) => `      sum${row} += x[${row}] * y;`)}
    }
  }
${storeCode(product)}
}`;
}

interface Operand {
  name: string;
  start: string;
  k: string;
  /** Whether the numbers of one step of the sum are beside each other. */
  isContiguous: boolean;
  /** Numbers of a thread, the first of them in its tile, and how many there are, in WGSL. */
  count: ThreadTile;
  first: string;
  limit: string;
  shifted?: ProductShape['shifted'];
  half: boolean;
}

/** A thread's vector of an operand into workgroup memory: number `own` of step `step` of the sum. Neighbouring threads read neighbours. */
function loadCode(
  target: string,
  { name, start, k, isContiguous, count, first, limit, shifted, half }: Operand,
): string {
  const read = (index: number): string => {
    if (shifted) return `before(lane, at, place + ${index}u)`;
    const offset = isContiguous ? `at * ${limit} + place + ${index}u` : `(place + ${index}u) * ${k} + at`;
    return `${name}[${start} + ${offset}]`;
  };
  return `
    {
      let step = ${isContiguous ? `thread / ${side}u` : `thread % ${side}u`};
      let own = ${isContiguous ? `thread % ${side}u` : `thread / ${side}u`};
      let at = k + step;
      let place = ${first} + own * ${count}u;
      var value = vec${count}<f32>();
      if (at < end) {
${each(count, (index) => `        if (place + ${index}u < ${limit}) { value[${index}] = ${read(index)}; }`)}
      }
      ${target}[step * ${stride}u + own] = ${half ? `${vector(count, half)}(value)` : 'value'};
    }`;
}

/** A thread's sums to `out`, with their ends. */
function storeCode(product: NamedProduct): string {
  const { rows, columns, out, m, n } = product;
  const sums = Array.from({ length: rows }, (_, index) => `sum${index}`).join(', ');
  const write = (row: number, column: number): string => {
    const ends = endsCode(product, `at + ${column}u`, `lane * ${n} + column + ${column}u`);
    return `if (column + ${column}u < ${n}) { var value = sums[${row}][${column}]; ${ends} ${out}[at + ${column}u] = value; }`;
  };
  return `  let column = firstColumn + across * ${columns}u;
  let row = firstRow + below * ${rows}u;
  let sums = array<vec${columns}<f32>, ${rows}>(${sums});
${each(
  rows,
  (row) => `  if (row + ${row}u < ${m}) {
    let at = (matrix * ${m} + row + ${row}u) * ${n} + column;
${each(columns, (column) => `    ${write(row, column)}`)}
  }`,
)}`;
}

/** h before a step, from h after each: at the edge of the sequence the initial state. */
const hiddenBefore = (shifted: 'before' | 'after'): string => `
fn before(lane: u32, at: u32, column: u32) -> f32 {
  ${
    shifted === 'before'
      ? `if (at < size.shift) { return first[(lane * size.shift + at) * size.m + column]; }
  return a[(lane * size.k + at - size.shift) * size.m + column];`
      : `if (at + size.shift >= size.k) { return first[(lane * size.shift + at + size.shift - size.k) * size.m + column]; }
  return a[(lane * size.k + at + size.shift) * size.m + column];`
  }
}`;

/**
 * Adds up the parts of a product in order, with its ends: [lane, part, count] → [lane, count]; bias [lane, n], the others like the
 * output. Numbers: all, count, parts, n, across.
 */
export const partsShader = (ends: ProductEnds): Shader => ({
  key: `product parts ${endsKey(ends)}`,
  outputs: ['out'],
  inputs: [['partial', 'f32'], ...endsInputs(ends)],
  numbers: ['all', 'count', 'parts', 'n', 'across'],
  code: `${ends.activation === 'tanh' ? activations : ''}
${entryPoint(256)}
  let at = (group.y * size.across + group.x) * 256u + thread;
  if (at >= size.all) { return; }
  let lane = at / size.count;
  let own = at % size.count;
  var value = 0.0;
  for (var part = 0u; part < size.parts; part++) { value += partial[(lane * size.parts + part) * size.count + own]; }
  ${endsCode(ends, 'at', 'lane * size.n + own % size.n')}
  out[at] = value;
}`,
});

/** Rows that a workgroup of `rowSumsShader` adds up. */
export const rowsPerSum = 256;

/**
 * Sums over rows, as far as one workgroup goes: x [lane, rows, columns] → out [lane, part, columns], a part for every 256 rows. A
 * workgroup takes 64 columns; four threads share the rows of each, and their sums are added in order. Workgroups: chunks of columns ·
 * parts, lanes. Numbers: rows, columns, chunks, parts.
 */
export const rowSumsShader: Shader = {
  key: 'row sums',
  outputs: ['out'],
  inputs: [['x', 'f32']],
  numbers: ['rows', 'columns', 'chunks', 'parts'],
  code: `
var<workgroup> sums: array<f32, 256>;
${entryPoint(256)}
  let part = group.x / size.chunks;
  let column = (group.x % size.chunks) * 64u + thread % 64u;
  let end = min(size.rows, (part + 1u) * ${rowsPerSum}u);
  var sum = 0.0;
  if (column < size.columns) {
    for (var row = part * ${rowsPerSum}u + thread / 64u; row < end; row += 4u) {
      sum += x[(group.y * size.rows + row) * size.columns + column];
    }
  }
  sums[thread] = sum;
  workgroupBarrier();
  if (thread < 64u && column < size.columns) {
    out[(group.y * size.parts + part) * size.columns + column] =
      sums[thread] + sums[thread + 64u] + sums[thread + 128u] + sums[thread + 192u];
  }
}`,
};
