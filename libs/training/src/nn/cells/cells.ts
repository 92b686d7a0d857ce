import type { ModelSpec } from '@unroll/contracts';
import type { Cell } from './cell';
import { feedForwardRelu, feedForwardTanh } from './feed-forward';
import { gru } from './gru';
import { indRnn } from './ind-rnn';
import { layerNormLstm } from './layer-norm-lstm';
import { lru } from './lru';
import { lstm } from './lstm';
import { mlstm } from './mlstm';
import { minGru } from './min-gru';
import { minLstm } from './min-lstm';
import { peepholeLstm } from './peephole-lstm';
import { rgLru } from './rg-lru';
import { selectiveSsm } from './selective-ssm';
import { slstm } from './slstm';
import { rnnRelu, rnnTanh } from './rnn';

const all: readonly Cell[] = [
  ...[rnnTanh, rnnRelu, lstm, gru, layerNormLstm, peepholeLstm],
  ...[minGru, minLstm, indRnn, rgLru, lru, selectiveSsm, slstm, mlstm, feedForwardTanh, feedForwardRelu],
];

/** Every cell, by its name. */
export const cells: ReadonlyMap<string, Cell> = new Map(all.map((cell) => [cell.name, cell]));

/** The cell of a model. Throws Error for a model without one. */
export function getCell({ cell: kind, nonlinearity }: Pick<ModelSpec, 'cell' | 'nonlinearity'>): Cell {
  const found = all.find((cell) => cell.kind === kind && (cell.nonlinearity ?? nonlinearity) === nonlinearity);
  if (!found) throw new Error(`there is no cell ${JSON.stringify(kind)}; available: ${cellKinds().join(', ')}`);
  return found;
}

/** The kinds of cell that have a property, or all. */
export const cellKinds = (has: (cell: Cell) => boolean = () => true): string[] => [
  ...new Set(all.filter(has).map(({ kind }) => kind)),
];
