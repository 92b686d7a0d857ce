import { stringsAt, type SweepSpec } from '@unroll/contracts';

/** The names of all data sets that a sweep may use. */
export const datasetNames = ({ dataset }: Pick<SweepSpec, 'dataset'>): string[] =>
  stringsAt({ dataset }, ['dataset', 'dataset.name']);
