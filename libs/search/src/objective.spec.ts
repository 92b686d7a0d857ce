import type { Objective } from '@unroll/contracts';
import { noStanding, standingAfter, type Standing } from './objective';

const after = (objective: Partial<Objective>, values: readonly (number | undefined)[]): Standing =>
  values.reduce<Standing>(
    (standing, value, index) =>
      standingAfter({ metric: 'validation.loss', goal: 'minimize', use: 'best', ...objective }, standing, {
        update: (index + 1) * 10,
        metrics: value === undefined ? { 'train.loss': 1 } : { 'validation.loss': value },
      }),
    noStanding,
  );

describe("a trial's standing", () => {
  it('is its best report, with the update and the metrics of that report', () => {
    expect(after({}, [3, 1, 2])).toEqual({ value: 1, update: 20, metrics: { 'validation.loss': 1 } });
    expect(after({ goal: 'maximize' }, [1, 3, 2])).toEqual({ value: 3, update: 20, metrics: { 'validation.loss': 3 } });
  });

  it('is the earlier of two equal reports', () => {
    expect(after({}, [1, 1]).update).toBe(10);
  });

  it('is its last report where the objective says so', () => {
    expect(after({ use: 'last' }, [1, 3])).toMatchObject({ value: 3, update: 20 });
    expect(after({ use: 'last', goal: 'maximize' }, [3, 1])).toMatchObject({ value: 1, update: 20 });
  });

  it.each([NaN, Infinity, -Infinity, undefined])('ignores the value %s', (value) => {
    for (const objective of [{}, { goal: 'maximize' }, { use: 'last' }] as const) {
      expect(after(objective, [value])).toEqual(noStanding);
      expect(after(objective, [2, value]).value).toBe(2);
      expect(after(objective, [value, 2])).toMatchObject({ value: 2, update: 20 });
    }
  });

  it('can be zero and negative', () => {
    expect(after({}, [1, 0, -1, 0]).value).toBe(-1);
    expect(after({ goal: 'maximize' }, [-2, 0]).value).toBe(0);
  });
});
