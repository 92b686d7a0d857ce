import type { TrainingSpec } from '@unroll/contracts';

/** A lane as a task sees it: what differs between lanes, and its position. */
export interface LanePosition {
  seed: number;
  /** The coming update, from 1: every cursor into the data is a pure function of it. */
  update: number;
  /** Rates of this lane; each is 0 in all lanes of a group or in none. */
  dropout: number;
  recurrentDropout: number;
  weightDrop: number;
  labelSmoothing: number;
  /** Those of the same classes in all lanes of a group, or of none. */
  classWeights: TrainingSpec['classWeights'];
  /** Factor of the penalty on features that differ between training and validation inputs; see adaptation.ts. */
  adaptation: number;
  /** Fraction of the steps at which a decoder reads the right token; 1 in all lanes of a group or in none. */
  forcing: number;
  augmentation: { tokenDropout: number; jitter: number; timeMasking: number };
}

/** Nothing is dropped, smoothed or changed: the settings of an evaluation. */
export const plainPosition = {
  ...{ dropout: 0, recurrentDropout: 0, weightDrop: 0, labelSmoothing: 0, adaptation: 0, forcing: 1 },
  classWeights: 'none',
  augmentation: { tokenDropout: 0, jitter: 0, timeMasking: 0 },
} as const;

export type Part = 'validation' | 'test';

/** The examples of a held-out part. Throws Error where there is none. */
export function heldPart<Examples>(data: { validation: Examples; test?: Examples | undefined }, part: Part): Examples {
  const held = data[part];
  if (!held) throw new Error(`the data has no ${part} part`);
  return held;
}
