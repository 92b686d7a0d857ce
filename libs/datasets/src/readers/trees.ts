import { encodeTrees, prepareTrees } from '../trees/trees';
import type { DataReader } from './reader';

export const trees: DataReader<'tree-classification'> = {
  dataset: 'labelled',
  tasks: ['tree-classification'],
  prepare: (source, { task, dataset, reading }) => prepareTrees(source, task, dataset, reading),
  encode: (source, { dataset, reading }) => encodeTrees(source, dataset, reading),
};
