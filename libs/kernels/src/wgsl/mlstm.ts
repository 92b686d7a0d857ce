import { entryPoint, type Shader } from './shader';
import { cut, functions, inputsOf, numbers, parts, type MlstmHead } from './mlstm-shape';

type KeepingHead = MlstmHead & { keeps: boolean };

/** Writes to the states before the first step (0) or after the last (1), where they are kept. */
const edge = (keeps: boolean, number: number, at: string, value: string): string =>
  keeps ? `edges[memoryAt(item, 2u, ${number}u) + ${at}] = ${value};` : '';

/**
 * A whole sequence in one dispatch, a workgroup for each head of a row, whose threads keep its matrix. Workgroups: (heads·batch, lanes).
 *
 * Outputs: outputs [lane, time, batch, hidden], C, n and m [lane, batch, ·] after the last step; with `keeps` saved [lane, time,
 * batch, heads,
 * 4], the sums of i and f, m and n·q, and edges [lane, batch, 2, C and n and m], before the first step and after the last.
 * Inputs: projected,
 * gates, start [lane, batch, C and n and m], valid? Numbers: steps, batch, hidden, heads.
 */
export function mlstmShader(head: KeepingHead): Shader {
  const { keeps } = head;
  const { threads, length } = cut(head.size);
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
${openCode(head)}
${stepsCode(head)}
${closeCode(head)}
}`,
  };
}

/** The memory before the first step. */
function openCode({ size, keeps }: KeepingHead): string {
  const { along, apart, count } = cut(size);
  return `  let item = Item(group.y, group.x / size.heads, group.x % size.heads);
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
    if (isColumn && a < ${size}u) { ${edge(keeps, 0, 'at', 'c[i]')} }
  }
  var n = 0.0;
  if (isUnit) {
    n = start[before + vectorAt(item) + thread];
    ${edge(keeps, 0, 'vectorAt(item) + thread', 'n')}
  }
  var m = start[before + scalarAt(item)];
  if (thread == 0u) { ${edge(keeps, 0, 'scalarAt(item)', 'm')} }`;
}

/** A step after another. */
function stepsCode({ size, keeps }: KeepingHead): string {
  const { along, apart, count } = cut(size);
  return `  for (var index = 0u; index < size.steps; index++) {
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
  }`;
}

/** The memory after the last. */
function closeCode({ size, keeps }: KeepingHead): string {
  const { apart, count } = cut(size);
  return `  let rowAt = item.lane * size.batch + item.row;
  for (var i = 0u; i < ${count}u; i++) {
    let a = first + i * ${apart}u;
    if (isColumn && a < ${size}u) {
      let at = matrixAt(item) + a * ${size}u + column;
      lastC[rowAt * size.hidden * ${size}u + at] = c[i];
      ${edge(keeps, 1, 'at', 'c[i]')}
    }
  }
  if (isUnit) {
    lastN[rowAt * size.hidden + own] = n;
    ${edge(keeps, 1, 'vectorAt(item) + thread', 'n')}
  }
  if (thread == 0u) {
    lastM[rowAt * size.heads + item.head] = m;
    ${edge(keeps, 1, 'scalarAt(item)', 'm')}
  }`;
}
