import { cells as definitions, type ModelSpec } from '@unroll/contracts';
import type { Cell } from './cell';
import { feedForwardRelu, feedForwardTanh } from './feed-forward';
import { gru } from './gru';
import { indRnn } from './ind-rnn';
import { layerNormLstm } from './layer-norm-lstm';
import { lstm } from './lstm';
import { minGru } from './min-gru';
import { minLstm } from './min-lstm';
import { peepholeLstm } from './peephole-lstm';
import { rnnRelu, rnnTanh } from './rnn';

/** Every cell there is, by its name. */
export const cells: ReadonlyMap<string, Cell> = new Map(
  [
    ...[rnnTanh, rnnRelu, lstm, gru, layerNormLstm, peepholeLstm],
    ...[minGru, minLstm, indRnn, feedForwardTanh, feedForwardRelu],
  ].map((cell) => [cell.name, cell]),
);

/** The cell that a model asks for. Throws Error where there is none of that name. */
export function cellOf({ cell, nonlinearity }: Pick<ModelSpec, 'cell' | 'nonlinearity'>): Cell {
  // A choice of nonlinearity is part of the name here.
  const name = definitions[cell].options.includes('nonlinearity') ? `${cell}-${nonlinearity}` : cell;
  const found = cells.get(name);
  if (!found) throw new Error(`there is no cell ${JSON.stringify(name)}; known are ${[...cells.keys()].join(', ')}`);
  return found;
}
