import { storedTrial } from './stored-trial';
import { trialSpec, type TrialSpec } from './trial-spec';
import { validate } from './validation';

/** A trial of which each option is there. */
const whole = validate(trialSpec, {
  dataset: 'a',
  task: 'classification',
  model: { cell: 'gru', hiddenSize: 16, dropout: 0.2 },
  training: { epochs: 3, learningRate: 0.01, seed: 7 },
});

/** As version 0.1.0 stored it. */
function old({ model, training, ...rest }: TrialSpec): TrialSpec {
  const later = ['weightDrop', 'zoneout', 'precision', 'recompute', 'classWeights'];
  const without = (options: object): object =>
    Object.fromEntries(Object.entries(options).filter(([key]) => !later.includes(key)));
  return { ...rest, model: without(model), training: without(training) } as TrialSpec;
}

describe('a stored trial', () => {
  it('has the defaults of options that came after it, and all else as it was', () => {
    expect(Object.keys(old(whole).training)).not.toContain('classWeights');
    expect(storedTrial(old(whole))).toEqual(whole);
  });

  it.each(['lstm', 'gru', 'rnn', 'slstm', 'transformer'])(
    'of the cell %s is itself where it has all options, whether it is trained by updates or by epochs',
    (cell) => {
      for (const training of [{ updates: 3 }, { epochs: 3 }]) {
        const trial = validate(trialSpec, { dataset: 'a', task: 'classification', model: { cell }, training });
        expect(storedTrial(trial)).toBe(trial);
      }
    },
  );

  it.each(['model', 'training'] as const)('is completed whichever option of %s it lacks', (section) => {
    const byUpdates = validate(trialSpec, { dataset: 'a', task: 'language-model' });
    for (const key of Object.keys(byUpdates[section]).filter((each) => each !== 'updates')) {
      const { [key as never]: _, ...others } = byUpdates[section];
      expect(storedTrial({ ...byUpdates, [section]: others })).toEqual(byUpdates);
    }
  });
});
