import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import open from 'sql.js';
import type { ExportedSweep } from './exported-sweep';
import { parseLoose } from './loose-json';
import { Mlflow } from './mlflow';
import { readOptuna } from './optuna';
import { readOptunaDatabase } from './optuna-database';
import { crc32c, eventFile } from './tensorboard';
import { writeOptuna } from './write-optuna';
import { writeOptunaDatabase } from './write-optuna-database';

describe('event files of TensorBoard', () => {
  it('have the checksums of RFC 3720', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  });

  it('have values of 0', () => {
    const file = eventFile(0, [{ tag: 'a', step: 1, value: 0, time: 0 }]);
    // Value: tag 1 is "a", and tag 2 a float32.
    expect(file.includes(Buffer.from('0a0161' + '1500000000', 'hex'))).toBe(true);
  });

  it('are records of the version and then of scalars', () => {
    const file = eventFile(1500, [{ tag: 'a', step: 1, value: NaN, time: 1500 }]);
    expect(file.subarray(8 + 4).readUInt8(0)).toBe(0x09);
    expect(file.includes('brain.Event:2')).toBe(true);
    expect(file.readBigUInt64LE(0)).toBe(24n);
    expect(file.length).toBe(2 * (8 + 4 + 4) + 24 + Number(file.readBigUInt64LE(24 + 16)));
  });
});

describe('a database of Optuna', () => {
  const spec = {
    parameters: {
      rate: { logUniform: [1e-4, 1e-1] },
      units: { int: [8, 64], step: 8 },
      cell: { choice: ['lstm', { name: 'gru', layers: 2 }] },
    },
  };
  const trial = (id: string, state: string, value: number | null, parameters: object) => ({
    ...{ id, state, value, parameters, seed: 1, metrics: { 'validation.loss': value } },
    ...{ createdAt: '2026-01-02T03:04:05.678Z', startedAt: null, finishedAt: '2026-01-02T04:05:06.789Z' },
  });
  const exported = {
    sweep: { name: "Ada's", spec, objective: { metric: 'value', goal: 'maximize' } },
    trials: [
      trial('a', 'completed', 0.25, { rate: 1e-3, units: 16, cell: 'lstm' }),
      trial('b', 'pruned', 0.5, { rate: 1e-2, units: 8, cell: { name: 'gru', layers: 2 } }),
      trial('c', 'failed', null, { rate: 1e-2, units: 8, cell: 'lstm' }),
    ],
  } as unknown as ExportedSweep;

  it('is read again as the study that it was, with its completed trials', async () => {
    const { spec: found, trials } = await readOptunaDatabase(await writeOptunaDatabase(exported), {});
    const space = { ...spec.parameters, cell: { choice: ['lstm', '{"name":"gru","layers":2}'] } };
    expect(found).toEqual({ name: "Ada's", space, goal: 'maximize' });
    expect(trials).toEqual([{ parameters: { rate: 1e-3, units: 16, cell: 'lstm' }, outcome: { value: 0.25 } }]);
  });

  it('has the curve of the metric of its sweep as intermediate values, as a journal has it', async () => {
    const curves = new Map([['a', { name: 'value', updates: [10, 20, 30], values: [1e-7, null, 0.25] }]]);
    const whole = { ...exported, curves } as ExportedSweep;
    const [, first] = writeOptuna(whole).split('\n');
    expect(first).toContain('"intermediate_values":{"10":1e-7,"20":NaN,"30":0.25}}');
    const database = new (await open()).Database(await writeOptunaDatabase(whole));
    const columns = 'trial_id, step, intermediate_value, intermediate_value_type';
    const rows = database.exec(`select ${columns} from trial_intermediate_values`)[0]!.values;
    database.close();
    expect(rows).toEqual([
      [1, 10, 1e-7, 'FINITE'],
      [1, 20, null, 'NAN'],
      [1, 30, 0.25, 'FINITE'],
    ]);
    for (const { trials } of [
      await readOptunaDatabase(await writeOptunaDatabase(whole), {}),
      readOptuna(writeOptuna(whole), {}),
    ])
      expect(trials.map(({ outcome }) => outcome)).toEqual([{ curve: [1e-7, null, 0.25] }]);
  });

  it('has ranges of numbers within options, of normal distributions, of names with a point, and over all that was tried', () => {
    const momentum = { uniform: [0, 0.9] };
    const parameters = {
      ...{ 'a.b': { int: [1, 9] }, noise: { normal: [1, 0.5] }, mixed: { choice: [0, { uniform: [1, 2] }] } },
      ...{ opt: { choice: ['adam', { kind: 'sgd', momentum }, { kind: 'rmsprop', momentum: { uniform: [0.5, 1] } }] } },
      wide: { int: [1, 4], step: 3 },
    };
    const tried = [
      trial('a', 'completed', 1, { ...{ 'a.b': 3, noise: 4, mixed: 0, wide: 4 }, opt: 'adam' }),
      trial('b', 'completed', 2, { ...{ 'a.b': 4, noise: 1, mixed: 1.5, wide: 7 }, opt: 'sgd', 'opt.momentum': 0.3 }),
    ];
    const sweep = { name: 's', spec: { parameters }, objective: { metric: 'value', goal: 'maximize' } };
    const lines = writeOptuna({ sweep, trials: tried } as unknown as ExportedSweep)
      .trim()
      .split('\n');
    const { distributions, params } = JSON.parse(lines[2]!) as Record<string, Record<string, string>>;
    const range = (low: number, high: number, step: number | null = null) => ({ low, high, step, log: false });
    expect(Object.entries(distributions!).map(([name, text]) => [name, JSON.parse(text).attributes])).toEqual([
      ...[
        ['a.b', range(1, 9, 1)],
        ['noise', range(-1, 4)],
        ['mixed', range(0, 2)],
        ['wide', range(1, 7, 3)],
      ],
      ...[
        ['opt', { choices: ['adam', 'sgd', 'rmsprop'] }],
        ['opt.momentum', range(0, 1)],
      ],
    ]);
    expect(params).toEqual({ 'a.b': 4, noise: 1, mixed: 1.5, wide: 7, opt: 1, 'opt.momentum': 0.3 });
  });

  it('has no steps that a tried value is off, and all options that are lists', () => {
    const parameters = {
      ...{ n: { int: [1, 4], step: 3 }, rate: { uniform: [0, 0.4], step: 0.1 }, on: { uniform: [0, 0.4], step: 0.1 } },
      sizes: { choice: [[8], [16, 16], [32]] },
    };
    const sweep = { name: 's', spec: { parameters }, objective: { metric: 'value', goal: 'maximize' } };
    const trials = [trial('a', 'completed', 1, { n: 5, rate: 0.35, on: 0.3, sizes: [8] })];
    const { distributions } = JSON.parse(writeOptuna({ sweep, trials } as unknown as ExportedSweep).split('\n')[1]!);
    const attributes = Object.values(distributions as Record<string, string>).map(
      (text) => JSON.parse(text).attributes,
    );
    expect(attributes).toEqual([
      { low: 1, high: 5, step: 1, log: false },
      { low: 0, high: 0.4, step: null, log: false },
      { low: 0, high: 0.4, step: 0.1, log: false },
      { choices: ['[8]', '[16,16]', '[32]'] },
    ]);
  });

  it('has the trials of the journal, with times in UTC without a zone', async () => {
    const database = new (await open()).Database(await writeOptunaDatabase(exported));
    const rows = database.exec('select number, state, datetime_start, datetime_complete from trials')[0]!.values;
    database.close();
    expect(rows).toEqual([
      [0, 'COMPLETE', '2026-01-02 03:04:05.678000', '2026-01-02 04:05:06.789000'],
      [1, 'PRUNED', '2026-01-02 03:04:05.678000', '2026-01-02 04:05:06.789000'],
    ]);
    expect(writeOptuna(exported).trim().split('\n')).toHaveLength(1 + rows.length);
  });
});

describe('runs of MLflow', () => {
  const calls: [path: string, body: any][] = [];
  let server: Server;
  let kept: string[] = [];
  beforeAll(async () => {
    server = createServer((request: IncomingMessage, response) => {
      void (async () => {
        const { pathname } = new URL(request.url!, 'http://here');
        const path = pathname.replace('/api/2.0/mlflow/', '');
        if (request.method === 'POST') calls.push([path, await json(request)]);
        const run = { info: { run_id: 'r' }, data: { metrics: kept.map((key) => ({ key })) } };
        response.end(JSON.stringify(path === 'experiments/create' ? { experiment_id: 'e' } : { run }));
      })();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => server.close());

  const run = {
    ...{
      name: 'first',
      begin: 1000,
      end: 2000,
      failed: false,
      parameters: [['model.cell', 'gru']] as [string, string][],
    },
    tags: [],
    metrics: Array.from({ length: 1001 }, (_, step) => ({
      key: 'loss@(%)',
      value: step === 0 ? NaN : 1 / 0,
      step,
      time: 1.5,
    })),
  };

  it('are sent in batches of numbers that it can read', async () => {
    kept = ['loss____'];
    const mlflow = new Mlflow(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect(await mlflow.log(await mlflow.createExperiment('sweep'), run)).toBe('r');
    expect(calls.map(([path]) => path)).toEqual([
      ...['experiments/create', 'runs/create', 'runs/log-batch', 'runs/log-batch', 'runs/log-batch', 'runs/update'],
    ]);
    const [, , parameters, first, second, end] = calls.map(([, body]) => body);
    expect(parameters.params).toEqual([{ key: 'model.cell', value: 'gru' }]);
    expect([first.metrics.length, second.metrics.length]).toEqual([1000, 1]);
    expect(first.metrics[0]).toEqual({ key: 'loss____', value: 'NaN', step: 0, timestamp: 2 });
    expect(second.metrics[0].value).toBe('Infinity');
    expect(end).toMatchObject({ status: 'FINISHED', end_time: 2000 });
  });

  it('are read again, because the server answers a success for metrics that it dropped', async () => {
    kept = [];
    const mlflow = new Mlflow(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await expect(mlflow.log('e', run)).rejects.toThrow('has not kept the metric loss____');
  });
});

it('JSON as Python writes it has numbers that are not finite, but not within texts', () => {
  const long = { text: `${'a'.repeat(1e7)} NaN` };
  expect(parseLoose(JSON.stringify(long))).toEqual(long);
  expect(parseLoose('{"a": NaN, "b": [-Infinity, 1], "c": "NaN, \\" Infinity", "NaN": 2}')).toEqual({
    ...{ a: null, b: [null, 1], c: 'NaN, " Infinity' },
    NaN: 2,
  });
});
