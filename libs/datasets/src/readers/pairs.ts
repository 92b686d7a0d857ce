import { describeData } from '../describe';
import { encodeSources } from '../pairs/encode';
import { preparePairs } from '../pairs/pairs';
import type { DataReader } from './reader';

export const pairs: DataReader<'sequence-to-sequence'> = {
  dataset: 'pairs',
  prepare(source, { task, dataset, reading }) {
    const { data, facts } = preparePairs(source, task, dataset, reading);
    return { data, baselines: [], facts: [...facts, describeData(data)] };
  },
  encode: (source, { task, dataset, reading }) => encodeSources(source, task.tokens, dataset, reading),
};
