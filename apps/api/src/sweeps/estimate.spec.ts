import { estimateOf } from './estimate';

const past = [
  { signature: 'a', cell: 'gru', trials: 1, secondsPerUpdate: 0.01 },
  { signature: 'b', cell: 'gru', trials: 3, secondsPerUpdate: 0.05 },
  { signature: 'c', cell: 'lstm', trials: 4, secondsPerUpdate: 0.2 },
];

describe('the estimate of a sweep', () => {
  it('takes the pace of trials of the same signature', () => {
    const { trainings, updates, seconds } = estimateOf([{ signature: 'a', cell: 'gru', updates: 100 }], 10, past);
    expect({ trainings, updates, seconds }).toEqual({ trainings: 10, updates: 1000, seconds: 10 });
  });

  it('falls back to trials of the same cell, then to all, and says how many were alike', () => {
    const same = estimateOf([{ signature: 'z', cell: 'gru', updates: 100 }], 1, past);
    expect(same.seconds).toBeCloseTo(4);
    const any = estimateOf(
      [
        { signature: 'z', cell: 'rnn', updates: 100 },
        { signature: 'c', cell: 'lstm', updates: 100 },
      ],
      2,
      past,
    );
    expect(any.seconds).toBeCloseTo(12 + 20, 0);
    expect(any.basis).toBe(
      '8 trials on the same data and task that completed before; 50 % of these configurations are like one of them',
    );
  });

  it('has no seconds where nothing was trained before, and no updates where the data decide', () => {
    expect(estimateOf([{ signature: 'a', cell: 'gru', updates: 7 }], 2, [])).toMatchObject({
      updates: 14,
      seconds: null,
    });
    const open = estimateOf([{ signature: 'a', cell: 'gru', updates: undefined }], 2, past);
    expect(open).toMatchObject({ updates: null, seconds: null, basis: expect.stringContaining('epochs') });
  });
});
