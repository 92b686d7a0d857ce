import { entryPoint, type Shader } from './shader';
import { cut, functions, inputsOf, numbers, parts, type MlstmHead } from './mlstm-shape';

/**
 * Its gradient in one dispatch: for each head of a row three workgroups, one that goes forwards for the gradient of q, and of the output
 * gate, and two backwards for those of v and of k, from which those of the gates and states follow. Workgroups: (3·heads·batch, lanes).
 *
 * Outputs: gradInputs [lane, time, batch, 4·hidden], without what the gates give; gradGates [lane, time, batch, 2·heads], of their sums;
 * gradStart [lane, batch, C and n and m]. Inputs: projected, saved, edges, outputs, gradOutputs, gradLast [lane, batch, C and n
 * and m], valid?
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
${stepFunctions(head)}
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

/** What all roles read of a step. */
const stepFunctions = (
  head: MlstmHead,
): string => `/** What a step keeps of the memory and takes in; 1 / the normaliser, whether it is the least one, and the sign of n·q. */
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
}`;

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
