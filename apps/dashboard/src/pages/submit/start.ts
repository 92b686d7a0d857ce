import type { SweepView } from '@unroll/contracts';
import { stringify } from 'yaml';

/** The initial text of the editor: a sweep on built-in data that shows a result within a minute. */
export const firstSweep = `# Any value may be a distribution: choice, grid, uniform, logUniform, int, normal.
name: my-first-sweep
dataset: typescript-declarations
task: language-model
model:
  cell: {grid: [rnn, lstm, gru]}
  hiddenSize: {choice: [32, 64]}
  embeddingSize: 32
training:
  bptt: 32
  batchSize: 16
  updates: 600
  reportEvery: 50
  learningRate: {logUniform: [2e-3, 3e-2]}
  clipNorm: 1
search: {algorithm: random, trials: 12, seed: 1}
stopping: {rule: asha, minUpdates: 100, reductionFactor: 3}
`;

/** An earlier sweep as the text of a new one, without empty sections. */
export function fromSweep({ spec }: Pick<SweepView, 'spec'>): string {
  const kept = Object.entries(spec).filter(
    ([, value]) => typeof value !== 'object' || value === null || Object.keys(value).length > 0,
  );
  return stringify(Object.fromEntries(kept), { lineWidth: 100, flowCollectionPadding: false });
}

const draft = 'unroll.draft';

/** The unsaved draft of this tab, which survives a reload. */
export const keptDraft = (): string | null => {
  try {
    return sessionStorage.getItem(draft);
  } catch {
    return null;
  }
};

export function keepDraft(text: string | null): void {
  try {
    if (text === null) sessionStorage.removeItem(draft);
    else sessionStorage.setItem(draft, text);
  } catch {
    // Storage is unavailable: a reload loses the draft.
  }
}
