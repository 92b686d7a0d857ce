import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { parseLoose } from './loose-json';
import { Mlflow } from './mlflow';
import { crc32c, eventFile } from './tensorboard';

describe('event files of TensorBoard', () => {
  it('have the checksums of RFC 3720', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  });

  it('are records of the version and then of scalars', () => {
    const file = eventFile(1500, [{ tag: 'a', step: 1, value: NaN, time: 1500 }]);
    expect(file.subarray(8 + 4).readUInt8(0)).toBe(0x09);
    expect(file.includes('brain.Event:2')).toBe(true);
    expect(file.readBigUInt64LE(0)).toBe(24n);
    expect(file.length).toBe(2 * (8 + 4 + 4) + 24 + Number(file.readBigUInt64LE(24 + 16)));
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
  expect(parseLoose('{"a": NaN, "b": [-Infinity, 1], "c": "NaN, \\" Infinity", "NaN": 2}')).toEqual({
    ...{ a: null, b: [null, 1], c: 'NaN, " Infinity' },
    NaN: 2,
  });
});
