import type { Weights } from '../nn/parameter';
import { scaled, type Stored } from './safetensors';

/** The kind of a matrix, within which weights are compared: an embedding's weights have another scale than a gate's. */
export function matrixKind(name: string): string {
  const last = name.split('.').at(-1)!;
  if (last.startsWith('weight_ih')) return 'input';
  if (last.startsWith('weight_hh')) return 'recurrent';
  return name.split('.')[0]!;
}

const isMatrix = ({ shape }: { shape: readonly number[] }): boolean => shape.length === 2;

/**
 * Sets the smallest fraction `part` of the weights to 0, by magnitude over all matrices of a kind (Han et al. 2015; See et
 * al. 2016 for recurrent networks). Biases and other vectors are unchanged.
 */
export function pruned(weights: Weights, part: number): Weights {
  const kinds = new Map<string, string[]>();
  for (const [name, each] of Object.entries(weights))
    if (isMatrix(each)) kinds.set(matrixKind(name), [...(kinds.get(matrixKind(name)) ?? []), name]);
  const result: Weights = { ...weights };
  for (const names of kinds.values()) {
    const all = names.flatMap((name) =>
      Array.from(weights[name]!.values, (value, index) => ({ name, index, size: Math.abs(value) })),
    );
    all.sort((a, b) => a.size - b.size);
    for (const name of names) result[name] = { ...weights[name]!, values: weights[name]!.values.slice() };
    for (const { name, index } of all.slice(0, Math.floor(part * all.length))) result[name]!.values[index] = 0;
  }
  return result;
}

/**
 * Matrices as integers from −127 to 127, each row (output channel) with its own scale, symmetric about 0; other weights
 * unchanged.
 */
export function quantised(weights: Weights): Record<string, Stored> {
  return Object.fromEntries(
    Object.entries(weights).map(([name, each]): [string, Stored] => [
      name,
      isMatrix(each) ? int8(each) : { dtype: 'F32', ...each },
    ]),
  );
}

function int8({ shape, values }: Weights[string]): Stored {
  const [rows, columns] = shape as [number, number];
  const scales = Float32Array.from({ length: rows }, (_, row) => {
    const own = values.subarray(row * columns, (row + 1) * columns);
    return own.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127 || 1;
  });
  const whole = Int8Array.from(values, (value, index) =>
    Math.max(-127, Math.min(127, Math.round(value / scales[Math.floor(index / columns)]!))),
  );
  return { dtype: 'I8', shape: [...shape], values: whole, scales };
}

/** Stored weights as a reader gets them. */
export const dequantised = (stored: Record<string, Stored>): Weights =>
  Object.fromEntries(
    Object.entries(stored).map(([name, each]) => [
      name,
      { shape: each.shape, values: each.dtype === 'I8' ? scaled(each.values, each.scales) : each.values },
    ]),
  );

/** The fraction of the weights in matrices that is 0. */
export function sparsity(weights: Weights): number {
  const matrices = Object.values(weights).filter(isMatrix);
  const count = matrices.reduce((sum, { values }) => sum + values.length, 0);
  const zeros = matrices.reduce((sum, { values }) => sum + values.filter((value) => value === 0).length, 0);
  return count === 0 ? 0 : zeros / count;
}
