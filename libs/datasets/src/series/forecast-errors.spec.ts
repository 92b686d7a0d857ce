import { fairCrps, ForecastErrors, metricsOfTargets } from './forecast-errors';

const units = (truth: number[], naive: number, target = 'x') => ({
  target,
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
    errors.add(0, { values: [12, 20] });
    errors.add(1, { values: [0, 8] });
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
    errors.add(0, { values: [12, 22], quantiles: { 0.05: [8, 21], 0.5: [12, 22], 0.95: [16, 30] } });
    const { weightedQuantileLoss, coverage90 } = errors.metrics();
    const low = 2 * (0.05 * 2 + 0.95 * 1);
    const middle = 2 + 2;
    const high = 2 * (0.05 * 6 + 0.05 * 10);
    expect(weightedQuantileLoss).toBeCloseTo((low + middle + high) / 3 / 30, 12);
    expect(coverage90).toBe(0.5);
  });

  it('leave out what cannot be computed: mase of constant series, and relative errors of zeros', () => {
    const errors = new ForecastErrors(units([0, 0, 0, 0], 0));
    errors.add(0, { values: [0, 1] });
    expect(Object.keys(errors.metrics())).toEqual(['mse', 'mae', 'smape']);
  });

  it('are those of the values that are there: a window without any counts for nothing', () => {
    const errors = new ForecastErrors(units([NaN, 20, NaN, NaN], 2));
    errors.add(0, { values: [12, 24] });
    errors.add(1, { values: [0, 8] });
    expect(errors.metrics()).toMatchObject({ mse: 16, mae: 4, mase: 4 / 2 });
  });

  it('of several targets are none where one has no value, rather than those of the others', () => {
    const both = [units([10, 20, 0, 4], 2, 'a'), units([NaN, NaN, 3, 4], 1, 'b')].map(
      (each) => new ForecastErrors(each),
    );
    both.forEach((each) => each.add(0, { values: [12, 20] }));
    expect(Object.keys(metricsOfTargets(both)).sort()).toEqual(
      ['mae.a', 'mase.a', 'mse.a', 'smape.a', 'weightedQuantileLoss.a'].sort(),
    );
    expect(Object.keys(metricsOfTargets(both.toReversed())).every((name) => name.endsWith('.a'))).toBe(true);
  });

  it('of several targets are their mean, and those of each', () => {
    const both = [units([10, 20, 0, 4], 2, 'a'), units([1, 2, 3, 4], 0, 'b')].map((each) => new ForecastErrors(each));
    both[0]!.add(0, { values: [12, 20] });
    both[1]!.add(0, { values: [1, 5] });
    const metrics = metricsOfTargets(both);
    expect(metrics).toMatchObject({ 'mae.a': 1, 'mae.b': 1.5, mae: 1.25, 'mse.a': 2, 'mse.b': 4.5, mse: 3.25 });
    // Of a constant series there is none, and so no mean.
    expect(metrics['mase.a']).toBeCloseTo(0.5, 12);
    expect(metrics).not.toHaveProperty('mase');
  });
});

describe('the continuous ranked probability score of samples', () => {
  it('is the definition over all pairs, and the absolute error of equal samples', () => {
    const samples = [3, -1, 4, 1, -5, 9];
    const pairs = samples.flatMap((a, i) => samples.flatMap((b, j) => (i === j ? [] : [Math.abs(a - b)])));
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(fairCrps(samples, 2)).toBeCloseTo(mean(samples.map((x) => Math.abs(x - 2))) - mean(pairs) / 2, 12);
    expect(fairCrps([7, 7, 7], 4)).toBe(3);
  });

  it('has the same expectation for few and many samples: that of the distribution', () => {
    // Of a uniform distribution over [0, 1] at y: y² − y + 1/3 (Jordan et al. 2019).
    let state = 3;
    const uniform = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    for (const count of [2, 10]) {
      const scores = Array.from({ length: 40_000 }, () => fairCrps(Array.from({ length: count }, uniform), 0.3));
      expect(scores.reduce((sum, each) => sum + each, 0) / scores.length).toBeCloseTo(0.09 - 0.3 + 1 / 3, 2);
    }
  });
});
