/** @jest-environment <rootDir>/tests/support/native-arrays-environment.mjs */
import { openFastest } from '../testing/for-each-engine';
import { makeSpec, trained } from '../testing/models.fixture';
import { Network } from '../models/network';
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
    const [answer] = (await network.answers()) as { values: number[]; quantiles: Record<string, number[]> }[];
    network.dispose();
    expect(data.kind).toBe('examples');
    // Rows 800 and 801, whose season begins: 160 and 170.2.
    [160, 170.2].forEach((right, ahead) => {
      const [low, middle, high] = ['0.05', '0.5', '0.95'].map((level) => answer!.quantiles[level]![ahead]!);
      expect(middle).toBe(answer!.values[ahead]);
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
});
