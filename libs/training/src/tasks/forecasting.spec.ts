import { openFastest } from '../testing/for-each-engine';
import { makeSpec, trained } from '../testing/models.fixture';
import { forecastFurther } from '../models/forecast-further';
import { Network } from '../models/network';
import type { ForecastAnswer } from './task';
import { encode } from '@unroll/datasets';

beforeAll(async () => void (await openFastest()));

/** A season of 4 rows, growing, with noise of deviation 1 that is the same at each call. */
function noisy(rows: number): string {
  let state = 7;
  const uniform = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return `x\n${Array.from({ length: rows }, (_, row) => (row / 5 + 10 * [0, 1, 3, 1][row % 4]! + normal()).toFixed(4)).join('\n')}`;
}

const series = { kind: 'series', bytes: Buffer.from(noisy(800)) } as const;
/** To the 6 digits that a trial keeps. */
const rowsOf = ({ bytes }: { bytes: Buffer }): number[] =>
  bytes
    .toString()
    .split('\n')
    .slice(1)
    .map((row) => Number(Number(row).toPrecision(6)));
const task = { kind: 'forecasting', lookback: 8, horizon: 2, season: 4, normalise: 'window', reference: 'season' };
const training = { updates: 300, reportEvery: 300, batchSize: 32, learningRate: 0.01 };

describe('a forecast', () => {
  it.each([
    ['quantiles', { quantiles: [0.05, 0.5, 0.95] }],
    ['a normal distribution', { distribution: 'normal' }],
    ['Student’s t', { distribution: 'student-t' }],
  ])('by %s has intervals that hold nine of ten values, and is better than the season before', async (_, loss) => {
    const { reports, results, model, data } = await trained(series, [makeSpec({ ...task, loss }, { training })]);
    const { metrics } = reports[0]!.at(-1)!;
    expect(metrics['validation.coverage90']).toBeGreaterThan(0.82);
    expect(metrics['validation.coverage90']).toBeLessThan(0.97);
    expect(metrics['validation.mase']).toBeLessThan(0.85);

    const shown = results[0]!.snapshots!.forecasts!.at(-1)!;
    expect(shown).toMatchObject({ series: '', times: ['799', '800'], truth: rowsOf(series).slice(-2) });
    expect(shown.past).toEqual({ times: expect.arrayContaining(['798']), values: rowsOf(series).slice(-26, -2) });
    expect(Object.keys(shown.quantiles)).toEqual(expect.arrayContaining(['0.05', '0.5', '0.95']));

    const network = new Network(model, encode(series, { ...model.header.spec, reading: model.header.reading }).data);
    const [{ forecasts }] = (await network.answers()) as [ForecastAnswer];
    const { values, quantiles } = forecasts[0]!;
    network.dispose();
    expect(data.kind).toBe('examples');
    // Rows 800 and 801, whose season begins: 160 and 170.2.
    [160, 170.2].forEach((right, ahead) => {
      const [low, middle, high] = ['0.05', '0.5', '0.95'].map((level) => quantiles![level]![ahead]!);
      expect(middle).toBe(values[ahead]);
      expect(Math.abs(middle! - right)).toBeLessThan(4);
      expect(high! - low!).toBeGreaterThan(2);
      expect(high! - low!).toBeLessThan(8);
      expect(low!).toBeLessThan(middle!);
    });
  });

  it('with a linear layer beside the network begins where that forecasts nothing, and learns what it can', async () => {
    // Each value is the one 6 rows before: linear in what is read.
    const repeated = `x\n${Array.from({ length: 400 }, (_, row) => [3, 1, 4, 1, 5, 9][row % 6]).join('\n')}`;
    const source = { kind: 'series', bytes: Buffer.from(repeated) } as const;
    const linear = { kind: 'forecasting', lookback: 6, horizon: 2, autoregression: 6 };
    const spec = makeSpec(linear, { training: { ...training, learningRate: 0.02 }, model: { hiddenSize: 2 } });
    const { results, reports } = await trained(source, [spec]);
    expect(results[0]!.weights!['autoregression.weight']!.shape).toEqual([2, 6]);
    expect(reports[0]!.at(-1)!.metrics['validation.mae']).toBeLessThan(0.15);
  });

  it('of several columns has the errors of each and their mean, and a linear layer from its own past for each', async () => {
    const rows = Array.from({ length: 300 }, (_, row) => {
      const [a, b] = [[3, 1, 4, 1, 5, 9][row % 6]!, 1000 + 50 * [2, 7, 1, 8][row % 4]!];
      return `${a},${(row * 7) % 5},${b}`;
    });
    const source = { kind: 'series', bytes: Buffer.from(`a,noise,b\n${rows.join('\n')}`) } as const;
    const both = {
      ...{ kind: 'forecasting', target: ['b', 'a'], inputs: [], lookback: 12, horizon: 2, normalise: 'window' },
      ...{ lags: [12], autoregression: 12, loss: { quantiles: [0.05, 0.5, 0.95] } },
    };
    const spec = makeSpec(both, { training: { ...training, learningRate: 0.02 }, model: { hiddenSize: 4 } });
    const { results, reports, model } = await trained(source, [spec]);
    const { metrics } = reports[0]!.at(-1)!;
    expect(metrics['validation.mae.a']).toBeLessThan(0.5);
    expect(metrics['validation.mae.b']).toBeLessThan(25);
    expect(metrics['validation.mae']).toBeCloseTo((metrics['validation.mae.a']! + metrics['validation.mae.b']!) / 2, 9);
    // 3 quantiles of 2 columns, 2 rows ahead.
    expect(results[0]!.weights!['autoregression.weight']!.shape).toEqual([12, 12]);
    const shown = results[0]!.snapshots!.forecasts!;
    expect(shown.slice(-2)).toMatchObject([
      { target: 'b', truth: [298, 299].map((row) => 1000 + 50 * [2, 7, 1, 8][row % 4]!) },
      { target: 'a', truth: [298, 299].map((row) => [3, 1, 4, 1, 5, 9][row % 6]!) },
    ]);
    const network = new Network(model, encode(source, { ...model.header.spec, reading: model.header.reading }).data);
    const [{ forecasts }] = (await network.answers()) as [ForecastAnswer];
    network.dispose();
    expect(Math.abs(forecasts[0]!.values[0]! - 1100)).toBeLessThan(60);
    expect(Math.abs(forecasts[1]!.values[0]! - 3)).toBeLessThan(1.5);
  });

  it('of counts by a negative binomial distribution has whole quantiles whose interval holds nine of ten', async () => {
    let state = 11;
    const uniform = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    // Poisson with a mean of 2, 6, 12 and 6 in turn: by multiplying uniform numbers (Knuth).
    const poisson = (mean: number): number => {
      let [count, product] = [-1, 1];
      while (product > Math.exp(-mean)) [count, product] = [count + 1, product * uniform()];
      return count;
    };
    const counts = Array.from({ length: 800 }, (_, row) => poisson([2, 6, 12, 6][row % 4]!));
    const source = { kind: 'series', bytes: Buffer.from(`x\n${counts.join('\n')}`) } as const;
    const { normalise: _, reference: __, ...plain } = task;
    const spec = makeSpec({ ...plain, loss: { distribution: 'negative-binomial' } }, { training });
    const { reports, results, model } = await trained(source, [spec]);
    const { metrics } = reports[0]!.at(-1)!;
    expect(metrics['validation.coverage90']).toBeGreaterThan(0.85);
    // Paths are of whole counts, which are read again.
    const [further] = await forecastFurther([model], source, 8, { samples: 21, seed: 0 });
    further!.quantiles['0.5']!.forEach((value) => expect(Number.isInteger(value)).toBe(true));
    // The seasonal naive forecast has a MASE of about 1, and the means themselves have 0.7.
    expect(metrics['validation.mase']).toBeLessThan(0.85);
    expect(metrics['validation.crps']).toBeLessThan(metrics['validation.mae']!);
    const { quantiles } = results[0]!.snapshots!.forecasts!.at(-1)!;
    Object.values(quantiles).forEach((all) => all.forEach((value) => expect(Number.isInteger(value)).toBe(true)));
    await expect(
      trained({ kind: 'series', bytes: Buffer.from('x\n1\n2\n-3\n4\n5\n6\n7\n8\n') }, [spec]),
    ).rejects.toThrow('task.loss: negative-binomial is a distribution of counts, and x is -3 in row 3');
  });

  it('continued from its distributions has intervals that widen, the same for the same seed', async () => {
    // A random walk, whose variance grows with each row.
    let state = 5;
    const uniform = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    let value = 50;
    const walk = Array.from({ length: 600 }, () => (value += normal()).toFixed(4));
    const source = { kind: 'series', bytes: Buffer.from(`x\n${walk.join('\n')}`) } as const;
    const walking = { kind: 'forecasting', lookback: 8, horizon: 1, normalise: 'window', reference: 'last' };
    const { model } = await trained(source, [makeSpec({ ...walking, loss: { distribution: 'normal' } }, { training })]);
    const further = (seed: number) => forecastFurther([model], source, 16, { samples: 100, seed });
    const [forecast] = await further(0);
    const width = (ahead: number): number =>
      forecast!.quantiles['0.95']![ahead]! - forecast!.quantiles['0.05']![ahead]!;
    expect(forecast!.values).toHaveLength(16);
    expect(forecast!.times.at(-1)).toBe('616');
    // 2 · 1.645 · √rows, about.
    expect(width(0)).toBeGreaterThan(2.4);
    expect(width(0)).toBeLessThan(4.4);
    expect(width(15) / width(0)).toBeGreaterThan(2.5);
    expect(width(15) / width(0)).toBeLessThan(10);
    expect(await further(0)).toEqual([forecast]);
    expect(await further(1)).not.toEqual([forecast]);
  });
});
