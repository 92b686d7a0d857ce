import type { TaskSpec, TrialSpec } from '@unroll/contracts';
import type { Tokens } from './text/symbols';

interface Reading {
  /** What one step of a text reads. */
  tokens: Tokens;
  /** Most frequent words that are kept. */
  vocabulary: number;
}

/** Tasks that data can be prepared for, but that no trial can name yet: the contracts do not have them. */
export type PlannedTask = ({ kind: 'transcription' } & Reading) | { kind: 'tree-classification'; vocabulary: number };

/** A task that data can be prepared for. */
export type PreparableTask = TaskSpec | PlannedTask;
/** What preparing needs to know of a trial. */
export type Preparation = Pick<TrialSpec, 'dataset'> & { task: PreparableTask };
