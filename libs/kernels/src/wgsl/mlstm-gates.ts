import { entryPoint, type Shader } from './shader';

/** Threads that compute sums of gates. */
export const mlstmGateThreads = 64;

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

/** Threads that add up a gradient of the gates' weights. */
const rowThreads = 64;

/** Numbers of the gradient of the projection that a workgroup completes. */
export const mlstmGateNumbers = rowThreads;

/**
 * The gradients of the gates' layers in one dispatch: workgroups for the numbers of gradProjected, that of the steps with what
 * the gates give
 * to q, k and v, and one for each weight and bias, whose threads add up rows in a fixed order.
 *
 * Outputs: gradProjected, gradWeightI, gradWeightF, gradBiasI, gradBiasF. Inputs: projected, gradGates, weightI, weightF,
 * gradInputs. Numbers:
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
