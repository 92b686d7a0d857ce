import { byName, column } from '../definition';
import { audio } from './audio';
import type { DatasetKindDefinition } from './dataset-kind';
import { frames } from './frames';
import { labelled } from './labelled';
import { pairs } from './pairs';
import { series } from './series';
import { text } from './text';

/** Every kind of data set, in the order in which they are listed. */
const list = [text, series, labelled, pairs, frames, audio] as const;

export const datasetKinds = column(list, 'kind');
export type DatasetKind = (typeof datasetKinds)[number];
export const datasetKindDefinitions: Readonly<Record<DatasetKind, DatasetKindDefinition>> = byName(list, 'kind');
