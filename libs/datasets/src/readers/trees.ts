import { requireAlike } from '../reading';
import { prepareTrees } from '../trees/trees';
import type { DataReader } from './reader';

export const trees: DataReader<'tree-classification'> = {
  dataset: 'labelled',
  tasks: ['tree-classification'],
  prepare(source, { task, dataset, reading }) {
    const prepared = prepareTrees(source, task, dataset);
    requireAlike(prepared.data, reading);
    return prepared;
  },
};
