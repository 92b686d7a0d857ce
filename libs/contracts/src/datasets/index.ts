import { byName, column } from '../definition';
import { audio } from './audio';
import type { DatasetKindDefinition } from './dataset-kind';
import { frames } from './frames';
import { labelled } from './labelled';
import { pairs } from './pairs';
import { series } from './series';
import { text } from './text';
import { tokenizer } from './tokenizer';
import { vectors } from './vectors';

/** Every kind of data set that trials learn from, in the order in which they are listed. */
const list = [text, series, labelled, pairs, frames, audio] as const;

export const datasetKinds = column(list, 'kind');
export type DatasetKind = (typeof datasetKinds)[number];

const registered = [...list, vectors, tokenizer] as const;

/** Every kind of file that is registered: data, and what trials name beside them. */
export const registeredKinds = column(registered, 'kind');
export type RegisteredKind = (typeof registeredKinds)[number];
export const datasetKindDefinitions: Readonly<Record<RegisteredKind, DatasetKindDefinition>> = byName(
  registered,
  'kind',
);
