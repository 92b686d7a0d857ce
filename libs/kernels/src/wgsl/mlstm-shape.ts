import { activations, softplus } from './activations';

/** An mLSTM (Beck et al. 2024) as shaders are written for it. The equations are those of native/ops/mlstm.h, a step after another. */
export interface MlstmHead {
  /** Units of a head, d. */
  size: number;
  reverse: boolean;
  masked: boolean;
}

/** Parts in which sums over the units of a head are added up. */
export const parts = 16;

/**
 * How the matrix of a head is divided among threads: one for each column, or row, and every `apart`-th number of it. Vectors in
 * workgroup memory have `length` numbers, 0 after the units.
 */
export function cut(size: number) {
  let along = 1;
  while (along < size) along *= 2;
  const threads = along <= 16 ? 64 : 256;
  const apart = threads / along;
  const count = Math.ceil(size / apart);
  return { along, threads, apart, count, length: count * apart };
}

export const inputsOf = ({ masked }: MlstmHead, others: readonly string[]): (readonly [string, 'f32' | 'i32'])[] => [
  ...others.map((name) => [name, 'f32'] as const),
  ...(masked ? [['valid', 'i32'] as const] : []),
];

export const numbers = ['steps', 'batch', 'hidden', 'heads'];

export const functions = (head: MlstmHead): string => `
${activations}
${softplus}
const scale = ${1 / Math.sqrt(head.size)};
struct Item { lane: u32, row: u32, head: u32 }
fn stepAt(item: Item, index: u32) -> u32 {
  return (item.lane * size.steps + ${head.reverse ? 'size.steps - 1u - index' : 'index'}) * size.batch + item.row;
}
/** Where C, n and m of a head are among some states of a row, each C, n and m of all heads. */
fn memoryAt(item: Item, sets: u32, number: u32) -> u32 {
  return ((item.lane * size.batch + item.row) * sets + number) * (size.hidden * ${head.size}u + size.hidden + size.heads);
}
fn matrixAt(item: Item) -> u32 { return item.head * ${head.size * head.size}u; }
fn vectorAt(item: Item) -> u32 { return size.hidden * ${head.size}u + item.head * ${head.size}u; }
fn scalarAt(item: Item) -> u32 { return size.hidden * ${head.size + 1}u + item.head; }
fn counts(step: u32) -> bool { return ${head.masked ? 'valid[step] != 0' : 'true'}; }
/** log f of the sum of its gate. */
fn forgetting(sum: f32) -> f32 { return -softplus(-sum); }
fn leastOf(m: f32) -> f32 { return exp(min(-m, 80.0)); }
`;
