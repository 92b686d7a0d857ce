import { entryPoint, type Shader } from './shader';

/** Threads of a workgroup, each with a row of queries or of keys. */
export const rowsOfAttention = 64;

/** The most numbers of a head that a thread keeps in its own memory. */
export const mostOfHead = 256;

/** A head of attention as a shader is written for it. */
export interface AttentionHead {
  /** Numbers of a query, a key and a value. */
  size: number;
  masked: boolean;
  /** Rows that a workgroup has in its memory at once. */
  rows: number;
}

/** The rows that fit into a workgroup's memory of `bytes`. */
export const rowsHeld = (size: number, bytes: number): number =>
  Math.max(1, Math.min(rowsOfAttention, Math.floor(bytes / (4 * (2 * size + 4)))));

/** A head as vectors of four numbers where it can be, else as single ones. */
function vectors(size: number) {
  const isWhole = size % 4 === 0;
  const parts = [0, 1, 2, 3];
  return {
    type: isWhole ? 'vec4<f32>' : 'f32',
    count: isWhole ? size / 4 : size,
    read: (name: string, at: string): string =>
      isWhole ? `vec4<f32>(${parts.map((part) => `${name}[${at} + ${part}u]`).join(', ')})` : `${name}[${at}]`,
    write: (name: string, at: string, value: string): string =>
      isWhole
        ? parts.map((part) => `${name}[${at} + ${part}u] = ${value}[${part}];`).join(' ')
        : `${name}[${at}] = ${value};`,
    dot: (a: string, b: string): string => (isWhole ? `dot(${a}, ${b})` : `${a} * ${b}`),
  };
}

type Vectors = ReturnType<typeof vectors>;

/** A statement for each vector `u` of a head, which begins at number `place` of a row. */
const eachVector = ({ count, type }: Vectors, text: string): string =>
  `for (var u = 0u; u < ${count}u; u++) { let place = u * ${type === 'f32' ? 1 : 4}u; ${text} }`;

/** What both shaders begin with. `hidden` is the width of a row of all heads. */
const common = ({ size, masked, rows }: AttentionHead, { type, count }: Vectors): string => `
const scale = ${1 / Math.sqrt(size)};
var<workgroup> first: array<${type}, ${rows * count}>;
var<workgroup> second: array<${type}, ${rows * count}>;
struct Item { lane: u32, b: u32, head: u32, block: u32 }
fn itemOf(index: u32) -> Item {
  let item = index / size.blocks;
  return Item(item / size.heads / size.batch, item / size.heads % size.batch, item % size.heads, index % size.blocks);
}
fn rowOf(item: Item, t: u32) -> u32 { return (item.lane * size.steps + t) * size.batch + item.b; }
fn threeAt(item: Item, t: u32, which: u32) -> u32 {
  return ((rowOf(item, t) * 3u + which) * size.heads + item.head) * ${size}u;
}
fn outAt(item: Item, t: u32) -> u32 { return (rowOf(item, t) * size.heads + item.head) * ${size}u; }
fn momentsAt(item: Item, t: u32) -> u32 {
  return 2u * (((item.lane * size.batch + item.b) * size.heads + item.head) * size.steps + t);
}
fn isSeen(item: Item, row: u32, key: u32) -> bool {
  return key == row || (key < row${masked ? ' && valid[rowOf(item, key)] != 0' : ''});
}`;

/** Rows from `begin` on of two arrays into workgroup memory, by all threads; `a` and `b` read a vector at `place` of row `t`. */
const loadRows = ({ rows }: AttentionHead, of: Vectors, a: string, b: string, more = ''): string => `workgroupBarrier();
    for (var own = thread; own < ${rows * of.count}u; own += ${rowsOfAttention}u) {
      let t = begin + own / ${of.count}u;
      let place = own % ${of.count}u * ${of.type === 'f32' ? 1 : 4}u;
      if (t < size.steps) { first[own] = ${a}; second[own] = ${b}; }
    }
    ${more}
    workgroupBarrier();`;

const main = `${entryPoint(rowsOfAttention)}
  let index = group.y * size.across + group.x;`;

/**
 * Causal attention within sequences, a thread for each row of queries: one pass over the keys, whose largest score is not known before
 * (Milakov & Gimelshein 2018). Outputs: out [lane, time, batch, hidden], moments [lane, batch, heads, time, 2], the largest score and the
 * inverse sum of exponentials. Inputs: three [lane, time, batch, 3·hidden], valid? [lane, time, batch]. Numbers: steps, batch, heads,
 * blocks (of 64 rows), items (lanes · batch · heads · blocks), across.
 */
export function selfAttentionShader(head: AttentionHead): Shader {
  const of = vectors(head.size);
  const three = (which: number): string => of.read('three', `threeAt(item, t, ${which}u) + place`);
  return {
    key: `self-attention ${JSON.stringify(head)}`,
    outputs: ['out', 'moments'],
    inputs: [['three', 'f32'], ...(head.masked ? [['valid', 'i32'] as const] : [])],
    numbers: ['steps', 'batch', 'heads', 'blocks', 'items', 'across'],
    code: `${common(head, of)}
${main}
  if (index >= size.items) { return; }
  let item = itemOf(index);
  let row = item.block * ${rowsOfAttention}u + thread;
  let isRow = row < size.steps;
  var q: array<${of.type}, ${of.count}>;
  var sum: array<${of.type}, ${of.count}>;
  if (isRow) { ${eachVector(of, `q[u] = ${of.read('three', 'threeAt(item, row, 0u) + place')};`)} }
  var largest = -3.4e38;
  var total = 0.0;
  let end = min(size.steps, (item.block + 1u) * ${rowsOfAttention}u);
  for (var begin = 0u; begin < end; begin += ${head.rows}u) {
    ${loadRows(head, of, three(1), three(2))}
    for (var key = begin; key < min(end, begin + ${head.rows}u); key++) {
      if (isRow && isSeen(item, row, key)) {
        let own = (key - begin) * ${of.count}u;
        var score = 0.0;
        ${eachVector(of, `score += ${of.dot('q[u]', 'first[own + u]')};`)}
        score *= scale;
        let most = max(largest, score);
        let kept = exp(largest - most);
        let weight = exp(score - most);
        ${eachVector(of, 'sum[u] = sum[u] * kept + weight * second[own + u];')}
        total = total * kept + weight;
        largest = most;
      }
    }
  }
  if (isRow) {
    ${eachVector(of, `let value = sum[u] / total; ${of.write('out', 'outAt(item, row) + place', 'value')}`)}
    moments[momentsAt(item, row)] = largest;
    moments[momentsAt(item, row) + 1u] = 1.0 / total;
  }
}`,
  };
}

/**
 * Its gradient in one dispatch: workgroups for 64 rows of queries, and as many for 64 rows of keys and values, which compute the weights
 * again (Dao et al. 2022). Output: gradThree. Inputs: three, out and moments of the forward shader, gradOut, valid?. Numbers: as there,
 * with items for one of the two kinds.
 */
export function selfAttentionGradientShader(head: AttentionHead): Shader {
  return {
    key: `self-attention gradient ${JSON.stringify(head)}`,
    outputs: ['gradThree'],
    inputs: [
      ...(['three', 'out', 'moments', 'gradOut'] as const).map((name) => [name, 'f32'] as const),
      ...(head.masked ? [['valid', 'i32'] as const] : []),
    ],
    numbers: ['steps', 'batch', 'heads', 'blocks', 'items', 'across'],
    code: `${common(head, vectors(head.size))}
/** Of some rows: the largest score, the inverse sum, and the gradient along the output. */
var<workgroup> ofRows: array<vec3<f32>, ${head.rows}>;
fn factsOf(item: Item, t: u32) -> vec3<f32> {
  var along = 0.0;
  for (var u = 0u; u < ${head.size}u; u++) { along += out[outAt(item, t) + u] * gradOut[outAt(item, t) + u]; }
  return vec3<f32>(moments[momentsAt(item, t)], moments[momentsAt(item, t) + 1u], along);
}
${queriesCode(head)}
${keysCode(head)}
${main}
  if (index < size.items) { gradientOfQueries(thread, itemOf(index)); }
  else if (index < 2u * size.items) { gradientOfKeys(thread, itemOf(index - size.items)); }
}`,
  };
}

/** dS of a row and a key, from vectors of both: `q`, `k`, `dy` and `v` name them, `facts` those of the row. */
const slopeCode = (of: Vectors, { q, k, dy, v, facts }: Record<'q' | 'k' | 'dy' | 'v' | 'facts', string>): string => `
        var score = 0.0;
        var ofWeight = 0.0;
        ${eachVector(of, `score += ${of.dot(q, k)}; ofWeight += ${of.dot(dy, v)};`)}
        let weight = exp(score * scale - ${facts}.x) * ${facts}.y;
        let slope = weight * (ofWeight - ${facts}.z) * scale;`;

function queriesCode(head: AttentionHead): string {
  const of = vectors(head.size);
  const three = (which: number): string => of.read('three', `threeAt(item, t, ${which}u) + place`);
  return `
fn gradientOfQueries(thread: u32, item: Item) {
  let row = item.block * ${rowsOfAttention}u + thread;
  let isRow = row < size.steps;
  var q: array<${of.type}, ${of.count}>;
  var dy: array<${of.type}, ${of.count}>;
  var dq: array<${of.type}, ${of.count}>;
  var facts = vec3<f32>();
  if (isRow) {
    ${eachVector(of, `q[u] = ${of.read('three', 'threeAt(item, row, 0u) + place')};`)}
    ${eachVector(of, `dy[u] = ${of.read('gradOut', 'outAt(item, row) + place')};`)}
    facts = factsOf(item, row);
  }
  let end = min(size.steps, (item.block + 1u) * ${rowsOfAttention}u);
  for (var begin = 0u; begin < end; begin += ${head.rows}u) {
    ${loadRows(head, of, three(1), three(2))}
    for (var key = begin; key < min(end, begin + ${head.rows}u); key++) {
      if (isRow && isSeen(item, row, key)) {
        let own = (key - begin) * ${of.count}u;
        ${slopeCode(of, { q: 'q[u]', k: 'first[own + u]', dy: 'dy[u]', v: 'second[own + u]', facts: 'facts' })}
        ${eachVector(of, 'dq[u] += slope * first[own + u];')}
      }
    }
  }
  if (isRow) { ${eachVector(of, of.write('gradThree', 'threeAt(item, row, 0u) + place', 'dq[u]'))} }
}`;
}

function keysCode(head: AttentionHead): string {
  const of = vectors(head.size);
  const query = of.read('three', 'threeAt(item, t, 0u) + place');
  const arriving = of.read('gradOut', 'outAt(item, t) + place');
  const facts = `for (var own = thread; own < ${head.rows}u; own += ${rowsOfAttention}u) {
      if (begin + own < size.steps) { ofRows[own] = factsOf(item, begin + own); }
    }`;
  return `
fn gradientOfKeys(thread: u32, item: Item) {
  let key = item.block * ${rowsOfAttention}u + thread;
  let isKey = key < size.steps;
  var k: array<${of.type}, ${of.count}>;
  var v: array<${of.type}, ${of.count}>;
  var dk: array<${of.type}, ${of.count}>;
  var dv: array<${of.type}, ${of.count}>;
  if (isKey) {
    ${eachVector(of, `k[u] = ${of.read('three', 'threeAt(item, key, 1u) + place')};`)}
    ${eachVector(of, `v[u] = ${of.read('three', 'threeAt(item, key, 2u) + place')};`)}
  }
  // No row before the first key of this workgroup sees one of its keys.
  for (var begin = item.block * ${rowsOfAttention}u; begin < size.steps; begin += ${head.rows}u) {
    ${loadRows(head, of, query, arriving, facts)}
    for (var row = begin; row < min(size.steps, begin + ${head.rows}u); row++) {
      if (isKey && isSeen(item, row, key)) {
        let own = (row - begin) * ${of.count}u;
        let facts = ofRows[row - begin];
        ${slopeCode(of, { q: 'first[own + u]', k: 'k[u]', dy: 'second[own + u]', v: 'v[u]', facts: 'facts' })}
        ${eachVector(of, 'dk[u] += slope * first[own + u]; dv[u] += weight * second[own + u];')}
      }
    }
  }
  if (isKey) {
    ${eachVector(of, of.write('gradThree', 'threeAt(item, key, 1u) + place', 'dk[u]'))}
    ${eachVector(of, of.write('gradThree', 'threeAt(item, key, 2u) + place', 'dv[u]'))}
  }
}`;
}
