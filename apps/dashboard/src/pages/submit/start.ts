import type { SweepView } from '@unroll/contracts';
import { stringify } from 'yaml';

/** A sweep to begin with: small enough to see a result within a minute, on data that is built in. */
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

/** An earlier sweep as a text to begin another with. What is empty, as a default, is left out. */
export function fromSweep({ spec }: Pick<SweepView, 'spec'>): string {
  const kept = Object.entries(spec).filter(
    ([, value]) => typeof value !== 'object' || value === null || Object.keys(value).length > 0,
  );
  return stringify(Object.fromEntries(kept), { lineWidth: 100, flowCollectionPadding: false });
}

const draft = 'unroll.draft';

/** What was being written in this tab, should it be reloaded. */
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
    // A browser that keeps nothing: a reload begins anew.
  }
}
