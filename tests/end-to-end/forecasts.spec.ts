import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unroll, unrollPiped } from '../support/cli';
import { temporaryFolder } from '../support/servers.cjs';

const folder = temporaryFolder();
function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const day = (row: number): string => new Date(Date.UTC(2024, 0, 1 + row)).toISOString().slice(0, 10);
/** In no cycle of a week. */
const promotion = (row: number): number => Number((row * row) % 11 < 4);
/** Sales of a week, more on days with a promotion. `open`: from where on they are empty. */
const rows = (store: string, from: number, to: number, open = to): string[] =>
  Array.from({ length: to - from }, (_, at) => {
    const row = from + at;
    const sales = (store === 'A & B' ? 100 : 50) * (1 + 0.2 * (row % 7) + promotion(row));
    return `${store},${day(row)},${promotion(row)},${row >= open ? '' : sales.toFixed(2)}`;
  });
const table = (lines: readonly string[]): string => `store,date,promotion,sales\n${lines.join('\n')}\n`;
const stores = ['A & B', 'C'];
const history = table(stores.flatMap((store) => rows(store, 60, 100, 93)));

const wasm = ['--engine', 'wasm'];
const model = join(folder, 'sales.safetensors');

beforeAll(async () => {
  file('sales.csv', table(stores.flatMap((store) => rows(store, 0, 90))));
  const trial = `
dataset: {path: sales.csv, kind: series, series: store, split: {validation: 14}}
task: {kind: forecasting, target: sales, inputs: [], known: [promotion], calendar: [weekday], lookback: 14, horizon: 7, season: 7,
  normalise: window, loss: {quantiles: [0.05, 0.5, 0.95]}}
model: {cell: gru, hiddenSize: 12}
training: {batchSize: 16, updates: 250, reportEvery: 125, learningRate: 2e-2}
`;
  const ran = await unroll(['train', file('sales.yaml', trial), '-o', model, ...wasm]);
  expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining('Wrote the model of update') });
});

/** Whether every tag of a picture is well-formed, and nothing but tags has their marks. */
const isXml = (text: string): boolean =>
  !/[<>]/.test(text.replaceAll(/<\/?[\w:]+(\s+[\w:-]+="[^"<]*")*\s*\/?>/g, '').replaceAll(/<!\[CDATA\[.*?\]\]>/gs, ''));

describe('unroll predict of a forecast', () => {
  it('writes each series and time with its interval, from the rows before and what is known', async () => {
    const input = file('history.csv', history);
    const picture = join(folder, 'forecast.svg');
    const ran = await unroll(['predict', model, '--input', input, '--format', 'csv', '--chart', picture, ...wasm]);
    expect(ran).toMatchObject({ code: 0, stderr: `Drew 2 of 2 forecasts into ${picture}.\n` });
    const [head, ...lines] = ran.stdout.trim().split('\n');
    expect(head).toBe('series,time,sales,sales 0.05,sales 0.5,sales 0.95');
    const cells = lines.map((line) => line.split(','));
    expect(cells.map(([series, time]) => `${series} ${time}`)).toEqual(
      stores.flatMap((store) => Array.from({ length: 7 }, (_, ahead) => `${store} ${day(93 + ahead)}`)),
    );
    // With the other days promoted, which only the rows ahead tell, other days sell more.
    const other = await unrollPiped(
      history.replaceAll(/,([01]),$/gm, (_, promoted) => `,${1 - Number(promoted)},`),
      ['predict', model, '--input', '-', '--json', ...wasm],
    );
    const flipped: number[] = JSON.parse(other.stdout.split('\n')[0]!).values;
    const changes = cells.slice(0, 7).map((cell, ahead) => Number(cell[2]) - flipped[ahead]!);
    changes.forEach((change, ahead) => expect(Math.sign(change)).toBe(promotion(93 + ahead) === 1 ? 1 : -1));
    const svg = readFileSync(picture, 'utf8');
    expect(svg).toContain('A &amp; B');
    expect(isXml(svg)).toBe(true);
  });

  it('reads the standard input, and forecasts fewer rows if asked', async () => {
    const ran = await unrollPiped(history, ['predict', model, '--input', '-', '--horizon', '2', '--json', ...wasm]);
    const lines = ran.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject(stores.map((series) => ({ series, times: [day(93), day(94)] })));
    expect(lines[0].quantiles['0.95']).toHaveLength(2);
  });

  it('answers as one with several models, which refuses what has no mean', async () => {
    const input = file('history.csv', history);
    const predict = (...models: string[]) => unroll(['predict', ...models, '--input', input, '--json', ...wasm]);
    const [one, both] = await Promise.all([predict(model), predict(model, model)]);
    expect(both).toEqual(one);
    const top = await unroll(['predict', model, '--top', '2', '--input', input, ...wasm]);
    expect(top).toMatchObject({ code: 2, stderr: expect.stringContaining('--top: is of one sweep') });
  });

  it.each([
    [
      'without the future of what is known',
      ['--horizon', '8'],
      'add rows with promotion for all 7 rows of the forecast',
    ],
    ['of another picture', ['--chart', 'a.png'], '--chart a.png: is drawn as SVG; name a file that ends in .svg'],
    ['of a series that is none', ['--chart', 'a.svg', '--series', 'D'], '--series D: there is no such series'],
  ])('is refused %s', async (_, options, message) => {
    const ran = await unroll(
      ['predict', model, '--input', file('history.csv', history), ...options, ...wasm],
      {},
      folder,
    );
    expect(ran.stderr).toContain(message);
    expect(ran.code).toBe(2);
  });
});

describe('unroll evaluate of a forecast', () => {
  it('measures a file beside simple methods, in the unit of the data', async () => {
    const input = file('after.csv', table(stores.flatMap((store) => rows(store, 70, 110))));
    const [last, all] = await Promise.all([
      unroll(['evaluate', model, '--input', input, '--json', ...wasm]),
      unroll(['evaluate', model, '--input', input, '--stride', '1', ...wasm]),
    ]);
    const { data, metrics, baselines } = JSON.parse(last.stdout);
    expect(data).toBe(`${input}: 2 forecasts of 7 rows, of the last rows of each series`);
    const naive = baselines.find(({ name }: { name: string }) => name === 'seasonal naive').metrics;
    expect(metrics.mae).toBeLessThan(naive.mae);
    expect(metrics.medianMase).toBeCloseTo(metrics.mase, 12);
    expect(all.stderr).toContain('40 forecasts of 7 rows, from every 1 rows');
    expect(all.stdout).toMatch(/^metric +network +persistence +seasonal naive +drift +exponential smoothing\n/);
  });
});
