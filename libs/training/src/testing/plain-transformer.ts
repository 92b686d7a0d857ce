/** For the specs: the transformer again, for one sequence, in float64 and written as plainly as possible. */

export interface PlainTransformer {
  layers: number;
  heads: number;
  hidden: number;
  /** By name, in PyTorch's layout: a matrix row-major, a row for each output. */
  parameters: ReadonlyMap<string, Float64Array>;
}

type Vector = readonly number[];

const dot = (a: Vector, b: Vector): number => a.reduce((sum, value, index) => sum + value * b[index]!, 0);
const sum = (a: Vector, b: Vector): number[] => a.map((value, index) => value + b[index]!);

/** W·row + b of a layer. */
function dense({ parameters }: PlainTransformer, name: string, row: Vector, separator = '.'): number[] {
  const matrix = parameters.get(`${name}${separator}weight`)!;
  return Array.from(
    parameters.get(`${name}${separator}bias`)!,
    (value, output) => value + dot(row, Array.from(matrix.subarray(output * row.length, (output + 1) * row.length))),
  );
}

/** Layer normalisation of a row. */
function norm({ parameters }: PlainTransformer, name: string, row: Vector): number[] {
  const mean = row.reduce((a, b) => a + b, 0) / row.length;
  const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / row.length;
  const [gain, shift] = [parameters.get(`${name}.weight`)!, parameters.get(`${name}.bias`)!];
  return row.map((value, unit) => ((value - mean) / Math.sqrt(variance + 1e-5)) * gain[unit]! + shift[unit]!);
}

function position(step: number, unit: number, hidden: number): number {
  const angle = step / 10_000 ** ((2 * Math.floor(unit / 2)) / hidden);
  return unit % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
}

/** What one head of a step sees: the values of itself and of the valid steps before it, weighted by softmax(q·k / √size). */
function attend(
  { heads, hidden }: PlainTransformer,
  three: readonly Vector[],
  valid: readonly boolean[],
  { step, head }: { step: number; head: number },
): number[] {
  const size = hidden / heads;
  const part = (of: number, kind: number): number[] =>
    three[of]!.slice(kind * hidden + head * size, kind * hidden + (head + 1) * size);
  const seen = three.map((_, other) => other).filter((other) => other === step || (other < step && valid[other]));
  const scores = seen.map((other) => Math.exp(dot(part(step, 0), part(other, 1)) / Math.sqrt(size)));
  const total = scores.reduce((a, b) => a + b, 0);
  const weighted = seen.map((other, index) => part(other, 2).map((value) => (value * scores[index]!) / total));
  return weighted.reduce<number[]>(sum, Array<number>(size).fill(0));
}

/** The outputs of a sequence x [time, inputs] of which `valid` steps count; 0 at the others. */
export function runPlainTransformer(
  model: PlainTransformer,
  x: readonly Vector[],
  valid: readonly boolean[],
): number[][] {
  const { layers, heads, hidden } = model;
  let rows = x.map((row, step) =>
    dense(model, 'input', row).map((value, unit) => (valid[step] ? value : 0) + position(step, unit, hidden)),
  );
  for (let layer = 0; layer < layers; layer++) {
    const at = (name: string): string => `layers.${layer}.${name}`;
    const three = rows.map((row) => dense(model, at('self_attn.in_proj'), norm(model, at('norm1'), row), '_'));
    const attended = rows.map((_, step) =>
      Array.from({ length: heads }, (_head, head) => attend(model, three, valid, { step, head })).flat(),
    );
    rows = rows.map((row, step) => sum(row, dense(model, at('self_attn.out_proj'), attended[step]!)));
    rows = rows.map((row) => {
      const between = dense(model, at('linear1'), norm(model, at('norm2'), row)).map((value) => Math.max(0, value));
      return sum(row, dense(model, at('linear2'), between));
    });
  }
  return rows.map((row, step) => norm(model, 'norm', row).map((value) => (valid[step] ? value : 0)));
}
