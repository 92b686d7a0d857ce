import { airlinePassengers } from '../synthetic/airline-passengers';
import { firstState, fitSmoothing, smoothedForecasts, type Smoothing } from './exponential-smoothing';

const air = Float64Array.from(
  airlinePassengers
    .text({ steps: 144 } as never)
    .trim()
    .split('\n')
    .slice(1),
  (line) => Number(line.split(',')[1]),
);
const learned = air.subarray(0, 132);

const given = (change: Partial<Smoothing>): Smoothing => {
  const gains = { level: 0.4, trend: 0, season: 0, damping: 0, period: 1, isLogarithmic: false, ...change };
  return { ...gains, first: firstState(gains.isLogarithmic ? learned.map(Math.log) : learned, gains)! };
};
const seasonal = { period: 12, season: 0.3 };

describe('exponential smoothing', () => {
  // statsmodels 0.15.0, ExponentialSmoothing with smoothing_level 0.4, smoothing_trend 0.25 (of the level's), smoothing_seasonal 0.3, and
  // known initial states by the same formula: 1, 2 and 13 rows after 132 months of airline passengers.
  it.each([
    ['a level', {}, [413.446376, 413.446376, 413.446376]],
    ['a trend', { trend: 0.1, damping: 1 }, [412.402632, 402.826149, 297.484835]],
    ['a damped trend', { trend: 0.1, damping: 0.9 }, [405.454543, 396.02337, 337.779232]],
    ['seasons', seasonal, [422.82745, 410.299407, 422.82745]],
    ['trend and seasons', { ...seasonal, trend: 0.1, damping: 1 }, [446.134994, 446.24782, 532.065869]],
    [
      'logarithms with all of them',
      { ...seasonal, trend: 0.1, damping: 0.95, isLogarithmic: true },
      [429.128067, 417.989468, 502.093466],
    ],
  ])('of %s forecasts as statsmodels', (_, change, right) => {
    const [forecast] = [...smoothedForecasts(learned, given(change), [132], 13)];
    [0, 1, 12].forEach((at, index) => expect(forecast![at]).toBeCloseTo(right[index]!, 4));
  });

  /** The mean squared error of one row ahead, of logarithms. */
  const errorOf = (smoothing: Smoothing): number => {
    const starts = Array.from({ length: learned.length }, (_, row) => row);
    const forecasts = [...smoothedForecasts(learned, smoothing, starts, 1)];
    return forecasts.reduce((sum, [value], row) => sum + Math.log(value! / learned[row]!) ** 2, 0) / learned.length;
  };

  it('is fitted to the least error, and has the parts that the series has', () => {
    const found = fitSmoothing(learned, 12)!;
    expect(found).toMatchObject({ period: 12, isLogarithmic: true });
    expect(found.damping).toBeGreaterThan(0);
    // statsmodels finds 0.00141944, at 0.4059, 0.0175 (of the level's) and 0.4564.
    expect(errorOf(found)).toBeLessThan(0.00141944 * 1.01);
    const [forecast] = [...smoothedForecasts(learned, found, [132], 12)];
    const errors = forecast!.map((value, ahead) => Math.abs(value - air[132 + ahead]!));
    // The seasonal naive forecast has 47.8.
    expect(errors.reduce((sum, each) => sum + each, 0) / 12).toBeLessThan(25);
    const noise = Float64Array.from({ length: 200 }, (_, row) => 5 + Math.sin(row * row));
    expect(fitSmoothing(noise, 12)).toMatchObject({ period: 1, damping: 0 });
  });

  it('forecasts from what precedes a row alone, and over missing values', () => {
    const smoothing = fitSmoothing(learned, 12)!;
    const later = air.slice();
    later.fill(1, 140);
    expect([...smoothedForecasts(later, smoothing, [120, 140], 3)]).toEqual([
      ...smoothedForecasts(air, smoothing, [120, 140], 3),
    ]);
    const gaps = air.map((value, row) => (row % 7 === 3 ? NaN : value));
    const [forecast] = [...smoothedForecasts(gaps, fitSmoothing(gaps.subarray(0, 132), 12)!, [132], 12)];
    const errors = forecast!.map((value, ahead) => Math.abs(value - air[132 + ahead]!));
    expect(errors.reduce((sum, each) => sum + each, 0) / 12).toBeLessThan(30);
    expect(fitSmoothing(Float64Array.of(1, 2, 3, NaN, 5), 1)).toBeUndefined();
    expect(fitSmoothing(new Float64Array(20).fill(3), 4)).toMatchObject({ damping: 0 });
  });
});
