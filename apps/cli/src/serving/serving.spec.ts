import { trialSpec, type ServedModel } from '@unroll/contracts';
import { prepare, toReading, type DatasetBytes } from '@unroll/datasets';
import { Network, openEngine, toModel, train, type Engine, type Model } from '@unroll/training';
import { encode } from '@unroll/datasets';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import request from 'supertest';
import { LocalInference } from './inference';
import { clientGone } from './refused';
import { createServing } from './server';
import { Sessions } from './sessions';

const options = { name: 'a', batch: 8, delayMilliseconds: 1 };
let engine: Engine;

async function trained(source: DatasetBytes, task: object | string, dataset: object = {}): Promise<Model> {
  const spec = trialSpec.parse({
    dataset: { name: 'a', split: { validation: 0.2 }, ...dataset },
    task,
    model: { cell: 'lstm', hiddenSize: 12, embeddingSize: 4 },
    training: { batchSize: 7, updates: 2, reportEvery: 2, ...(source.kind === 'text' ? { bptt: 8 } : {}) },
  });
  const { data } = prepare(source, spec);
  const [result] = await train([{ id: 'a', spec }], data, { engine, sampleLength: 0, onReport: () => undefined });
  return toModel(result!, { spec, reading: toReading(data), fingerprint: 'f' });
}

const lines = (rows: readonly object[]): Buffer => Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n'));
const wordRows = Array.from({ length: 40 }, (_, index) => ({
  text: (index % 2 ? 'a' : 'b') + 'xyz'.repeat(1 + (index % 4)),
  label: index % 2 ? 'A' : 'B',
}));
const words: DatasetBytes = { kind: 'labelled', bytes: lines(wordRows) };
const text: DatasetBytes = { kind: 'text', bytes: Buffer.from('to be, or not to be: that is. '.repeat(20)) };
const wave = Array.from({ length: 120 }, (_, row) => ({ day: row, load: 50 + 10 * Math.sin(row / 3) }));

beforeAll(async () => {
  engine = await openEngine('wasm');
});

/** Lets others have so many turns of the event loop. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await nextTurn();
}

async function serving(model: Model, key?: string) {
  const inference = await LocalInference.open(model, engine, options);
  const app = createServing({ served: inference.served, inference, key });
  return { inference, app, post: (path: string, body: object) => request(app).post(path).send(body) };
}

/** The problem that an answer is. */
const problem = ({
  status,
  body,
  type,
}: {
  status: number;
  body: { detail: string; errors?: object[] };
  type: string;
}) => ({
  status,
  type,
  detail: body.detail,
  errors: body.errors,
});

describe('a served classification', () => {
  let model: Model;
  let served: Awaited<ReturnType<typeof serving>>;
  beforeAll(async () => {
    model = await trained(words, 'classification');
    served = await serving(model);
  });

  it('says what it is', async () => {
    const { body } = (await request(served.app).get('/v1/model')) as { body: ServedModel };
    expect(body).toMatchObject({
      ...{ name: 'a', task: 'classification', generates: false },
      inputs: { kind: 'labelled', vocabulary: 5 },
      outputs: { kind: 'class', classes: ['A', 'B'] },
      precision: { weights: 'float32', error: null },
    });
  });

  it('answers as unroll predict does, whatever else comes with it', async () => {
    const inputs = ['axyz', 'bxyzxyz', { text: 'ax' }, 'by', 'a', 'b'];
    const rows = lines(inputs.map((input) => (typeof input === 'string' ? { text: input } : input)));
    const { spec, reading } = model.header;
    const { data } = encode({ kind: 'labelled', bytes: rows }, { ...spec, reading });
    const network = new Network(model, data);
    const expected = await network.answers();
    network.dispose();
    const alone = await Promise.all(inputs.map((input) => served.post('/v1/predict', { inputs: [input] })));
    const together = await served.post('/v1/predict', { inputs });
    for (const [index, wanted] of expected.entries()) {
      const own = wanted as { class: string; probability: number };
      for (const answer of [alone[index]!.body.answers[0], together.body.answers[index]]) {
        expect(answer.class).toBe(own.class);
        expect(answer.probability).toBeCloseTo(own.probability, 5);
      }
    }
  });

  it('answers requests that come together by one pass over the network', async () => {
    const passes: number[] = [];
    const counting = {
      ...served.inference,
      predict: (requests: readonly (readonly unknown[])[]) => {
        passes.push(requests.length);
        return served.inference.predict(requests);
      },
      sessionCount: () => Promise.resolve(0),
    };
    const { served: about } = served.inference;
    // Long enough for a machine that is busy; the eighth starts the pass.
    const slow = { ...about, limits: { ...about.limits, delayMilliseconds: 60_000 } };
    const app = createServing({ served: slow, inference: counting as never });
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        request(app)
          .post('/v1/predict')
          .send({ inputs: [index % 2 ? 'a' : 'b'] }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(passes).toEqual([8]);
  });

  it('counts the inputs of each pass, which has at most as many as a batch, and none that was refused', async () => {
    const own = await serving(model);
    await own.post('/v1/predict', { inputs: Array(20).fill('axyz') });
    await own.post('/v1/predict', { inputs: ['a', 'ä'] });
    const { text: said } = await request(own.app).get('/metrics');
    for (const line of ['bucket{le="4"} 1', 'bucket{le="8"} 3', 'sum 20', 'count 3'])
      expect(said).toContain(`unroll_serve_batch_inputs_${line}\n`);
  });

  it.each([
    [{ inputs: ['axy', 'ä'] }, 422, 'inputs[1]', 'the model does not know the character "ä"'],
    [{ inputs: [3] }, 422, 'inputs[0]', 'must be a text, or an object with "text"'],
    [{ inputs: [''] }, 422, 'inputs[0]', 'the sequence is empty'],
    [{ inputs: [] }, 422, 'inputs', ''],
    [{ input: ['a'] }, 422, 'input', 'did you mean inputs?'],
    [[], 400, '', ''],
  ])('refuses %j', async (body, status, path, message) => {
    const answer = problem(await served.post('/v1/predict', body));
    expect(answer).toMatchObject({ status, type: 'application/problem+json' });
    expect(answer.errors).toContainEqual({ path, message: expect.stringContaining(message) });
  });

  it('refuses what is no JSON, has no route, or is not for its task', async () => {
    const { app, post } = served;
    const typed = await request(app).post('/v1/predict').type('text/plain').send('{"inputs": ["a"]}');
    expect(problem(typed)).toMatchObject({ status: 415 });
    const broken = await request(app).post('/v1/predict').type('application/json').send('{"inputs": ');
    expect(problem(broken)).toMatchObject({ status: 400, detail: 'the body is not valid JSON' });
    const twice = '{"inputs": ["a"], "inputs": ["b"]}';
    expect(problem(await request(app).post('/v1/predict').type('application/json').send(twice))).toMatchObject({
      ...{ status: 400, detail: 'the key "inputs" is given twice' },
    });
    expect(problem(await request(app).get('/v2/model'))).toMatchObject({ status: 404 });
    const writing = problem(await post('/v1/generate', { prompt: 'a' }));
    expect(writing).toMatchObject({ status: 422, detail: expect.stringContaining('use POST /v1/predict') });
  });

  it('asks for the key, but for its health', async () => {
    const { app } = await serving(model, 'a-key-that-is-long-enough');
    expect((await request(app).get('/healthz')).status).toBe(200);
    expect((await request(app).get('/v1/model')).status).toBe(401);
    expect((await request(app).get('/v1/model').set('authorization', 'Bearer another')).status).toBe(401);
    expect(
      (await request(app).get('/metrics').set('authorization', 'Bearer a-key-that-is-long-enough')).text,
    ).toContain('unroll_serve_requests_total{route="/healthz",status="200"} 1');
  });

  it('serves int8 weights, and says how far they are from float32', async () => {
    const { served: about } = await LocalInference.open(model, engine, { ...options, precision: 'int8' });
    expect(about.precision).toMatchObject({ weights: 'int8', arithmetic: 'float32' });
    expect(about.precision.error).toBeGreaterThan(0);
    expect(about.precision.error).toBeLessThan(0.02);
    const file = { ...model, header: { ...model.header, compression: { int8: true } } };
    await expect(LocalInference.open(file, engine, { ...options, precision: 'int8' })).rejects.toThrow(
      'int8 weights already',
    );
  });
});

describe('the threads of a served model', () => {
  const open = (threads?: number, own: Pick<Engine, 'name' | 'useThreads'> = engine) =>
    LocalInference.open(model, own, { ...options, threads });
  let model: Model;

  beforeAll(async () => {
    model = await trained(words, 'classification');
  });

  it('are two where there are as many processors, or those asked for', async () => {
    const used: number[] = [];
    const own = { name: 'native' as const, useThreads: (count: number) => void used.push(count) };
    const usual = Math.min(2, availableParallelism());
    for (const [asked, threads] of [
      [undefined, usual],
      [1, 1],
      [7, 7],
    ] as const)
      expect((await open(asked, own)).served.threads).toBe(threads);
    expect(used).toEqual([usual, 1, 7]);
  });

  it('are refused on an engine that has none to choose', async () => {
    expect((await open()).served.threads).toBe(1);
    await expect(open(2)).rejects.toThrow(
      '--threads 2: only the engine native has threads to choose, not wasm; leave it out',
    );
  });
});

describe('a served model', () => {
  const many = <Row>(row: (index: number) => Row): Row[] => Array.from({ length: 24 }, (_, index) => row(index));
  const tree = (index: number): string => (index % 2 ? '(1 (1 good) (1 day))' : '(0 (0 bad) (0 (0 long) (0 day)))');
  const chord = (index: number): number[][] => Array.from({ length: 3 + (index % 3) }, (_, step) => [60 + step]);

  it.each<[string, DatasetBytes, object | string, unknown[]]>([
    [
      'trees',
      { kind: 'labelled', bytes: Buffer.from(many(tree).join('\n')) },
      { kind: 'tree-classification' },
      [tree(0), tree(1)],
    ],
    [
      'pairs',
      { kind: 'pairs', bytes: Buffer.from(many((index) => `a${'bc'[index % 2]}\t${'bc'[index % 2]}a`).join('\n')) },
      { kind: 'sequence-to-sequence' },
      ['ab', 'acb'],
    ],
    [
      'frames',
      { kind: 'frames', bytes: Buffer.from(JSON.stringify(many(chord))) },
      'multilabel-frames',
      [chord(1), chord(2)],
    ],
    [
      'vectors',
      {
        kind: 'labelled',
        bytes: lines(many((index) => ({ vector: [index % 3, 1], text: 'ab'.repeat(1 + (index % 3)) }))),
      },
      { kind: 'sequence-from-vector' },
      [{ vector: [1, 1] }, { vector: [2, 1] }],
    ],
    [
      'tags',
      { kind: 'labelled', bytes: lines(many((index) => ({ tokens: ['p', 'qr'[index % 2]!], tags: ['x', 'y'] }))) },
      'tagging',
      [{ tokens: ['p', 'q', 'r'] }, { tokens: ['q'] }],
    ],
  ])('of %s answers inputs side by side as it does alone', async (_, source, task, inputs) => {
    const { post } = await serving(await trained(source, task));
    const together = await post('/v1/predict', { inputs });
    expect(together.status).toBe(200);
    const alone = await Promise.all(inputs.map((input) => post('/v1/predict', { inputs: [input] })));
    const plain = (answer: unknown): string =>
      JSON.stringify(answer).replaceAll(/0\.\d+/g, (value) => Number(value).toFixed(3));
    expect(together.body.answers.map(plain)).toEqual(alone.map(({ body }) => plain(body.answers[0])));
  });
});

describe('a served forecast', () => {
  it('gives times and values for each of several series', async () => {
    const model = await trained(
      { kind: 'series', bytes: lines(wave) },
      { kind: 'forecasting', target: 'load', lookback: 12, horizon: 3 },
    );
    const { post } = await serving(model);
    const one = await post('/v1/predict', { inputs: [wave.slice(0, 40)] });
    const both = await post('/v1/predict', { inputs: [wave.slice(50, 90), wave.slice(0, 40)] });
    const [forecast] = one.body.answers[0].forecasts;
    expect(forecast.times).toEqual(['40', '41', '42']);
    expect(both.body.answers[0].forecasts[0].times).toEqual(['90', '91', '92']);
    const other = both.body.answers[1].forecasts[0];
    forecast.values.forEach((value: number, ahead: number) => expect(other.values[ahead]).toBeCloseTo(value, 3));
    const short = problem(await post('/v1/predict', { inputs: [wave.slice(0, 4)] }));
    expect(short).toMatchObject({ status: 422, errors: [{ path: 'inputs[0]' }] });
  });
});

describe('a served forecast of series with identifiers', () => {
  it('keeps apart what differs beyond 2^53, as training does', async () => {
    const ids = ['9007199254740992', '9007199254740993'];
    const row = (id: string, each: { day: number; load: number }): string =>
      `{"id": ${id}, "day": ${each.day}, "load": ${each.load}}`;
    const all = ids.flatMap((id) => wave.map((each) => row(id, each)));
    const model = await trained(
      { kind: 'series', bytes: Buffer.from(all.join('\n')) },
      { kind: 'forecasting', target: 'load', lookback: 12, horizon: 3 },
      { series: 'id' },
    );
    const { app } = await serving(model);
    const body = `{"inputs": [[${ids.flatMap((id) => wave.slice(0, 40).map((each) => row(id, each))).join()}]]}`;
    const answer = await request(app).post('/v1/predict').type('application/json').send(body);
    expect(answer.body.answers[0].forecasts.map((each: { series: string }) => each.series)).toEqual(ids);
  });
});

describe('a served language model', () => {
  let served: Awaited<ReturnType<typeof serving>>;
  beforeAll(async () => {
    served = await serving(await trained(text, 'language-model'));
  });

  it('continues a prompt, at once or as events of the same text', async () => {
    const asked = { prompt: 'to be', length: 12, temperature: 1.5, topK: 4, seed: 3 };
    const whole = await served.post('/v1/generate', asked);
    expect(whole.body.text).toHaveLength(12);
    const events = await served.post('/v1/generate', { ...asked, stream: true });
    const pieces = [...events.text.matchAll(/^event: token\ndata: (.*)$/gm)].map(([, data]) => JSON.parse(data!).text);
    expect(pieces).toHaveLength(12);
    expect(pieces.join('')).toBe(whole.body.text);
    expect(events.text).toMatch(/event: done\ndata: {}\n\n$/);
  });

  it('keeps the state of a session between steps', async () => {
    const { body } = await served.post('/v1/sessions', {});
    const step = (id: string, given: object) => served.post(`/v1/sessions/${id}/steps`, given);
    await step(body.id, { text: 'to ' });
    const second = await step(body.id, { text: 'be', generate: { length: 8, seed: 3 } });
    const whole = await served.post('/v1/generate', { prompt: 'to be', length: 8, seed: 3 });
    expect(second.body.text).toBe(whole.body.text);
    expect(second.body.next).toHaveLength(10);
    expect(second.body.next[0].probability).toBeGreaterThanOrEqual(second.body.next[1].probability);
    expect((await request(served.app).delete(`/v1/sessions/${body.id}`)).status).toBe(204);
    expect(problem(await step(body.id, { text: 'a' }))).toMatchObject({ status: 404 });
  });

  const stays = new AbortController().signal;
  const writing = { length: 50_000, temperature: 1, seed: 0 };

  it('leaves a session as it was where the client leaves during a step, or is refused', async () => {
    const { inference } = served;
    const id = await inference.openSession();
    const { next } = await inference.step(id, { text: 'to ' }, stays);
    const leaving = new AbortController();
    const step = inference.step(id, { text: 'be', generate: writing }, leaving.signal);
    await turns(20);
    leaving.abort(clientGone());
    await expect(step).rejects.toThrow('the client has gone');
    await expect(inference.step(id, { text: 'bä' }, stays)).rejects.toThrow('"ä"');
    expect(await inference.step(id, { text: '' }, stays)).toEqual({ text: '', next });
  });

  it('ends the step of a session that is deleted', async () => {
    const { inference } = served;
    const id = await inference.openSession();
    const step = inference.step(id, { text: 'to', generate: writing }, stays);
    await turns(20);
    await inference.endSession(id);
    await expect(step).rejects.toThrow('there is no such session');
  });

  it('answers others while it reads a long prompt, of which it reads no more once its client has gone', async () => {
    const { inference } = served;
    const leaving = new AbortController();
    const said: string[] = [];
    const prompt = 'to be '.repeat(10_000);
    const long = inference.generate({ prompt, ...writing }, (piece) => void said.push(piece), leaving.signal);
    let isRead = false;
    const done = long.catch((error: Error) => error.message).finally(() => (isRead = true));
    const { post } = served;
    expect((await post('/v1/generate', { prompt: 'to', length: 3 })).body.text).toHaveLength(3);
    expect([isRead, said]).toEqual([false, []]);
    leaving.abort(clientGone());
    expect(await done).toBe('the client has gone');
    expect(said).toEqual([]);
  });

  it('counts clients that left by a status of their own', async () => {
    const server = served.app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const leaving = new AbortController();
    const headers = { 'content-type': 'application/json' };
    const left = { method: 'POST', headers, signal: leaving.signal };
    const body = JSON.stringify({ prompt: 'to', length: 50_000, stream: true });
    const stream = await fetch(`${url}/v1/generate`, { ...left, body });
    await stream.body!.getReader().read();
    leaving.abort();
    const counted = 'unroll_serve_requests_total{route="/v1/generate",status="499"} 1';
    const metrics = async (): Promise<string> => (await request(served.app).get('/metrics')).text;
    // The server learns of it a moment later.
    while (!(await metrics()).includes('status="499"')) await turns(1);
    expect(await metrics()).toContain(counted);
    server.closeAllConnections();
    server.close();
  });

  it.each([
    ['/v1/generate', { prompt: 'ä' }, 'prompt', 'does not know the character "ä"'],
    ['/v1/generate', { prompt: 'a', topP: 2 }, 'topP', ''],
    ['/v1/generate', { prompt: 'a', temprature: 2 }, 'temprature', 'did you mean temperature?'],
    ['/v1/generate', { prompt: 'ä', stream: true }, 'prompt', 'does not know'],
  ])('refuses %s of %j', async (path, body, field, message) => {
    const answer = problem(await served.post(path, body));
    expect(answer).toMatchObject({ status: 422, errors: [{ path: field, message: expect.stringContaining(message) }] });
  });
});

describe('sessions', () => {
  it('end when they were idle, are bounded, and take one step at a time', async () => {
    let now = 0;
    const sessions = new Sessions<string>(2, 1000, () => now);
    const [first, second] = [sessions.add('one'), sessions.add('two')];
    expect(() => sessions.add('three')).toThrow('all 2 sessions are open');
    now = 900;
    const busy = sessions.use(first, () => new Promise<void>((resolve) => setImmediate(resolve)));
    await expect(sessions.use(first, () => Promise.resolve())).rejects.toThrow('under way');
    await busy;
    now = 1500;
    expect(sessions.size).toBe(1);
    await expect(sessions.use(second, () => Promise.resolve())).rejects.toThrow('no such session');
    expect(await sessions.use(first, (state) => Promise.resolve(state))).toBe('one');
  });
});
