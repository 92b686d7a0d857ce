import { isForced, layerWidth, type TrialSpec } from '@unroll/contracts';
import { createHash } from 'node:crypto';

/** JSON with sorted keys, so that equal values give equal text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, child]) => child !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, child]) => `${JSON.stringify(key)}:${canonical(child)}`)
    .join(',')}}`;
}

/** A short hash of a value: 16 hexadecimal digits of SHA-256 over its canonical JSON. */
export function shortHash(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex').slice(0, 16);
}

/** How the data is read and split; its name is only a name. */
const readingOf = ({ dataset: { name: _name, ...reading } }: TrialSpec): object => reading;

/**
 * What must be equal for trials to be trained as lanes of one array (after HFTA, Wang et al., MLSys 2021). All else
 * (learning rate and its schedule, clipping, seed, number of updates, rates of dropout, an optimizer's own numbers) is per lane.
 */
export function fusionSignature(spec: TrialSpec, datasetFingerprint: string): string {
  const { bptt, stateful, batchSize, optimizer, teacherForcing, initFrom, adaptation } = spec.training;
  const freeze = [...spec.training.freeze].sort();
  const { dropout, recurrentDropout, ...model } = spec.model;
  return shortHash({
    dataset: datasetFingerprint,
    reading: readingOf(spec),
    task: spec.task,
    model: { ...model, hiddenSize: layerWidth(model), dropout: dropout > 0, recurrentDropout: recurrentDropout > 0 },
    training: {
      ...{ bptt, stateful, batchSize, optimizer: optimizer.kind, forced: isForced(teacherForcing) },
      // What is frozen is no part of the array that learns; an initial model brings its own reading of the data.
      ...{ initFrom, freeze, adaptation: adaptation?.kind },
    },
  });
}

/** Trials with equal boards measured the same thing on the same data, and may be compared. */
export function comparisonKey(spec: TrialSpec, datasetFingerprint: string): string {
  const { task, training } = spec;
  // Nats a word depend on which words there are, and those are the initial model's.
  const words = task.kind === 'language-model' && task.tokens === 'word' ? training.initFrom : undefined;
  return shortHash({ dataset: datasetFingerprint, reading: readingOf(spec), task, words });
}
