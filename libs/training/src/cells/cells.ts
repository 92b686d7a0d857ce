import type { ModelSpec } from '@unroll/contracts';
import type { Cell } from './cell';
import { gru } from './gru';
import { lstm } from './lstm';
import { rnnRelu, rnnTanh } from './rnn';

/** Every cell there is, by its name. */
export const cells: ReadonlyMap<string, Cell> = new Map([rnnTanh, rnnRelu, lstm, gru].map((cell) => [cell.name, cell]));

/** The cell that a model asks for. Throws Error where there is none of that name. */
export function cellOf({ cell, nonlinearity }: Pick<ModelSpec, 'cell' | 'nonlinearity'>): Cell {
  const name = cell === 'rnn' ? `rnn-${nonlinearity}` : cell;
  const found = cells.get(name);
  if (!found) throw new Error(`there is no cell ${JSON.stringify(name)}; known are ${[...cells.keys()].join(', ')}`);
  return found;
}
