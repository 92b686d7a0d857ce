import { rowReduction, rowThreads } from './reduction';
import { entryPoint, type Shader } from './shader';

/** There may be more rows than one dimension of a dispatch allows: workgroups are counted over two. */
const row = `let row = group.y * size.across + group.x;`;

/**
 * Softmax cross-entropy, a workgroup for each row. Outputs: losses [rows], 0 where `valid` is 0, and probabilities [rows, classes].
 * Inputs: logits, targets, valid?. Numbers: rows, classes, across (workgroups side by side).
 */
export const crossEntropyShader = (masked: boolean): Shader => ({
  key: `cross-entropy ${masked}`,
  outputs: ['losses', 'probabilities'],
  inputs: [['logits', 'f32'], ['targets', 'i32'], ...(masked ? [['valid', 'i32'] as const] : [])],
  numbers: ['rows', 'classes', 'across'],
  code: `${rowReduction}
${entryPoint(rowThreads)}
  ${row}
  if (row >= size.rows) { return; }
  let head = row * size.classes;
  var own = -3.4e38;
  for (var i = thread; i < size.classes; i += ${rowThreads}u) { own = max(own, logits[head + i]); }
  let maximum = workgroupMax(thread, own);
  own = 0.0;
  for (var i = thread; i < size.classes; i += ${rowThreads}u) { own += exp(logits[head + i] - maximum); }
  let sum = workgroupSum(thread, own);
  for (var i = thread; i < size.classes; i += ${rowThreads}u) { probabilities[head + i] = exp(logits[head + i] - maximum) / sum; }
  if (thread == 0u) {
    ${masked ? 'if (valid[row] == 0) { losses[row] = 0.0; return; }' : ''}
    losses[row] = maximum + log(sum) - logits[head + u32(targets[row])];
  }
}`,
});

/** (p − onehot(target))·scale of the lane, 0 where `valid` is 0. Numbers: count, classes, rowsPerLane, across. */
export const crossEntropyGradientShader = (masked: boolean): Shader => ({
  key: `cross-entropy gradient ${masked}`,
  outputs: ['out'],
  inputs: [
    ['probabilities', 'f32'],
    ['targets', 'i32'],
    ['scales', 'f32'],
    ...(masked ? [['valid', 'i32'] as const] : []),
  ],
  numbers: ['count', 'classes', 'rowsPerLane', 'across'],
  code: `
${entryPoint(256)}
  let at = (group.y * size.across + group.x) * 256u + thread;
  if (at >= size.count) { return; }
  let row = at / size.classes;
  ${masked ? 'if (valid[row] == 0) { out[at] = 0.0; return; }' : ''}
  let isTarget = select(0.0, 1.0, u32(targets[row]) == at % size.classes);
  out[at] = (probabilities[at] - isTarget) * scales[row / size.rowsPerLane];
}`,
});

/**
 * Norms in two stages, so that float32 stays accurate enough and the order is fixed. First sums of squares: `partial` [lane, parts], a
 * workgroup for each part of `stretch` numbers. Numbers: length, parts, stretch.
 */
export const squaresShader: Shader = {
  key: 'squares',
  outputs: ['partial'],
  inputs: [['x', 'f32']],
  numbers: ['length', 'parts', 'stretch'],
  code: `${rowReduction}
${entryPoint(rowThreads)}
  let begin = group.x * size.stretch;
  let end = min(size.length, begin + size.stretch);
  var own = 0.0;
  for (var i = begin + thread; i < end; i += ${rowThreads}u) {
    let value = x[group.y * size.length + i];
    own += value * value;
  }
  let sum = workgroupSum(thread, own);
  if (thread == 0u) { partial[group.y * size.parts + group.x] = sum; }
}`,
};

/** Then the square root of each lane's sum, [lane, 1]. Numbers: parts. */
export const rootsShader: Shader = {
  key: 'roots',
  outputs: ['out'],
  inputs: [['partial', 'f32']],
  numbers: ['parts'],
  code: `${rowReduction}
${entryPoint(rowThreads)}
  var own = 0.0;
  for (var i = thread; i < size.parts; i += ${rowThreads}u) { own += partial[group.x * size.parts + i]; }
  let sum = workgroupSum(thread, own);
  if (thread == 0u) { out[group.x] = sqrt(sum); }
}`,
};
