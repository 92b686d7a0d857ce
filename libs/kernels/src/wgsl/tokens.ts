import { entryPoint, type Shader } from './shader';

const columnThreads = 64;

/**
 * The gradient of a table: each row of out [lane, rows, width] is the sum of those rows of gradient [lane, count, width] whose ids
 * [lane, count], counted over the rows of all lanes, are its own. A workgroup takes 64 columns of one row and reads the ids of its lane in
 * order: no atomics, and the same sum every time. Numbers: rows (of all lanes), rowsPerLane, count, width, across (rows side by side),
 * chunks (of columns).
 */
export const lookupGradientShader: Shader = {
  key: 'lookup gradient',
  outputs: ['out'],
  inputs: [
    ['ids', 'i32'],
    ['gradient', 'f32'],
  ],
  numbers: ['rows', 'rowsPerLane', 'count', 'width', 'across', 'chunks'],
  code: `
var<workgroup> tileIds: array<i32, ${columnThreads}>;
${entryPoint(columnThreads)}
  let row = (group.y / size.chunks) * size.across + group.x;
  if (row >= size.rows) { return; }
  let column = (group.y % size.chunks) * ${columnThreads}u + thread;
  let first = (row / size.rowsPerLane) * size.count;
  var sum = 0.0;
  for (var begin = 0u; begin < size.count; begin += ${columnThreads}u) {
    workgroupBarrier();
    if (begin + thread < size.count) { tileIds[thread] = ids[first + begin + thread]; }
    workgroupBarrier();
    let tileSize = min(${columnThreads}u, size.count - begin);
    for (var at = 0u; at < tileSize; at++) {
      if (tileIds[at] == i32(row) && column < size.width) { sum += gradient[(first + begin + at) * size.width + column]; }
    }
  }
  if (column < size.width) { out[row * size.width + column] = sum; }
}`,
};

/**
 * Windows of streams whose tokens are on the device: ids [lane, length, batch] from each lane's current step on, and classes
 * [lane, scored, batch], the tokens that follow its last `scored` steps. A thread for each id. Numbers: count (of ids), stride (steps of
 * a row), length, batch, context, across.
 */
export const tokenWindowsShader: Shader = {
  key: 'token windows',
  outputs: ['ids', 'classes'],
  outputType: 'i32',
  inputs: [
    ['tokens', 'i32'],
    ['starts', 'i32'],
  ],
  numbers: ['count', 'stride', 'length', 'batch', 'context', 'across'],
  code: `
${entryPoint(256)}
  let at = (group.y * size.across + group.x) * 256u + thread;
  if (at >= size.count) { return; }
  let row = at % size.batch;
  let step = (at / size.batch) % size.length;
  let lane = at / (size.batch * size.length);
  let position = row * size.stride + u32(starts[lane]) + step;
  ids[at] = tokens[position];
  if (step < size.context) { return; }
  let scored = size.length - size.context;
  classes[(lane * scored + step - size.context) * size.batch + row] = tokens[position + 1u];
}`,
};

/**
 * A batch of sequences, padded with 0: out [lane, steps, batch, width], from sequences whose values are on the device one after the other.
 * rows [lane, batch, 2] has the first step of each sequence among all, and its number of steps. A thread for each value. Numbers: count
 * (of values), steps, batch, width, across.
 */
export const sequenceRowsShader = (type: 'i32' | 'f32'): Shader => ({
  key: `sequence rows ${type}`,
  outputs: ['out'],
  ...(type === 'i32' ? { outputType: type } : {}),
  inputs: [
    ['values', type],
    ['rows', 'i32'],
  ],
  numbers: ['count', 'steps', 'batch', 'width', 'across'],
  code: `
${entryPoint(256)}
  let at = (group.y * size.across + group.x) * 256u + thread;
  if (at >= size.count) { return; }
  let column = at % size.width;
  let row = (at / size.width) % size.batch;
  let step = (at / (size.width * size.batch)) % size.steps;
  let lane = at / (size.width * size.batch * size.steps);
  let own = 2u * (lane * size.batch + row);
  out[at] = ${type}(0);
  if (step < u32(rows[own + 1u])) { out[at] = values[(u32(rows[own]) + step) * size.width + column]; }
}`,
});
