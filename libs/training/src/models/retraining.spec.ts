import { prepare } from '@unroll/datasets';
import { rateFactor, freshPlateau } from '../optim/schedule';
import { makeSpec, words } from '../testing/models.fixture';
import { openTask } from '../tasks/tasks';
import { onAllData } from './retraining';

describe('a trial that is trained again on all data', () => {
  const spec = makeSpec('classification', { training: { updates: undefined, epochs: 3, schedule: 'cosine' } });
  const { data } = prepare(words, spec);
  const again = onAllData(spec, data, 14);

  it('has the learning rates that it had, though all of the data has more updates in an epoch', () => {
    // 48 examples in batches of 7.
    expect(again.training).toMatchObject({ updates: 21, schedule: spec.training.schedule });
    expect(again.training.epochs).toBeUndefined();
    const whole = prepare(words, { ...again, dataset: { ...again.dataset, isWhole: true } }).data;
    expect(openTask(again, whole).updatesPerEpoch).toBe(9);
    expect(rateFactor(again.training.schedule, 14, again.training.updates!, freshPlateau())).toBeCloseTo(0.31733, 5);
  });

  it('holds nothing out and reports once, at its end', () => {
    expect(again.training).toMatchObject({ keep: 'last', earlyStopping: null, reportEvery: 14 });
    expect(again.dataset).toMatchObject({ split: { test: 0 }, fold: undefined });
    expect(onAllData(makeSpec('classification'), data, 2).training.updates).toBe(4);
  });
});
