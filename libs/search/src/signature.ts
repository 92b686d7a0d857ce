import {
  canonical,
  localTeam,
  metricPer,
  sharedByLanes,
  tasks,
  type SweepSpec,
  type TrialSpec,
} from '@unroll/contracts';
import { createHash } from 'node:crypto';

/** A short hash of a value: 16 hexadecimal digits of SHA-256 over its canonical JSON. */
export function shortHash(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex').slice(0, 16);
}

/** How the data is read and split. The name is left out: it does not affect the result. */
const dataOptions = ({ dataset: { name: _name, ...reading } }: TrialSpec): object => reading;

/** A key that is equal for trials that can train as lanes of one array. The option definitions say which options must be equal. */
export const fusionSignature = (spec: TrialSpec, datasetFingerprint: string): string =>
  shortHash({ fingerprint: datasetFingerprint, ...sharedByLanes(spec) });

/** Trials with equal keys were trained the same way on the same data, with the same seed: they give the same result. */
export const trainingKey = (spec: TrialSpec, datasetFingerprint: string): string =>
  shortHash({ ...spec, dataset: { fingerprint: datasetFingerprint, reading: dataOptions(spec) } });

/** The options of a task that decide what a metric of it measures; without a metric, what all of them measure. */
export function measuredOptions(task: TrialSpec['task'], metric?: string): Record<string, unknown> {
  // The task of a study is its caller's.
  if (!Object.hasOwn(tasks, task.kind)) return {};
  const { ownChoices, lossOptions } = tasks[task.kind];
  const isOfLoss = metric === undefined || /\.(loss|weightedQuantileLoss)$/.test(metric);
  const ofTokens = metricPer(metric) === 'character' ? ['tokens', 'vocabulary', 'tokenizer'] : [];
  const left = new Set([...ownChoices, ...(isOfLoss ? [] : lossOptions), ...ofTokens]);
  return Object.fromEntries(Object.entries(task).filter(([option]) => !left.has(option)));
}

/** Studies of one name and metric, for the same team, measure the same quantity. */
export const studyKey = (
  { name, objective }: Pick<SweepSpec, 'name' | 'objective'>,
  teamId: string = localTeam,
): string => shortHash({ study: name, metric: objective?.metric, goal: objective?.goal, team: teamId });

/**
 * Trials with equal keys measured the same quantity on the same data, for the same team, and may be compared. `metric`: their objective,
 * which may not depend on the options of their loss.
 */
export function comparisonKey(
  spec: TrialSpec,
  datasetFingerprint: string,
  { teamId = localTeam, metric }: { teamId?: string; metric?: string } = {},
): string {
  const { training } = spec;
  const task = measuredOptions(spec.task, metric);
  // Nats per word depend on the vocabulary, which comes from the initial model, but not from word vectors.
  const isPerWord = metricPer(metric) !== 'character' && tasks[spec.task.kind].isPerWord?.(spec.task);
  const words = isPerWord && training.initFrom?.embedding === undefined ? training.initFrom : undefined;
  // Keys from before there were teams name none.
  const team = teamId === localTeam ? undefined : teamId;
  return shortHash({ dataset: datasetFingerprint, reading: dataOptions(spec), task, words, team });
}
