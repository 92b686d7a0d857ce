import { activations, softplus } from './activations';
import { entryPoint, type Shader } from './shader';

/** An mLSTM (Beck et al. 2024) as shaders are written for it. The equations are those of native/ops/mlstm.h, a step after another. */
export interface MlstmHead {
  /** Units of a head, d. */
  size: number;
  reverse: boolean;
  masked: boolean;
}

/** Threads that compute sums of gates. */
export const mlstmGateThreads = 64;
/** Parts in which sums over the units of a head are added up. */
const parts = 16;

/**
 * How the matrix of a head is divided among threads: one for each column, or row, and every `apart`-th number of it. Vectors in
 * workgroup memory have `length` numbers, 0 after the units.
 */
function cut(size: number) {
  let along = 1;
  while (along < size) along *= 2;
  const threads = along <= 16 ? 64 : 256;
  const apart = threads / along;
  const count = Math.ceil(size / apart);
  return { along, threads, apart, count, length: count * apart };
}

const inputsOf = ({ masked }: MlstmHead, others: readonly string[]): (readonly [string, 'f32' | 'i32'])[] => [
  ...others.map((name) => [name, 'f32'] as const),
  ...(masked ? [['valid', 'i32'] as const] : []),
];

const numbers = ['steps', 'batch', 'hidden', 'heads'];

const functions = (head: MlstmHead): string => `
${activations}
${softplus}
const scale = ${1 / Math.sqrt(head.size)};
struct Item { lane: u32, row: u32, head: u32 }
fn stepAt(item: Item, index: u32) -> u32 {
  return (item.lane * size.steps + ${head.reverse ? 'size.steps - 1u - index' : 'index'}) * size.batch + item.row;
}
/** Where C, n and m of a head are among some states of a row, each C, n and m of all heads. */
fn memoryAt(item: Item, sets: u32, number: u32) -> u32 {
  return ((item.lane * size.batch + item.row) * sets + number) * (size.hidden * ${head.size}u + size.hidden + size.heads);
}
fn matrixAt(item: Item) -> u32 { return item.head * ${head.size * head.size}u; }
fn vectorAt(item: Item) -> u32 { return size.hidden * ${head.size}u + item.head * ${head.size}u; }
fn scalarAt(item: Item) -> u32 { return size.hidden * ${head.size + 1}u + item.head; }
fn counts(step: u32) -> bool { return ${head.masked ? 'valid[step] != 0' : 'true'}; }
/** log f of the sum of its gate. */
fn forgetting(sum: f32) -> f32 { return -softplus(-sum); }
fn leastOf(m: f32) -> f32 { return exp(min(-m, 80.0)); }
`;

/**
 * The sums of the gates i and f of each head: a thread for each. Output: gates [lane, time, batch, 2·heads]. Inputs: projected [lane, time,
 * batch, 4·hidden], the gates' weights [lane, 3·hidden, heads] and biases [lane, 1, heads]. Numbers: rows, hidden, heads. Workgroups:
 * (⌈rows·2·heads / mlstmGateThreads⌉, lanes).
 */
export const mlstmGatesShader: Shader = {
  key: 'mlstm gates',
  outputs: ['gates'],
  inputs: (['projected', 'weightI', 'weightF', 'biasI', 'biasF'] as const).map((name) => [name, 'f32'] as const),
  numbers: ['rows', 'hidden', 'heads'],
  code: `
${entryPoint(mlstmGateThreads)}
  let at = group.x * ${mlstmGateThreads}u + thread;
  if (at >= size.rows * 2u * size.heads) { return; }
  let row = group.y * size.rows + at / (2u * size.heads);
  let head = at % size.heads;
  let isForget = at % (2u * size.heads) >= size.heads;
  let x = row * 4u * size.hidden;
  var w = group.y * 3u * size.hidden * size.heads + head;
  var sum = select(biasI[group.y * size.heads + head], biasF[group.y * size.heads + head], isForget);
  for (var j = 0u; j < 3u * size.hidden; j++) {
    sum += projected[x + j] * select(weightI[w], weightF[w], isForget);
    w += size.heads;
  }
  gates[group.y * size.rows * 2u * size.heads + at] = sum;
}`,
};

/**
 * A whole sequence in one dispatch, a workgroup for each head of a row, whose threads keep its matrix. Workgroups: (heads·batch, lanes).
 *
 * Outputs: outputs [lane, time, batch, hidden], C, n and m [lane, batch, ·] after the last step; with `keeps` saved [lane, time, batch, heads,
 * 4], the sums of i and f, m and n·q, and edges [lane, batch, 2, C and n and m], before the first step and after the last. Inputs: projected,
 * gates, start [lane, batch, C and n and m], valid? Numbers: steps, batch, hidden, heads.
 */
export function mlstmShader(head: MlstmHead & { keeps: boolean }): Shader {
  const { size, keeps } = head;
  const { along, threads, apart, count, length } = cut(size);
  const edge = (number: number, at: string, value: string): string =>
    keeps ? `edges[memoryAt(item, 2u, ${number}u) + ${at}] = ${value};` : '';
  return {
    key: `mlstm ${JSON.stringify(head)}`,
    outputs: ['outputs', 'lastC', 'lastN', 'lastM', ...(keeps ? ['saved', 'edges'] : [])],
    inputs: inputsOf(head, ['projected', 'gates', 'start']),
    numbers,
    code: `${functions(head)}
var<workgroup> qs: array<f32, ${length}>;
var<workgroup> ks: array<f32, ${length}>;
var<workgroup> vs: array<f32, ${length}>;
var<workgroup> products: array<f32, ${length}>;
var<workgroup> sums: array<f32, ${threads}>;
var<workgroup> few: array<f32, ${parts}>;
${entryPoint(threads)}
  let item = Item(group.y, group.x / size.heads, group.x % size.heads);
  let before = memoryAt(item, 1u, 0u);
  let own = item.head * ${size}u + thread;
  let isUnit = thread < ${size}u;
  let column = min(thread % ${along}u, ${size - 1}u);
  let first = thread / ${along}u;
  let isColumn = thread % ${along}u < ${size}u;
  var c: array<f32, ${count}>;
  for (var i = 0u; i < ${count}u; i++) {
    let a = first + i * ${apart}u;
    let at = matrixAt(item) + min(a, ${size - 1}u) * ${size}u + column;
    c[i] = select(0.0, start[before + at], isColumn && a < ${size}u);
    if (isColumn && a < ${size}u) { ${edge(0, 'at', 'c[i]')} }
  }
  var n = 0.0;
  if (isUnit) {
    n = start[before + vectorAt(item) + thread];
    ${edge(0, 'vectorAt(item) + thread', 'n')}
  }
  var m = start[before + scalarAt(item)];
  if (thread == 0u) { ${edge(0, 'scalarAt(item)', 'm')} }
  for (var index = 0u; index < size.steps; index++) {
    let step = stepAt(item, index);
    let isCounted = counts(step);
    let place = step * 4u * size.hidden + own;
    if (isUnit) {
      qs[thread] = projected[place];
      ks[thread] = projected[place + size.hidden] * scale;
      vs[thread] = projected[place + 2u * size.hidden];
    }
    let i = gates[step * 2u * size.heads + item.head];
    let f = gates[step * 2u * size.heads + size.heads + item.head];
    let passed = forgetting(f) + m;
    let next = select(m, max(passed, i), isCounted);
    let kept = select(1.0, exp(passed - next), isCounted);
    let taken = select(0.0, exp(i - next), isCounted);
    workgroupBarrier();
    var sum = 0.0;
    let value = taken * vs[column];
    for (var u = 0u; u < ${count}u; u++) {
      let a = first + u * ${apart}u;
      c[u] = kept * c[u] + ks[a] * value;
      sum += c[u] * qs[a];
    }
    sums[thread] = sum;
    if (isUnit) {
      n = kept * n + taken * ks[thread];
      products[thread] = n * qs[thread];
    }
    workgroupBarrier();
    if (thread < ${parts}u) {
      var some = 0.0;
      for (var u = thread; u < ${size}u; u += ${parts}u) { some += products[u]; }
      few[thread] = some;
    }
    workgroupBarrier();
    var normaliser = 0.0;
    for (var u = 0u; u < ${parts}u; u++) { normaliser += few[u]; }
    if (isUnit) {
      var number = 0.0;
      for (var r = 0u; r < ${apart}u; r++) { number += sums[thread + r * ${along}u]; }
      let h = sigmoid(projected[place + 3u * size.hidden]) * number / max(abs(normaliser), leastOf(next));
      outputs[step * size.hidden + own] = select(0.0, h, isCounted);
    }
    ${
      keeps
        ? `if (thread == 0u) {
      let at = (step * size.heads + item.head) * 4u;
      saved[at] = i; saved[at + 1u] = f; saved[at + 2u] = next; saved[at + 3u] = normaliser;
    }`
        : ''
    }
    m = next;
  }
  let rowAt = item.lane * size.batch + item.row;
  for (var i = 0u; i < ${count}u; i++) {
    let a = first + i * ${apart}u;
    if (isColumn && a < ${size}u) {
      let at = matrixAt(item) + a * ${size}u + column;
      lastC[rowAt * size.hidden * ${size}u + at] = c[i];
      ${edge(1, 'at', 'c[i]')}
    }
  }
  if (isUnit) {
    lastN[rowAt * size.hidden + own] = n;
    ${edge(1, 'vectorAt(item) + thread', 'n')}
  }
  if (thread == 0u) {
    lastM[rowAt * size.heads + item.head] = m;
    ${edge(1, 'scalarAt(item)', 'm')}
  }
}`,
  };
}

/**
 * Its gradient in one dispatch: for each head of a row three workgroups, one that goes forwards for the gradient of q, and of the output
 * gate, and two backwards for those of v and of k, from which those of the gates and states follow. Workgroups: (3·heads·batch, lanes).
 *
 * Outputs: gradInputs [lane, time, batch, 4·hidden], without what the gates give; gradGates [lane, time, batch, 2·heads], of their sums;
 * gradStart [lane, batch, C and n and m]. Inputs: projected, saved, edges, outputs, gradOutputs, gradLast [lane, batch, C and n and m], valid?
 * Numbers: those of the forward shader.
 */
export function mlstmGradientShader(head: MlstmHead): Shader {
  const { threads, length } = cut(head.size);
  return {
    key: `mlstm gradient ${JSON.stringify(head)}`,
    outputs: ['gradInputs', 'gradGates', 'gradStart'],
    inputs: inputsOf(head, ['projected', 'saved', 'edges', 'outputs', 'gradOutputs', 'gradLast']),
    numbers,
    code: `${functions(head)}
var<workgroup> firsts: array<f32, ${length}>;
var<workgroup> seconds: array<f32, ${length}>;
var<workgroup> products: array<f32, ${length}>;
var<workgroup> sums: array<f32, ${threads}>;
var<workgroup> few: array<f32, ${parts}>;
/** What a step keeps of the memory and takes in; 1 / the normaliser, whether it is the least one, and the sign of n·q. */
struct Step { at: u32, place: u32, isCounted: bool, kept: f32, taken: f32, inverse: f32, isLeast: bool, sign: f32, m: f32, f: f32, isInput: bool }
fn readStep(item: Item, index: u32) -> Step {
  let step = stepAt(item, index);
  let at = (step * size.heads + item.head) * 4u;
  let f = saved[at + 1u];
  let m = saved[at + 2u];
  var before = edges[memoryAt(item, 2u, 0u) + scalarAt(item)];
  if (index > 0u) { before = saved[(stepAt(item, index - 1u) * size.heads + item.head) * 4u + 2u]; }
  let isCounted = counts(step);
  let passed = forgetting(f) + before;
  let normaliser = saved[at + 3u];
  let least = leastOf(m);
  return Step(
    step, step * 4u * size.hidden + item.head * ${head.size}u, isCounted,
    select(1.0, exp(passed - m), isCounted), select(0.0, exp(saved[at] - m), isCounted),
    select(0.0, 1.0 / max(abs(normaliser), least), isCounted), abs(normaliser) < least, select(1.0, -1.0, normaliser < 0.0),
    m, f, isCounted && saved[at] > passed,
  );
}
/** The gradient of a numerator, of a unit of a head. */
fn ofNumerator(s: Step, item: Item, u: u32) -> f32 {
  return gradOutputs[s.at * size.hidden + item.head * ${head.size}u + u] * sigmoid(projected[s.place + 3u * size.hidden + u]) * s.inverse;
}
/** The gradient of a unit times its output. */
fn alongOutput(s: Step, item: Item, u: u32) -> f32 {
  let at = s.at * size.hidden + item.head * ${head.size}u + u;
  return select(0.0, gradOutputs[at] * outputs[at], s.isCounted);
}
fn addProducts(thread: u32) {
  if (thread < ${parts}u) {
    var some = 0.0;
    for (var u = thread; u < ${head.size}u; u += ${parts}u) { some += products[u]; }
    few[thread] = some;
  }
}
fn allProducts() -> f32 {
  var sum = 0.0;
  for (var u = 0u; u < ${parts}u; u++) { sum += few[u]; }
  return sum;
}
${ofQueries(head)}
${ofValues(head)}
${ofKeys(head)}
${entryPoint(threads)}
  let items = size.heads * size.batch;
  let role = group.x / items;
  let item = Item(group.y, group.x % items / size.heads, group.x % size.heads);
  if (role == 0u) { gradientOfQueries(thread, item); }
  else if (role == 1u) { gradientOfValues(thread, item); }
  else { gradientOfKeys(thread, item); }
}`,
  };
}

/** How a thread sees its part of the matrix: `own`, its row or column, and from `first` on every `apart`-th of the others. */
const begin = (size: number): string => {
  const { along } = cut(size);
  return `let own = min(thread % ${along}u, ${size - 1}u);
  let isOwn = thread % ${along}u < ${size}u;
  let first = thread / ${along}u;
  let isUnit = thread < ${size}u;`;
};

/** A statement for each number `i` of a thread, which is the `a`-th of its row or column. */
const eachNumber = (size: number, text: string): string => {
  const { count, apart } = cut(size);
  return `for (var i = 0u; i < ${count}u; i++) { let a = first + i * ${apart}u; ${text} }`;
};

/** The matrix of states into `c`, by rows or columns of the threads. */
const readMatrix = (size: number, values: string, from: string, at: (a: string) => string): string =>
  `var c: array<f32, ${cut(size).count}>;
  ${eachNumber(
    size,
    `c[i] = select(0.0, ${values}[${from} + matrixAt(item) + ${at(`min(a, ${size - 1}u)`)}], isOwn && a < ${size}u);`,
  )}`;

const addSums = (size: number): string => {
  const { apart, along } = cut(size);
  return `var all = 0.0;
      for (var r = 0u; r < ${apart}u; r++) { all += sums[thread + r * ${along}u]; }`;
};

/** A thread has numbers of a row of C, which goes forwards again. */
const ofQueries = ({ size }: MlstmHead): string => `
fn gradientOfQueries(thread: u32, item: Item) {
  ${begin(size)}
  let before = memoryAt(item, 2u, 0u);
  ${readMatrix(size, 'edges', 'before', (a) => `own * ${size}u + ${a}`)}
  var n = edges[before + vectorAt(item) + own];
  for (var index = 0u; index < size.steps; index++) {
    let s = readStep(item, index);
    if (isUnit) {
      firsts[thread] = projected[s.place + 2u * size.hidden + thread];
      seconds[thread] = ofNumerator(s, item, thread);
      products[thread] = alongOutput(s, item, thread);
      gradInputs[s.place + 3u * size.hidden + thread] =
        products[thread] * (1.0 - sigmoid(projected[s.place + 3u * size.hidden + thread]));
    }
    let key = s.taken * projected[s.place + size.hidden + own] * scale;
    workgroupBarrier();
    var sum = 0.0;
    ${eachNumber(size, 'c[i] = s.kept * c[i] + key * firsts[a]; sum += c[i] * seconds[a];')}
    sums[thread] = sum;
    n = s.kept * n + key;
    addProducts(thread);
    workgroupBarrier();
    let ofNormaliser = select(-allProducts() * s.inverse * s.sign, 0.0, s.isLeast);
    if (isUnit) {
      ${addSums(size)}
      gradInputs[s.place + thread] = select(0.0, all + ofNormaliser * n, s.isCounted);
    }
  }
}`;

/** A thread has numbers of a column of the gradient of C, which goes backwards. */
const ofValues = ({ size }: MlstmHead): string => `
fn gradientOfValues(thread: u32, item: Item) {
  ${begin(size)}
  ${readMatrix(size, 'gradLast', 'memoryAt(item, 1u, 0u)', (a) => `${a} * ${size}u + own`)}
  for (var index = size.steps; index > 0u; index--) {
    let s = readStep(item, index - 1u);
    if (isUnit) {
      firsts[thread] = projected[s.place + thread];
      seconds[thread] = projected[s.place + size.hidden + thread] * scale;
    }
    let value = ofNumerator(s, item, own);
    workgroupBarrier();
    var sum = 0.0;
    ${eachNumber(size, 'c[i] += firsts[a] * value; sum += c[i] * seconds[a]; c[i] *= s.kept;')}
    sums[thread] = sum;
    workgroupBarrier();
    if (isUnit) {
      ${addSums(size)}
      gradInputs[s.place + 2u * size.hidden + thread] = s.taken * all;
    }
  }
}`;

/** The inner product of the gradient of C and n in `c` and `n` and one of the edges, by all threads, into `into`. */
const alongMemory = (size: number, number: number, into: string): string => `
  var ${into} = 0.0;
  {
    let memory = memoryAt(item, 2u, ${number}u);
    var part = 0.0;
    if (isOwn) { ${eachNumber(
      size,
      `part += c[i] * edges[memory + matrixAt(item) + own * ${size}u + min(a, ${size - 1}u)];`,
    )} }
    if (isUnit) { part += n * edges[memory + vectorAt(item) + thread]; }
    sums[thread] = part;
    workgroupBarrier();
    for (var t = 0u; t < ${cut(size).threads}u; t++) { ${into} += sums[t]; }
    workgroupBarrier();
  }`;

/**
 * A thread has numbers of a row of the gradient of C. e^i and e^−F stand before k alone, F being the sum of log f, and the least normaliser
 * sees m: so the gradients of the gates are inner products of k and its gradient. `ofLargest`: of the largest exponent beside what scales
 * C and n by it, up to the step whose exponent it is.
 */
const ofKeys = ({ size }: MlstmHead): string => `
fn gradientOfKeys(thread: u32, item: Item) {
  ${begin(size)}
  let last = memoryAt(item, 1u, 0u);
  ${readMatrix(size, 'gradLast', 'last', (a) => `own * ${size}u + ${a}`)}
  var n = gradLast[last + vectorAt(item) + own];
  ${alongMemory(size, 1, 'scaled')}
  var ofSum = gradLast[last + scalarAt(item)];
  var ofLargest = ofSum - scaled;
  for (var index = size.steps; index > 0u; index--) {
    let s = readStep(item, index - 1u);
    let query = projected[s.place + own];
    let key = projected[s.place + size.hidden + own] * scale;
    if (isUnit) {
      firsts[thread] = ofNumerator(s, item, thread);
      seconds[thread] = projected[s.place + 2u * size.hidden + thread];
      products[thread] = alongOutput(s, item, thread);
    }
    workgroupBarrier();
    var sum = 0.0;
    ${eachNumber(size, 'c[i] += query * firsts[a]; sum += c[i] * seconds[a]; c[i] *= s.kept;')}
    sums[thread] = sum;
    addProducts(thread);
    workgroupBarrier();
    let along = allProducts();
    n += query * select(-along * s.inverse * s.sign, 0.0, s.isLeast);
    if (isUnit) {
      ${addSums(size)}
      let ofKey = s.taken * (all + n);
      gradInputs[s.place + size.hidden + thread] = ofKey * scale;
      products[thread] = ofKey * key;
    }
    n *= s.kept;
    workgroupBarrier();
    addProducts(thread);
    workgroupBarrier();
    var ofInput = allProducts();
    if (s.isInput) {
      ofInput += ofLargest;
      ofLargest = 0.0;
    }
    ofSum += select(0.0, along, s.isLeast && -s.m < 80.0) - ofInput;
    if (thread == 0u) {
      let gate = s.at * 2u * size.heads + item.head;
      gradGates[gate] = select(0.0, ofInput, s.isCounted);
      gradGates[gate + size.heads] = select(0.0, ofSum * sigmoid(-s.f), s.isCounted);
    }
  }
  if (isOwn) { ${eachNumber(
    size,
    `if (a < ${size}u) { gradStart[last + matrixAt(item) + own * ${size}u + a] = c[i]; }`,
  )} }
  if (isUnit) { gradStart[last + vectorAt(item) + thread] = n; }
  workgroupBarrier();
  ${alongMemory(size, 0, 'start')}
  if (thread == 0u) { gradStart[last + scalarAt(item)] = start + ofLargest; }
}`;

/** Threads that add up a gradient of the gates' weights. */
const rowThreads = 64;

/** Numbers of the gradient of the projection that a workgroup completes. */
export const mlstmGateNumbers = rowThreads;

/**
 * The gradients of the gates' layers in one dispatch: workgroups for the numbers of gradProjected, that of the steps with what the gates give
 * to q, k and v, and one for each weight and bias, whose threads add up rows in a fixed order.
 *
 * Outputs: gradProjected, gradWeightI, gradWeightF, gradBiasI, gradBiasF. Inputs: projected, gradGates, weightI, weightF, gradInputs. Numbers:
 * rows, hidden, heads, groups (⌈rows·4·hidden / mlstmGateNumbers⌉). Workgroups: (groups + (3·hidden + 1)·2·heads, lanes).
 */
export const mlstmGatesGradientShader: Shader = {
  key: 'mlstm gates gradient',
  outputs: ['gradProjected', 'gradWeightI', 'gradWeightF', 'gradBiasI', 'gradBiasF'],
  inputs: (['projected', 'gradGates', 'weightI', 'weightF', 'gradInputs'] as const).map(
    (name) => [name, 'f32'] as const,
  ),
  numbers: ['rows', 'hidden', 'heads', 'groups'],
  code: `
var<workgroup> sums: array<f32, ${rowThreads}>;
fn completeNumber(lane: u32, at: u32) {
  if (at >= size.rows * 4u * size.hidden) { return; }
  let place = lane * size.rows * 4u * size.hidden + at;
  let column = at % (4u * size.hidden);
  var value = gradInputs[place];
  if (column < 3u * size.hidden) {
    let gate = (lane * size.rows + at / (4u * size.hidden)) * 2u * size.heads;
    let weight = (lane * 3u * size.hidden + column) * size.heads;
    for (var head = 0u; head < size.heads; head++) {
      value += gradGates[gate + head] * weightI[weight + head] + gradGates[gate + size.heads + head] * weightF[weight + head];
    }
  }
  gradProjected[place] = value;
}
${entryPoint(rowThreads)}
  let lane = group.y;
  if (group.x < size.groups) { completeNumber(lane, group.x * ${rowThreads}u + thread); }
  let weight = max(group.x, size.groups) - size.groups;
  let input = weight / (2u * size.heads);
  let gate = weight % (2u * size.heads);
  var sum = 0.0;
  if (group.x >= size.groups) {
    for (var row = thread; row < size.rows; row += ${rowThreads}u) {
      let at = lane * size.rows + row;
      var factor = gradGates[at * 2u * size.heads + gate];
      if (input < 3u * size.hidden) { factor *= projected[at * 4u * size.hidden + input]; }
      sum += factor;
    }
  }
  sums[thread] = sum;
  workgroupBarrier();
  if (thread == 0u && group.x >= size.groups) {
    var all = 0.0;
    for (var t = 0u; t < ${rowThreads}u; t++) { all += sums[t]; }
    let head = gate % size.heads;
    let own = (lane * 3u * size.hidden + input) * size.heads + head;
    let isForget = gate >= size.heads;
    if (input == 3u * size.hidden) {
      if (isForget) { gradBiasF[lane * size.heads + head] = all; } else { gradBiasI[lane * size.heads + head] = all; }
    } else if (isForget) { gradWeightF[own] = all; } else { gradWeightI[own] = all; }
  }
}`,
};
