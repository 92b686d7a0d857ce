import { estimateSweep } from './estimate';

const past = [
  { signature: 'a', cell: 'gru', trials: 1, secondsPerUpdate: 0.01 },
  { signature: 'b', cell: 'gru', trials: 3, secondsPerUpdate: 0.05 },
  { signature: 'c', cell: 'lstm', trials: 4, secondsPerUpdate: 0.2 },
];

describe('the estimate of a sweep', () => {
  it('uses the pace of trials of the same signature', () => {
    const { trainings, updates, seconds } = estimateSweep([{ signature: 'a', cell: 'gru', updates: 100 }], 10, past);
    expect({ trainings, updates, seconds }).toEqual({ trainings: 10, updates: 1000, seconds: 10 });
  });

  it('falls back to trials of the same cell, then to all, and states how many matched', () => {
    const same = estimateSweep([{ signature: 'z', cell: 'gru', updates: 100 }], 1, past);
    expect(same.seconds).toBeCloseTo(4);
    const any = estimateSweep(
      [
        { signature: 'z', cell: 'rnn', updates: 100 },
        { signature: 'c', cell: 'lstm', updates: 100 },
      ],
      2,
      past,
    );
    expect(any.seconds).toBeCloseTo(12 + 20, 0);
    expect(any.basis).toBe(
      '8 completed trials on the same data and task; 50 % of these configurations match one of them',
    );
  });

  it('has no seconds without earlier trials, and no updates if they depend on the data', () => {
    expect(estimateSweep([{ signature: 'a', cell: 'gru', updates: 7 }], 2, [])).toMatchObject({
      updates: 14,
      seconds: null,
    });
    const open = estimateSweep([{ signature: 'a', cell: 'gru', updates: undefined }], 2, past);
    expect(open).toMatchObject({ updates: null, seconds: null, basis: expect.stringContaining('epochs') });
  });
});
