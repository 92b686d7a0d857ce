import { Logger } from '@nestjs/common';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { useApi } from '../support/api';
import { useDatabase } from '../support/database';
import { countSweeps, letters } from '../support/sweeps';
import { until } from '../support/until';

const dataSource = useDatabase();
const api = useApi(dataSource);

const adding = {
  ...letters,
  dataset: { name: 'adding-problem', steps: 100_000, sequences: 1_000_000 },
  task: 'regression',
};

/** Milliseconds of processor time that this process, and so the API, uses from now on: other programs do not count. */
function processorTime(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
}

/** The status of a GET request from an address of this machine, and the seconds after which to try again. */
function get(key: string, localAddress: string): Promise<[status: number, wait: number]> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${key}` };
    const sending = request(`${api.url}/v1/sweeps`, { localAddress, headers }, (response) => {
      response.resume();
      resolve([response.statusCode!, Number(response.headers['retry-after'] ?? 0)]);
    });
    sending.on('error', reject).end();
  });
}

/** Sends a request and its body in chunks, until the server closes the connection; resolves with what it answered, and what it took. */
function sendForEver(path: string, headers: Record<string, string>): Promise<{ status: number; sent: number }> {
  return new Promise((resolve, reject) => {
    const sending = request(api.url + path, { method: 'POST', headers });
    let [status, sent] = [0, 0];
    const block = Buffer.alloc(2 ** 16, ' ');
    const body = new Readable({
      read() {
        sent += block.length;
        this.push(block);
      },
    });
    sending.on('response', (response) => {
      status = response.statusCode!;
      response.resume();
    });
    sending.on('error', () => undefined);
    sending.on('close', () => {
      body.destroy();
      if (status === 0) reject(new Error('the connection was closed without an answer'));
      else resolve({ status, sent });
    });
    body.pipe(sending);
  });
}

type Part = (name: string, value: string, file?: string) => string;

describe('a hostile request', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    [
      'a data set of 10^11 steps',
      adding,
      /dataset.sequences: adding-problem has at most 100 sequences of 100000 steps/,
    ],
    [
      'a key __proto__ among enqueued configurations',
      { ...letters, search: { trials: 2, enqueue: [JSON.parse('{"__proto__": {"model.cell": "gru"}}')] } },
      /the key __proto__ is not allowed/,
    ],
    ['a word of 900,000 letters', { ...letters, task: 'b'.repeat(900_000) }, /^task: "b+\.\.\." is not one of/],
    ['a key of 900,000 letters', { ...letters, ['k'.repeat(900_000)]: 1 }, /unknown key/],
  ])('is refused in little time, with an answer of little size: %s', async (_, body, message) => {
    await api.post('/v1/sweeps?dryRun=true', letters);
    for (const path of ['/v1/sweeps?dryRun=true', '/v1/sweeps']) {
      const used = processorTime();
      const response = await api.post(path, body);
      expect(used()).toBeLessThan(1000);
      const text = await response.text();
      expect(text.length).toBeLessThan(10_000);
      expect([400, 422]).toContain(response.status);
      expect(JSON.parse(text).detail).toMatch(message);
    }
    expect(await countSweeps(dataSource)).toBe(0);
  });

  it('with a character that no text in the database can have is refused, wherever it stands', async () => {
    const cursor = Buffer.from('["name asc","\\u0000","a"]').toString('base64url');
    const unwanted: string[] = [];
    for (const [method, path] of [
      ['GET', '/v1/trials/%00:best'],
      ['GET', '/v1/sweeps?search=%00'],
      ['GET', '/v1/sweeps?tag=%00'],
      ['GET', `/v1/sweeps?sort=name&cursor=${cursor}`],
      ['GET', '/v1/audit?target=%00'],
      ['GET', '/v1/leaderboard?dataset=%00'],
      ['DELETE', '/v1/members/%00'],
      ['DELETE', '/v1/keys/%00'],
      ['DELETE', '/v1/datasets/%00'],
    ] as const) {
      const { status } = await api.call(path, { method });
      if (status < 400 || status >= 500) unwanted.push(`${method} ${path} ${status}`);
    }
    expect(unwanted).toEqual([]);
  });

  it('plans 100 trials on generated data of up to 5,000 steps without generating any', async () => {
    const body = { ...adding, dataset: { name: 'adding-problem', steps: { int: [50, 5000] }, sequences: 1000 } };
    const used = processorTime();
    const response = await api.post('/v1/sweeps?dryRun=true', {
      ...body,
      model: { cell: 'gru', hiddenSize: 8 },
      search: { trials: 100 },
    });
    expect([response.status, ((await response.json()) as any).trials]).toEqual([200, 100]);
    expect(used()).toBeLessThan(2000);
  });

  it.each([
    ['of a stranger', 401, {}],
    ['of an upload by a stranger', 401, { 'content-type': 'multipart/form-data; boundary=x' }],
    ['with the key', 413, { authorization: `Bearer ${api.key}`, 'content-type': 'application/json' }],
  ])('with an endless body is answered at once and closed: %s', async (_, expected, headers) => {
    const start = performance.now();
    const { status, sent } = await sendForEver('/v1/sweeps', headers);
    expect(status).toBe(expected);
    expect(performance.now() - start).toBeLessThan(5000);
    // What the sockets' buffers hold, and what was read before.
    expect(sent).toBeLessThan(200e6);
  });

  it('that its client gives up halfway is no error of the API', async () => {
    const [error, debug] = (['error', 'debug'] as const).map((level) =>
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined),
    );
    const headers = { authorization: `Bearer ${api.key}`, 'content-length': '1000000' };
    const bodies = {
      'multipart/form-data; boundary=x': '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nhalf',
      'application/json': '{"name": ',
    };
    for (const [type, body] of Object.entries(bodies)) {
      const path = type === 'application/json' ? '/v1/sweeps' : '/v1/datasets';
      const sending = request(api.url + path, { method: 'POST', headers: { ...headers, 'content-type': type } });
      sending.on('error', () => undefined);
      sending.write(body);
      await pause(200);
      sending.destroy();
    }
    await until(() => debug!.mock.calls.length >= 1);
    await pause(200);
    expect(error!.mock.calls).toEqual([]);
    jest.restoreAllMocks();
  });

  it('with one wrong key after another is told to wait, and holds up neither the right key nor other addresses', async () => {
    const guesser = '127.0.0.9';
    const statuses: number[] = [];
    for (let guess = 0; guess < 25; guess += 1) statuses.push((await get(`guess-number-${guess}`, guesser))[0]);
    expect(statuses).toEqual([...Array(20).fill(401), ...Array(5).fill(429)]);
    expect((await get('another-guess', guesser))[1]).toBeGreaterThan(50);
    expect(await get(api.key, guesser)).toEqual([200, 0]);
    expect(await get('a-wrong-key', '127.0.0.1')).toEqual([401, 0]);
  });

  it.each([
    ['/v1/sweeps?limit[]=1', 422, 'limit[]: unknown key; did you mean limit?'],
    ['/v1/sweeps?constructor=1', 422, 'constructor: unknown key'],
    ['/v1/events?after=9223372036854775808.1', 422, 'after: must be the id of an event'],
    ['/v1/events?after=1.9999999999999999999', 422, 'after: must be the id of an event'],
  ])('is refused by the key that is wrong: %s', async (path, status, detail) => {
    const response = await api.call(path);
    expect([response.status, ((await response.json()) as any).detail]).toEqual([status, detail]);
  });

  it('with a condition beyond all numbers of a column finds nothing', async () => {
    const { id } = (await (await api.post('/v1/sweeps', letters)).json()) as any;
    const response = await api.call(`/v1/sweeps/${id}/leaderboard?where=updates:9e99..&where=seconds:..-1e308`);
    expect([response.status, ((await response.json()) as any).items]).toEqual([200, []]);
    await dataSource.query('delete from sweeps');
  });

  it.each([
    ['thousands of fields', (part: Part) => Array.from({ length: 5000 }, (_, index) => part(`f${index}`, 'x'))],
    ['a field of 900 kB', (part: Part) => [part('name', 'x'.repeat(900_000))]],
    ['a name of 20,000 brackets', (part: Part) => [part(`a${'[b]'.repeat(20_000)}`, 'x')]],
    ['two files', (part: Part) => [part('file', 'a', 'a.txt'), part('file', 'b', 'b.txt')]],
  ])('that uploads %s is refused', async (_, parts) => {
    const part: Part = (name, value, file) =>
      `--x\r\ncontent-disposition: form-data; name="${name}"${file ? `; filename="${file}"` : ''}\r\n\r\n${value}\r\n`;
    const response = await api.call('/v1/datasets', {
      method: 'POST',
      body: `${parts(part).join('')}--x--`,
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    });
    expect([400, 413]).toContain(response.status);
    expect(((await response.json()) as any).detail).not.toMatch(/internal/i);
  });
});
