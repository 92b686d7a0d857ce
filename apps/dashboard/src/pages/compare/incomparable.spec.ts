import { whyIncomparable } from './incomparable';

const trial = (id: string, dataset: object, task: object) => ({ id, spec: { dataset, task, model: { cell: id } } });

describe('why two trials cannot be compared', () => {
  it('names what differs in their data and task, and nothing else', () => {
    const one = trial('a', { name: 'airline', split: { validation: 0.1 } }, { kind: 'forecasting', lookback: 12 });
    const other = trial('b', { name: 'surnames', split: { validation: 0.1 } }, { kind: 'classification' });
    expect(whyIncomparable(one, other)).toBe(
      'a and b differ in dataset.name (airline and surnames), task.kind (forecasting and classification), task.lookback (12 and –): ' +
        'values of different data or tasks are no measure of each other.',
    );
    expect(whyIncomparable(one, { ...one, id: 'c' })).toBeUndefined();
  });
});
