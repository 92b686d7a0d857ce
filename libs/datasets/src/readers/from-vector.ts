import { encodeVectors } from '../pairs/encode';
import { prepareFromVector } from '../pairs/from-vector';
import type { DataReader } from './reader';

export const fromVector: DataReader<'sequence-from-vector'> = {
  dataset: 'labelled',
  tasks: ['sequence-from-vector'],
  prepare: (source, { task, dataset, reading }) => ({
    data: prepareFromVector(source, task, dataset, reading),
    baselines: [],
  }),
  encode: (source, { dataset, reading }) => encodeVectors(source, dataset, reading),
};
