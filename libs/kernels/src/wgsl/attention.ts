import { activations } from './activations';
import { rowReduction, rowThreads } from './reduction';
import { entryPoint, type Shader } from './shader';

/** Attention of queries to the keys and values of another sequence, as a shader is written for it. */
export interface Attending {
  /** Scores v·tanh(q + k) instead of q·k. */
  additive: boolean;
  masked: boolean;
}

/** A score low enough for weight 0, yet finite, so that a gradient of 0 stays 0. */
const unseen = '-1e30';

const numbers = ['queryCount', 'keyCount', 'units', 'width', 'perLane', 'items', 'across'] as const;

const read = ({ additive, masked }: Attending, ...more: readonly string[]): Shader['inputs'] => [
  ...(['queries', 'keys', 'values'] as const).map((name) => [name, 'f32'] as const),
  ...(additive ? [['score', 'f32'] as const] : []),
  ...more.map((name) => [name, 'f32'] as const),
  ...(masked ? [['valid', 'i32'] as const] : []),
];

/** The score of a query and a key of a sequence. */
const scores = ({ additive, masked }: Attending): string => `
${activations}
fn isSeen(sequence: u32, key: u32) -> bool { return ${masked ? 'valid[sequence * size.keyCount + key] != 0' : 'true'}; }
fn scoreOf(sequence: u32, query: u32, key: u32) -> f32 {
  if (!isSeen(sequence, key)) { return ${unseen}; }
  let q = (sequence * size.queryCount + query) * size.units;
  let k = (sequence * size.keyCount + key) * size.units;
  ${additive ? 'let v = sequence / size.perLane * size.units;' : ''}
  var sum = 0.0;
  for (var u = 0u; u < size.units; u++) {
    sum += ${additive ? 'score[v + u] * stableTanh(queries[q + u] + keys[k + u])' : 'queries[q + u] * keys[k + u]'};
  }
  return sum;
}`;

/**
 * A workgroup for each query. Outputs: out [sequence, n, width], weights [sequence, n, source], moments [sequence, n, 2], the largest score
 * and the inverse sum of exponentials. Inputs: queries [sequence, n, units], keys [sequence, source, units], values [sequence, source,
 * width], score? [lane, units], valid? [sequence, source]. Numbers: n, source, units, width, sequences of a lane, sequences · n, across.
 */
export const attentionShader = (attending: Attending): Shader => ({
  key: `attention ${JSON.stringify(attending)}`,
  outputs: ['out', 'weights', 'moments'],
  inputs: read(attending),
  numbers,
  code: `${rowReduction}
${scores(attending)}
${entryPoint(rowThreads)}
  let item = group.y * size.across + group.x;
  if (item >= size.items) { return; }
  let sequence = item / size.queryCount;
  let own = item * size.keyCount;
  var most = -3.4e38;
  for (var key = thread; key < size.keyCount; key += ${rowThreads}u) {
    let value = scoreOf(sequence, item % size.queryCount, key);
    weights[own + key] = value;
    most = max(most, value);
  }
  let largest = workgroupMax(thread, most);
  var sum = 0.0;
  for (var key = thread; key < size.keyCount; key += ${rowThreads}u) { sum += exp(weights[own + key] - largest); }
  let inverse = 1.0 / workgroupSum(thread, sum);
  for (var key = thread; key < size.keyCount; key += ${rowThreads}u) {
    weights[own + key] = exp(weights[own + key] - largest) * inverse;
  }
  storageBarrier();
  for (var u = thread; u < size.width; u += ${rowThreads}u) {
    var value = 0.0;
    for (var key = 0u; key < size.keyCount; key++) {
      value += weights[own + key] * values[(sequence * size.keyCount + key) * size.width + u];
    }
    out[item * size.width + u] = value;
  }
  if (thread == 0u) {
    moments[2u * item] = largest;
    moments[2u * item + 1u] = inverse;
  }
}`,
});

/** The slope of a unit's part of the score, by the query as by the key. */
const slope = ({ additive }: Attending, other: string): string =>
  additive ? 'score[v + u] * (1.0 - bent * bent)' : other;
const bent = ({ additive }: Attending): string =>
  additive ? 'let bent = stableTanh(queries[q + u] + keys[k + u]);' : '';

const queryCode = (attending: Attending): string => `
fn gradientOfQuery(thread: u32, sequence: u32, query: u32) {
  let q = (sequence * size.queryCount + query) * size.units;
  ${attending.additive ? 'let v = sequence / size.perLane * size.units;' : ''}
  for (var begin = 0u; begin < size.keyCount; begin += ${rowThreads}u) {
    workgroupBarrier();
    if (begin + thread < size.keyCount) { slopes[thread] = pair(sequence, query, begin + thread).x; }
    workgroupBarrier();
    let count = min(${rowThreads}u, size.keyCount - begin);
    for (var u = thread; u < size.units; u += ${rowThreads}u) {
      var sum = 0.0;
      ${attending.additive ? 'var ofScore = 0.0;' : ''}
      for (var at = 0u; at < count; at++) {
        let k = (sequence * size.keyCount + begin + at) * size.units;
        ${bent(attending)}
        sum += slopes[at] * ${slope(attending, 'keys[k + u]')};
        ${attending.additive ? 'ofScore += slopes[at] * bent;' : ''}
      }
      if (begin > 0u) { sum += gradQueries[q + u]; }
      gradQueries[q + u] = sum;
      ${attending.additive ? 'if (begin > 0u) { ofScore += gradScore[q + u]; } gradScore[q + u] = ofScore;' : ''}
    }
  }
}`;

const keyCode = (attending: Attending): string => `
fn gradientOfKey(thread: u32, sequence: u32, key: u32) {
  let k = (sequence * size.keyCount + key) * size.units;
  let value = (sequence * size.keyCount + key) * size.width;
  ${attending.additive ? 'let v = sequence / size.perLane * size.units;' : ''}
  for (var begin = 0u; begin < size.queryCount; begin += ${rowThreads}u) {
    workgroupBarrier();
    if (begin + thread < size.queryCount) {
      let own = pair(sequence, begin + thread, key);
      slopes[thread] = own.x;
      shares[thread] = own.y;
    }
    workgroupBarrier();
    let count = min(${rowThreads}u, size.queryCount - begin);
    for (var u = thread; u < size.units; u += ${rowThreads}u) {
      var sum = 0.0;
      for (var at = 0u; at < count; at++) {
        let q = (sequence * size.queryCount + begin + at) * size.units;
        ${bent(attending)}
        sum += slopes[at] * ${slope(attending, 'queries[q + u]')};
      }
      if (begin > 0u) { sum += gradKeys[k + u]; }
      gradKeys[k + u] = sum;
    }
    for (var u = thread; u < size.width; u += ${rowThreads}u) {
      var sum = 0.0;
      for (var at = 0u; at < count; at++) {
        sum += shares[at] * gradOut[(sequence * size.queryCount + begin + at) * size.width + u];
      }
      if (begin > 0u) { sum += gradValues[value + u]; }
      gradValues[value + u] = sum;
    }
  }
}`;

/**
 * Its gradient in one dispatch: a workgroup for each query, then one for each key and its value; both compute the weights again. Outputs:
 * gradQueries, gradKeys, gradValues, and with scores of v·tanh(q + k) gradScore [sequence, n, units], what each query adds to that of v.
 * Inputs: those of the forward shader, then out, moments and gradOut. Workgroups: sequences · (n + source). Numbers: those of the forward
 * shader.
 */
export const attentionGradientShader = (attending: Attending): Shader => ({
  key: `attention gradient ${JSON.stringify(attending)}`,
  outputs: ['gradQueries', 'gradKeys', 'gradValues', ...(attending.additive ? ['gradScore'] : [])],
  inputs: read(attending, 'out', 'moments', 'gradOut'),
  numbers,
  code: `${scores(attending)}
var<workgroup> slopes: array<f32, ${rowThreads}>;
var<workgroup> shares: array<f32, ${rowThreads}>;
/** Of a query and a key: what the score gets, and the weight. */
fn pair(sequence: u32, query: u32, key: u32) -> vec2<f32> {
  let item = sequence * size.queryCount + query;
  let weight = exp(scoreOf(sequence, query, key) - moments[2u * item]) * moments[2u * item + 1u];
  var ofWeight = 0.0;
  for (var u = 0u; u < size.width; u++) {
    let difference = values[(sequence * size.keyCount + key) * size.width + u] - out[item * size.width + u];
    ofWeight += gradOut[item * size.width + u] * difference;
  }
  return vec2<f32>(select(0.0, weight * ofWeight, isSeen(sequence, key)), weight);
}
${queryCode(attending)}
${keyCode(attending)}
${entryPoint(rowThreads)}
  let item = group.y * size.across + group.x;
  if (item < size.items) { gradientOfQuery(thread, item / size.queryCount, item % size.queryCount); }
  else {
    let own = item - size.items;
    if (own < size.items / size.queryCount * size.keyCount) {
      gradientOfKey(thread, own / size.keyCount, own % size.keyCount);
    }
  }
}`,
});
