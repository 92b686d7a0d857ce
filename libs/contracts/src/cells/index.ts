import { byName, column, inWords } from '../definition';
import type { CellDefinition, CellOption } from './cell';
import { feedForward } from './feed-forward';
import { gru } from './gru';
import { indRnn } from './ind-rnn';
import { layerNormLstm } from './layer-norm-lstm';
import { lru } from './lru';
import { lstm } from './lstm';
import { minGru } from './min-gru';
import { minLstm } from './min-lstm';
import { mlstm } from './mlstm';
import { peepholeLstm } from './peephole-lstm';
import { rgLru } from './rg-lru';
import { rnn } from './rnn';
import { selectiveSsm } from './selective-ssm';
import { slstm } from './slstm';
import { transformer } from './transformer';

/** Every cell, in the order in which they are listed. */
const list = [
  rnn,
  lstm,
  gru,
  layerNormLstm,
  peepholeLstm,
  minGru,
  minLstm,
  indRnn,
  rgLru,
  lru,
  selectiveSsm,
  slstm,
  mlstm,
  feedForward,
  transformer,
] as const;

/** Every cell, by the name that a sweep uses. */
export const cellNames = column(list, 'name');
export type CellName = (typeof cellNames)[number];
export const cells: Readonly<Record<CellName, CellDefinition>> = byName(list, 'name');

/** The cells that have an option, as a list in prose. */
export const cellsWith = (option: CellOption): string =>
  inWords(cellNames.filter((name) => cells[name].options.includes(option)));
