import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { uploadDataset, useApi } from '../support/api';
import { useDatabase } from '../support/database';
import { countSweeps, letters } from '../support/sweeps';

const dataSource = useDatabase();
const api = useApi(dataSource);

async function upload(
  name: string,
  kind: string,
  content: string | Uint8Array,
): Promise<{ status: number; said: any }> {
  const response = await uploadDataset(api, name, kind, content);
  return { status: response.status, said: await response.json() };
}

const series = (rows: number): string =>
  `date,x\n${Array.from({ length: rows }, (_, row) => `${new Date(Date.UTC(2020, 0, 1 + row)).toISOString().slice(0, 10)},${row}`).join('\n')}\n`;
const sweep = (dataset: object, task: object): object => ({
  ...letters,
  dataset,
  task: { kind: 'forecasting', ...task },
  training: { updates: 4 },
});
const dryRun = async (body: object): Promise<{ status: number; said: any }> => {
  const response = await api.post('/v1/sweeps?dryRun=true', body);
  return { status: response.status, said: await response.json() };
};

it('names the classes of the data for weights of others, before anything is submitted', async () => {
  const rows = Array.from({ length: 40 }, (_, row) => `text ${row},${row % 4 === 0 ? 'spam' : 'ham'}`);
  await upload('mail', 'labelled', `text,label\n${rows.join('\n')}\n`);
  const weighted = (classWeights: object) => ({
    ...letters,
    dataset: 'mail',
    task: 'classification',
    training: { updates: 4, classWeights },
  });
  expect((await dryRun(weighted({ spam: { uniform: [1, 9] } }))).status).toBe(200);
  const { status, said } = await dryRun(weighted({ spma: 3 }));
  expect([status, said.detail]).toEqual([
    422,
    'training.classWeights: the data have no class "spma"; did you mean spam?',
  ]);
});

describe('a data set that is registered', () => {
  it('says what it is, now and later', async () => {
    const { status, said } = await upload('days', 'series', series(40));
    expect([status, said.summary]).toEqual([201, ['read 40 rows: time date (yyyy-M-d), step 1 day; numbers x']]);
    expect(await (await api.call('/v1/datasets/days')).json()).toMatchObject({ summary: said.summary });
  });

  it.each([
    [
      'arrow-series',
      'series',
      'zstd.feather',
      'row 1 and row 21 have the same time, 2026-03-28T20:00:00.000Z: set dataset.series',
      'dataset.text: name the column with the text, one of time, store',
    ],
    [
      'parquet-labels',
      'labelled',
      'hub/data/test-00000-of-00001.parquet',
      'read 10 rows: Parquet; text text; label label',
      'Parquet: 10 texts of the column text, each on lines of its own',
    ],
    [
      'numpy-labels',
      'labelled',
      'waves.npz',
      'read 30 rows: NumPy; 5 to 5 steps; 2 classes (0 15, 1 15)',
      'x_train has 3 dimensions: a table needs arrays of one',
    ],
  ])('may be a table with types: %s', async (name, kind, file, fact, asText) => {
    const content = readFileSync(join(__dirname, '../interchange/fixtures/data', file));
    const { status, said } = await upload(name, kind, content);
    expect([status, said.summary.join()]).toEqual([201, expect.stringContaining(fact)]);
    const cut = await upload(`${name}-cut`, kind, content.subarray(0, content.length - 9));
    expect([cut.status, cut.said.detail]).toEqual([422, expect.stringMatching(/cut short|damaged/)]);
    const text = await upload(`${name}-text`, 'text', content);
    expect(text.said.detail ?? text.said.summary.join()).toContain(asText);
  });

  it('is refused if no trial could learn from it, and nothing is kept', async () => {
    const { status, said } = await upload('words', 'series', 'a,b\nx,y\nz,w\n');
    expect([status, said.detail]).toEqual([422, expect.stringContaining('file: the series has no numeric column')]);
    expect((await api.call('/v1/datasets/words')).status).toBe(404);
  });

  it('is accepted with the option that its trials need', async () => {
    const { status, said } = await upload('either', 'series', 'date,x\n1/2/2020,1\n2/2/2020,2\n3/2/2020,3\n');
    expect([status, said.summary]).toEqual([
      201,
      [expect.stringContaining('warning: date has dates such as 1/2/2020')],
    ]);
  });
});

describe('a dry run', () => {
  beforeAll(() => upload('short', 'series', series(40)));

  it('says what its trials make of their data', async () => {
    const { status, said } = await dryRun(sweep({ name: 'short' }, { lookback: 4 }));
    expect([status, said.data]).toEqual([
      200,
      [
        'short: read 40 rows: time date (yyyy-M-d), step 1 day; numbers x',
        'short: target x, 1 row ahead, from its own past, 4 rows back',
      ],
    ]);
  });

  it.each([
    [
      { name: 'short' },
      { lookback: 60 },
      'the series has 40 rows, too few for a validation window of lookback 60 and horizon 1',
    ],
    [
      { name: 'short', time: 'when' },
      { lookback: 4 },
      'dataset.time.column: there is no column "when"; the columns are date, x',
    ],
    [{ name: 'short' }, { lookback: 4, target: 'y' }, 'task.target: there is no numeric column "y"'],
  ])('is refused where every trial would fail: %j %j', async (dataset, task, message) => {
    const before = await countSweeps(dataSource);
    const { status, said } = await dryRun(sweep(dataset, task));
    expect([status, said.detail]).toEqual([422, expect.stringContaining(message)]);
    expect(await countSweeps(dataSource)).toBe(before);
  });

  it('is not refused where only some trials would fail, which it says', async () => {
    const { status, said } = await dryRun(sweep({ name: 'short' }, { lookback: { grid: [4, 60] } }));
    expect(status).toBe(200);
    expect(said.data.at(-1)).toContain('warning: some trials will fail: the series has 40 rows');
  });

  it('says once which augmentations have no effect, if they have none on any of the data', async () => {
    const labelled = (row: (index: number) => object): string =>
      Array.from({ length: 40 }, (_, index) => JSON.stringify({ ...row(index), label: `${index % 2}` })).join('\n');
    await upload(
      'texts',
      'labelled',
      labelled((index) => ({ text: `text ${index}` })),
    );
    await upload(
      'numbers',
      'labelled',
      labelled((index) => ({ values: [index, 1] })),
    );
    const jittered = async (name: unknown, jitter: unknown): Promise<string[]> => {
      const { said } = await dryRun({
        ...{ ...letters, dataset: { name }, task: 'classification', search: { trials: 8, seed: 3 } },
        training: { updates: 4, augmentation: { jitter } },
      });
      return [said.warning ?? '', ...said.data].join('; ').match(/training\.augmentation\.jitter has no effect/g) ?? [];
    };
    expect(await jittered('texts', 0.1)).toHaveLength(1);
    expect(await jittered('texts', { choice: [0, 0.1] })).toHaveLength(1);
    // Whatever the trial is that is read.
    expect(await jittered('texts', { choice: [0.1, 0] })).toHaveLength(1);
    expect(await jittered('numbers', 0.1)).toEqual([]);
    expect(await jittered({ choice: ['texts', 'numbers'] }, 0.1)).toEqual([]);
  });
});
