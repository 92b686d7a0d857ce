/** For the specs: the transformer once more, for one sequence, in float64 and in the plainest words. */

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

/** The outputs of a sequence x [time, inputs] of which `valid` steps count; 0 at the others. */
export function runPlainTransformer(
  { layers, heads, hidden, parameters }: PlainTransformer,
  x: readonly Vector[],
  valid: readonly boolean[],
): number[][] {
  const dense = (weight: string, bias: string, row: Vector): number[] => {
    const [matrix, shift] = [parameters.get(weight)!, parameters.get(bias)!];
    return Array.from(
      shift,
      (value, output) => value + dot(row, Array.from(matrix.subarray(output * row.length, (output + 1) * row.length))),
    );
  };
  const norm = (name: string, row: Vector): number[] => {
    const mean = row.reduce((a, b) => a + b, 0) / row.length;
    const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / row.length;
    const [gain, shift] = [parameters.get(`${name}.weight`)!, parameters.get(`${name}.bias`)!];
    return row.map((value, unit) => ((value - mean) / Math.sqrt(variance + 1e-5)) * gain[unit]! + shift[unit]!);
  };
  const position = (step: number, unit: number): number => {
    const angle = step / 10_000 ** ((2 * Math.floor(unit / 2)) / hidden);
    return unit % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  };

  let rows = x.map((row, step) =>
    dense('input.weight', 'input.bias', row).map((value, unit) => (valid[step] ? value : 0) + position(step, unit)),
  );
  for (let layer = 0; layer < layers; layer++) {
    const at = (name: string): string => `layers.${layer}.${name}`;
    const three = rows.map((row) =>
      dense(at('self_attn.in_proj_weight'), at('self_attn.in_proj_bias'), norm(at('norm1'), row)),
    );
    const size = hidden / heads;
    const part = (step: number, kind: number, head: number): number[] =>
      three[step]!.slice(kind * hidden + head * size, kind * hidden + (head + 1) * size);
    const attended = rows.map((_, step) =>
      Array.from({ length: heads }, (_head, head) => {
        const seen = rows
          .map((_row, other) => other)
          .filter((other) => other === step || (other < step && valid[other]));
        const scores = seen.map((other) => Math.exp(dot(part(step, 0, head), part(other, 1, head)) / Math.sqrt(size)));
        const total = scores.reduce((a, b) => a + b, 0);
        return seen.reduce(
          (row, other, index) =>
            sum(
              row,
              part(other, 2, head).map((value) => (value * scores[index]!) / total),
            ),
          Array<number>(size).fill(0),
        );
      }).flat(),
    );
    rows = rows.map((row, step) =>
      sum(row, dense(at('self_attn.out_proj.weight'), at('self_attn.out_proj.bias'), attended[step]!)),
    );
    rows = rows.map((row) => {
      const between = dense(at('linear1.weight'), at('linear1.bias'), norm(at('norm2'), row));
      return sum(
        row,
        dense(
          at('linear2.weight'),
          at('linear2.bias'),
          between.map((value) => Math.max(0, value)),
        ),
      );
    });
  }
  return rows.map((row, step) => norm('norm', row).map((value) => (valid[step] ? value : 0)));
}
