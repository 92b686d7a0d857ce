import { trialSpec, validate, type Page, type TrialSpec, type WorkerView } from '@unroll/contracts';
import { prepare, type Prepared, type Tokens } from '@unroll/datasets';
import { train } from '@unroll/training';
import { call } from '../api/client';
import { openNamedEngine } from '../engines';
import { note } from '../show/text';
import { ownTextSweep } from '../templates';
import { fileSource } from './data-sources';

/** Milliseconds for which the pace of training is measured. */
const measured = 3000;

/** The slowest trial of a sweep over the user's own text. */
function largestTrial(tokens: Tokens): TrialSpec {
  const { task, model, training, search: _ } = ownTextSweep('file', { tokens });
  const fixed = { ...training, updates: 1_000_000, reportEvery: 1_000_000, learningRate: 5e-3, diagnostics: false };
  return validate(trialSpec, {
    dataset: 'file',
    task,
    model: { ...model, cell: 'lstm', hiddenSize: 64 },
    training: fixed,
  });
}

/** A text, read as a trial of such a sweep reads it. @throws CommandFailed, DatasetError */
export const readOwnText = async (path: string, tokens: Tokens): Promise<Prepared> =>
  prepare(await fileSource(path, 'text', '--text'), largestTrial(tokens));

/**
 * The updates of each trial with which a sweep over a text takes about so many minutes: measured by training its slowest trial here for a
 * moment, for as many groups of trials as the fleet trains at once. @throws CommandFailed, DatasetError
 */
export async function updatesWithin(minutes: number, path: string, tokens: Tokens): Promise<number> {
  const spec = largestTrial(tokens);
  const { data } = await readOwnText(path, tokens);
  const engine = await openNamedEngine('auto');
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), measured);
  const [result] = await train([{ id: '0', spec }], data, {
    ...{ engine, sampleLength: 0, drain: stop.signal },
    onReport: () => undefined,
  });
  clearTimeout(timer);
  const { items } = await call<Page<WorkerView>>('/v1/workers').catch(() => ({ items: [] }));
  const groups = Math.max(
    1,
    items.reduce((sum, { slots }) => sum + slots, 0),
  );
  const { trials } = ownTextSweep('file').search;
  const updates = Math.max(1, Math.round((minutes * 60 * result!.stepsPerSecond * groups) / trials));
  note(`${minutes} minutes are about ${updates.toLocaleString('en')} updates for each of ${trials} trials.`);
  return updates;
}
