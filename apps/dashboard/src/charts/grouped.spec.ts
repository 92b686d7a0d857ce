import type { Curves, Points } from '@unroll/contracts';
import { groupedCurves } from './grouped';

const trial = (id: string, at: unknown, values: (number | null)[]) => ({
  curve: {
    ...{ trialId: id, sweepId: 's', configuration: 0, seed: 0, state: 'completed' as const },
    ...{ updates: values.map((_, index) => 10 * (index + 1)), values },
  },
  point: {
    ...{ trialId: id, configuration: 0, seed: 0, state: 'completed' as const, value: 1, updates: 1, finishedAt: null },
    at: [at],
  },
});
type Made = ReturnType<typeof trial>;
const grouped = (all: Made[], scale: Points['parameters'][number]['scale']) =>
  groupedCurves(
    { metric: 'm', metrics: ['m'], items: all.map(({ curve }) => curve) } satisfies Curves,
    { metric: 'm', goal: 'minimize', parameters: [{ path: 'a', scale }], items: all.map(({ point }) => point) },
    0,
  );

describe('curves by a parameter', () => {
  it('are the median of the trials with a value, and their quartiles', () => {
    const groups = grouped(
      [trial('a', 'gru', [1, 2]), trial('b', 'gru', [3, 6]), trial('c', 'rnn', [9, 8])],
      'category',
    );
    expect(groups.map(({ label, trials }) => [label, trials])).toEqual([
      ['gru', 2],
      ['rnn', 1],
    ]);
    expect(groups[0]).toMatchObject({ updates: [10, 20], median: [2, 4] });
    expect(groups[0]).toMatchObject({ low: [1.5, 3], high: [2.5, 5] });
    expect(groups[1]).toMatchObject({ median: [9, 8], low: [9, 8] });
  });

  it('end where fewer than half of the trials are left, and leave out values that are not finite', () => {
    const [group] = grouped([trial('a', 1, [1, null, 1]), trial('b', 1, [3]), trial('c', 1, [5])], 'linear');
    expect(group).toMatchObject({ updates: [10], median: [3] });
  });

  it('of a number with many values are those of quarters of the trials', () => {
    const all = Array.from({ length: 40 }, (_, index) => trial(String(index), index, [index]));
    const groups = grouped(all, 'linear');
    expect(groups.map(({ trials }) => trials)).toEqual([10, 10, 10, 10]);
    expect(groups[0]!.label).toBe('0 to 10');
  });
});
