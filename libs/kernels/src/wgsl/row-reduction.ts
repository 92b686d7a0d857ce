import { each } from './shader';
import type { Tile } from './tile';

/** Threads whose values are merged by one, before every thread merges those of a row. */
const chunk = 16;

const chunksOf = (across: number): number => Math.ceil(across / chunk);

/** Workgroup memory that reductions take for a row, in bytes. */
export const reductionBytes = (across: number): number => 8 * (across + chunksOf(across));

/** Declarations that reductions over the rows of a tile need. */
export const reductionMemory = ({ rows, across }: Tile): string => `
var<workgroup> partial: array<vec2<f32>, ${rows * across}>;
var<workgroup> merged: array<vec2<f32>, ${rows * chunksOf(across)}>;`;

/** A loop of the threads over the chunks of all rows: `body` reads partial[first] to partial[last - 1] and sets `result`. */
const mergeChunks = ({ rows, across, groups }: Tile, body: string): string => `
    workgroupBarrier();
    for (var item = thread; item < ${rows * chunksOf(across)}u; item += ${across * groups}u) {
      let row = item / ${chunksOf(across)}u;
      let first = row * ${across}u + (item % ${chunksOf(across)}u) * ${chunk}u;
      let last = min(first + ${chunk}u, (row + 1u) * ${across}u);
      var result = vec2<f32>();
${body}
      merged[item] = result;
    }
    workgroupBarrier();`;

/**
 * The mean and 1/√(variance + ε) of each row of a thread, as mean… and inverse…, followed by `name` and the row. `values`: the thread's
 * own values of a row, in WGSL. Sums of squares are those about a mean, of a thread, of a chunk and of the row (Chan et al. 1979): no
 * difference of large numbers is taken.
 */
export function reduceMoments(tile: Tile, name: string, values: (row: number) => readonly string[]): string {
  const { across, rowsOfThread } = tile;
  const count = values(0).length;
  return `${each(rowsOfThread, (row) => {
    const own = values(row);
    return `    {
      let sum = ${own.join(' + ')};
      let mean = sum / ${count}.0;
      partial[(ownRow + ${row}u) * ${across}u + column] = vec2<f32>(sum, ${own
        .map((value) => `(${value} - mean) * (${value} - mean)`)
        .join(' + ')});
    }`;
  })}${mergeChunks(
    tile,
    `      for (var i = first; i < last; i++) { result.x += partial[i].x; }
      let mean = result.x / f32((last - first) * ${count}u);
      for (var i = first; i < last; i++) {
        let away = partial[i].x / ${count}.0 - mean;
        result.y += partial[i].y + ${count}.0 * away * away;
      }`,
  )}
${each(
  rowsOfThread,
  (row) => `    var mean${name}_${row} = 0.0;
    var inverse${name}_${row} = 0.0;
    {
      let first = (ownRow + ${row}u) * ${chunksOf(across)}u;
      for (var i = 0u; i < ${chunksOf(across)}u; i++) { mean${name}_${row} += merged[first + i].x; }
      mean${name}_${row} /= ${count * across}.0;
      var squares = 0.0;
      for (var i = 0u; i < ${chunksOf(across)}u; i++) {
        let width = f32(min(${chunk}u, ${across}u - ${chunk}u * i) * ${count}u);
        let away = merged[first + i].x / width - mean${name}_${row};
        squares += merged[first + i].y + width * away * away;
      }
      inverse${name}_${row} = inverseSqrt(squares / ${count * across}.0 + ${epsilon});
    }`,
)}`;
}

/** Added to the variance, as in torch.nn.LayerNorm. */
export const epsilon = '1e-5';

/** Two means over each row of `width` values, as means… followed by `name` and the row. `sums`: the thread's own two sums of a row. */
export function reduceMeans(tile: Tile, name: string, width: number, sums: (row: number) => [string, string]): string {
  const { across, rowsOfThread } = tile;
  return `${each(rowsOfThread, (row) => {
    const [first, second] = sums(row);
    return `    partial[(ownRow + ${row}u) * ${across}u + column] = vec2<f32>(${first}, ${second});`;
  })}${mergeChunks(tile, '      for (var i = first; i < last; i++) { result += partial[i]; }')}
${each(
  rowsOfThread,
  (row) => `    var means${name}_${row} = vec2<f32>();
    for (var i = 0u; i < ${chunksOf(across)}u; i++) { means${name}_${row} += merged[(ownRow + ${row}u) * ${chunksOf(across)}u + i]; }
    means${name}_${row} /= ${width}.0;`,
)}`;
}
