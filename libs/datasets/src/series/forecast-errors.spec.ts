import { ForecastErrors } from './forecast-errors';

const units = (truth: number[], naive: number) => ({
  truth: Float64Array.from(truth),
  learned: Float64Array.from(truth),
  isLogarithmic: false,
  starts: Int32Array.of(0, 2),
  shift: new Float64Array(2),
  scale: new Float64Array(2),
  reference: 'none' as const,
  season: 1,
  naive: Float64Array.of(naive, 2 * naive),
  spans: [{ key: '', begin: 0, end: truth.length }],
});

describe('the errors of forecasts', () => {
  it('are those of the M4 competition, and relative to the naive forecast', () => {
    const errors = new ForecastErrors(units([10, 20, 0, 4], 2));
    errors.add(0, [12, 20]);
    errors.add(1, [0, 8]);
    const { mse, mae, smape, mase, weightedQuantileLoss, ...others } = errors.metrics();
    expect(mse).toBeCloseTo((4 + 0 + 0 + 16) / 4, 12);
    expect(mae).toBeCloseTo(6 / 4, 12);
    expect(smape).toBeCloseTo((400 / 22 + 0 + 0 + 800 / 12) / 4, 12);
    expect(mase).toBeCloseTo((1 / 2 + 2 / 4) / 2, 12);
    // Of a median alone it is the absolute error relative to the absolute values.
    expect(weightedQuantileLoss).toBeCloseTo(6 / 34, 12);
    expect(others).toEqual({});
  });

  it('of quantiles weigh each side by its level, and count what an interval covers', () => {
    const errors = new ForecastErrors(units([10, 20, 0, 4], 2));
    const quantiles = new Map([
      [0.05, [8, 21]],
      [0.5, [12, 22]],
      [0.95, [16, 30]],
    ]);
    errors.add(0, [12, 22], quantiles);
    const { weightedQuantileLoss, coverage90 } = errors.metrics();
    const low = 2 * (0.05 * 2 + 0.95 * 1);
    const middle = 2 + 2;
    const high = 2 * (0.05 * 6 + 0.05 * 10);
    expect(weightedQuantileLoss).toBeCloseTo((low + middle + high) / 3 / 30, 12);
    expect(coverage90).toBe(0.5);
  });

  it('leave out what cannot be computed: mase of constant series, and relative errors of zeros', () => {
    const errors = new ForecastErrors(units([0, 0, 0, 0], 0));
    errors.add(0, [0, 1]);
    expect(Object.keys(errors.metrics())).toEqual(['mse', 'mae', 'smape']);
  });
});
