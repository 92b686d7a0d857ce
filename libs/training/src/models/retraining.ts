import type { TrialSpec } from '@unroll/contracts';
import type { PreparedData } from '@unroll/datasets';
import { openTask } from '../tasks/tasks';

/**
 * A trial that holds nothing out: it reports once, at `until`, and keeps the weights that it has there. `data`: as the trial was trained on
 * it. Schedules are as long as they were there: of all of the data, as many epochs would have more updates. Throws Error for data that the
 * task cannot use.
 */
export function onAllData(spec: TrialSpec, data: PreparedData, until: number): TrialSpec {
  const { dataset, training } = spec;
  const { epochs, ...how } = training;
  return {
    ...spec,
    dataset: { ...dataset, split: { ...dataset.split, test: 0 }, fold: undefined },
    training: {
      ...how,
      ...(epochs !== undefined && { updates: epochs * updatesPerEpoch(spec, data) }),
      keep: 'last',
      earlyStopping: null,
      reportEvery: until,
    },
  };
}

function updatesPerEpoch(spec: TrialSpec, data: PreparedData): number {
  const opened = openTask(spec, data);
  opened.dispose?.();
  return opened.updatesPerEpoch;
}
