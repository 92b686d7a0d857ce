import { rest } from '@unroll/contracts';
import { claimTrials, commitWork } from '@unroll/database';
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { uploadDataset, useApi } from '../support/api';
import { useDatabase } from '../support/database';
import { attemptWork, claimant, claims, completed } from '../support/attempts';
import { countSweeps, letters as sweep } from '../support/sweeps';
import { until } from '../support/until';

const dataSource = useDatabase();
const api = useApi(dataSource);

async function submit(changes: Record<string, unknown> = {}): Promise<{ id: string; [key: string]: any }> {
  const response = await api.post('/v1/sweeps', { ...sweep, ...changes });
  expect(response.status).toBe(201);
  return response.json() as never;
}

describe('a request without the key', () => {
  it.each(['/v1/sweeps', '/v1/workers', '/v1/datasets', '/v1/sweeps/last/leaderboard', '/v1/trials/last'])(
    'is refused at %s',
    async (path) => {
      const response = await fetch(api.url + path);
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ status: 401, detail: expect.stringContaining('key is missing') });
    },
  );

  it('is refused with a wrong key', async () => {
    expect((await api.call('/v1/sweeps', { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
  });

  it('is refused for metrics, which Prometheus reads with the key', async () => {
    expect((await fetch(`${api.url}/metrics`)).status).toBe(401);
    const response = await api.call('/metrics');
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8; version=0.0.4');
    expect(await response.text()).toMatch(/^unroll_event_loop_delay_seconds_bucket{le="0.05"} \d+$/m);
  });

  it('is answered for health checks, the OpenAPI document and the JSON Schema', async () => {
    for (const path of ['/healthz', '/readyz', '/openapi.json', '/v1/schema/sweep.json'])
      expect((await fetch(api.url + path)).status).toBe(200);
  });
});

describe('submitting a sweep', () => {
  it('answers 201 with the sweep, and its trials become pending', async () => {
    const { id, state, total } = await submit();
    expect({ state, total }).toEqual({ state: 'running', total: 4 });
    await until(async () => ((await (await api.call(`/v1/sweeps/${id}`)).json()) as any).trials.pending === 4);
    const { items } = (await (await api.call(`/v1/sweeps/${id}/trials`)).json()) as any;
    expect(items.map(({ parameters }: any) => parameters['model.cell'])).toEqual(['rnn', 'gru', 'rnn', 'gru']);
  });

  it('accepts YAML as well as JSON', async () => {
    const body =
      'dataset: typescript-declarations\ntask: language-model\ntraining: {learningRate: {logUniform: [1e-4, 1e-2]}}\nsearch: {trials: 2}\n';
    const response = await api.call('/v1/sweeps', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/yaml' },
    });
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({
      total: 2,
      spec: { training: { learningRate: { logUniform: [0.0001, 0.01] } } },
    });
  });

  it.each([
    [
      { task: 'classification' },
      'task',
      'classification requires data of kind labelled or audio, but typescript-declarations is text',
    ],
    [
      { dataset: { name: 'typescript-declarations', steps: 3 } },
      'dataset',
      'dataset.steps: typescript-declarations does not support this option; leave it out',
    ],
    [
      { objective: { metric: 'validation.accuracy' } },
      'objective.metric',
      'validation.accuracy is not measured by language-model, which measures validation.loss, validation.bitsPerToken, validation.bitsPerCharacter, validation.perplexity',
    ],
    [
      { task: { choice: ['language-model', 'tagging'] } },
      'objective',
      'is missing: the sweep has several kinds of task, so name a metric that all of them measure',
    ],
  ])('refuses %j, whose data, task and objective do not match, and writes nothing', async (changes, path, message) => {
    const before = await countSweeps(dataSource);
    const response = await api.post('/v1/sweeps', { ...sweep, ...changes });
    expect(response.status).toBe(422);
    expect(((await response.json()) as any).errors).toEqual([{ path, message }]);
    expect(await countSweeps(dataSource)).toBe(before);
  });

  it('creates one sweep per Idempotency-Key, and refuses the key with a different body', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const before = await countSweeps(dataSource);
    const responses = await Promise.all(Array.from({ length: 4 }, () => api.post('/v1/sweeps', sweep, key)));
    const ids = await Promise.all(responses.map(async (response) => ((await response.json()) as any).id));
    expect(new Set(ids).size).toBe(1);
    expect(responses.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(await countSweeps(dataSource)).toBe(before + 1);
    const other = await api.post('/v1/sweeps', { ...sweep, name: 'another' }, key);
    expect(other.status).toBe(422);
    expect(await countSweeps(dataSource)).toBe(before + 1);
  });

  it('answers a repeated Idempotency-Key by what it created, though it would not be accepted now, and says if that was deleted', async () => {
    await uploadDataset(api, 'passing', 'text', 'to be or not. '.repeat(2000));
    const own = { ...sweep, dataset: 'passing' };
    const key = { 'idempotency-key': randomUUID() };
    const { id } = (await (await api.post('/v1/sweeps', own, key)).json()) as any;
    await api.post(`/v1/sweeps/${id}/cancel`, {});
    await dataSource.query(`delete from datasets where name = 'passing'`);
    expect((await api.post('/v1/sweeps', own)).status).toBe(422);
    const again = await api.post('/v1/sweeps', own, key);
    expect([again.status, await again.json()]).toMatchObject([201, { id, state: 'cancelled' }]);
    await api.call(`/v1/sweeps/${id}`, { method: 'DELETE' });
    const deleted = await api.post('/v1/sweeps', own, key);
    expect([deleted.status, ((await deleted.json()) as any).detail]).toEqual([
      409,
      `Idempotency-Key: created sweep ${id}, which was deleted since; use a new key to create another`,
    ]);
  });

  it('takes an Idempotency-Key of more than 24 hours ago for a new one', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const submit = async (): Promise<string> => ((await (await api.post('/v1/sweeps', sweep, key)).json()) as any).id;
    const first = await submit();
    const aged = async (age: string): Promise<unknown> =>
      dataSource.query(`update idempotency_keys set created_at = clock_timestamp() - $1::interval where key = $2`, [
        age,
        key['idempotency-key'],
      ]);
    await aged('23 hours 50 minutes');
    expect(await submit()).toBe(first);
    await aged('24 hours 1 second');
    const second = await submit();
    expect(second).not.toBe(first);
    expect(await submit()).toBe(second);
  });

  const thousand = Array.from({ length: 1000 }, (_, index) => index + 1);
  it.each([
    ['an unknown key', { training: { learning_rate: 1 } }, 'training.learning_rate', 'did you mean learningRate?'],
    ['a wrong type', { training: { batchSize: 'many' } }, 'training.batchSize', 'must be a number'],
    [
      'an impossible range',
      { training: { learningRate: { uniform: [1, 0.1] } } },
      'training.learningRate.uniform',
      'below the second',
    ],
    [
      'a data set that does not exist',
      { dataset: 'typescript-declaration' },
      'dataset',
      'did you mean typescript-declarations?',
    ],
    [
      'a bidirectional language model',
      { model: { bidirectional: true } },
      'model.bidirectional',
      'would see its target',
    ],
    [
      'a number of trials that is not a multiple of the grid',
      { search: { trials: 5 } },
      'search.trials',
      'multiple of the 2 grid points',
    ],
    [
      'a grid of 10^12 points',
      {
        model: { hiddenSize: { grid: thousand }, embeddingSize: { grid: thousand } },
        training: { ...sweep.training, batchSize: { grid: thousand }, updates: { grid: thousand } },
      },
      '',
      'the grids span 1,000,000,000,000 points',
    ],
  ])('refuses %s quickly, naming its path, and writes nothing', async (_, changes, path, message) => {
    const before = await countSweeps(dataSource);
    const used = process.cpuUsage();
    const response = await api.post('/v1/sweeps', { ...sweep, ...changes });
    // The API and its threads are in this process.
    expect(process.cpuUsage(used).user / 1000).toBeLessThan(5000);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect([400, 422]).toContain(response.status);
    const { errors } = (await response.json()) as any;
    expect(errors).toContainEqual({ path, message: expect.stringContaining(message) });
    expect(await countSweeps(dataSource)).toBe(before);
  });

  it.each([
    ['broken YAML', 'dataset: [1', 400],
    [
      'an alias bomb',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
        .split('')
        .map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`)
        .join('\n')}\n`,
      400,
    ],
    ['10,000 nested lists', `dataset: ${'['.repeat(10_000)}`, 400],
    ['an empty body', '', 400],
  ])('refuses %s', async (_, body, status) => {
    const response = await api.call('/v1/sweeps', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/yaml' },
    });
    expect(response.status).toBe(status);
    expect(((await response.json()) as any).detail).not.toContain('\n');
  });

  it('refuses a body of 100 MB without reading it', async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const { port } = new URL(api.url);
      const headers = {
        authorization: `Bearer ${api.key}`,
        'content-type': 'application/json',
        'content-length': 100_000_000,
      };
      const sent = request({ port, path: '/v1/sweeps', method: 'POST', headers }, (response) => {
        resolve(response.statusCode!);
        sent.destroy();
      });
      sent.on('error', reject);
      sent.write('{"name": "');
    });
    expect(status).toBe(413);
  });

  it('tells a client that sends a form how to send a sweep', async () => {
    const response = await api.call('/v1/sweeps', {
      method: 'POST',
      body: 'a=1',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(response.status).toBe(415);
    expect(((await response.json()) as any).detail).toContain('application/yaml');
  });
});

describe('the life of a sweep', () => {
  it('is cancelled for good; cancelling again is not an error', async () => {
    const { id } = await submit();
    expect(await (await api.post(`/v1/sweeps/${id}/cancel`, {})).json()).toMatchObject({ state: 'cancelled' });
    expect((await api.post(`/v1/sweeps/${id}/cancel`, {})).status).toBe(200);
  });

  it('cannot be deleted while it runs, but can afterwards', async () => {
    const { id } = await submit();
    expect((await api.call(`/v1/sweeps/${id}`, { method: 'DELETE' })).status).toBe(409);
    await api.post(`/v1/sweeps/${id}/cancel`, {});
    expect((await api.call(`/v1/sweeps/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await api.call(`/v1/sweeps/${id}`)).status).toBe(404);
  });

  it('is found by a unique prefix of its id and by "last"', async () => {
    const { id } = await submit();
    expect(await (await api.call(`/v1/sweeps/${id.slice(0, 7)}`)).json()).toMatchObject({ id });
    expect(await (await api.call('/v1/sweeps/last')).json()).toMatchObject({ id });
    expect((await api.call('/v1/sweeps/nosuchid')).status).toBe(404);
  });

  it('is listed newest first, page by page, each sweep once', async () => {
    const made = [];
    for (let count = 0; count < 3; count += 1) made.push((await submit()).id);
    const listed: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = (await (await api.call(`/v1/sweeps?limit=2${cursor && `&cursor=${cursor}`}`)).json()) as any;
      listed.push(...page.items.map(({ id }: any) => id));
      cursor = page.nextCursor;
    }
    expect(listed.slice(0, 3)).toEqual(made.reverse());
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed).toHaveLength(await countSweeps(dataSource));
  });
});

describe('the leaderboard', () => {
  it('ranks configurations by their mean over seeds, and pages through all of them', async () => {
    await dataSource.query('delete from sweeps');
    const { id } = await submit({ search: { trials: 4, repeats: 2 } });
    await until(async () => ((await (await api.call(`/v1/sweeps/${id}`)).json()) as any).trials.pending === 8);
    const values: Record<number, number[]> = { 0: [3, 5], 1: [1, 2], 2: [9, 9], 3: [2, 2] };
    for await (const claim of claims(dataSource)) {
      const rows = await dataSource.query(
        'select id, configuration, seed::integer as seed from trials where id = any($1)',
        [claim.trials.map(({ trialId }) => trialId)],
      );
      await commitWork(
        dataSource,
        claim.trials.map((trial) => {
          const { configuration, seed } = rows.find((row: any) => row.id === trial.trialId);
          return attemptWork(trial, { value: values[configuration]![seed]!, end: completed });
        }),
        [{ comparisonKey: claim.comparisonKey, name: 'bigram', metrics: { 'validation.bitsPerToken': 4 } }],
      );
    }
    const first = (await (await api.call(`/v1/sweeps/${id}/leaderboard?limit=3`)).json()) as any;
    const second = (await (
      await api.call(`/v1/sweeps/${id}/leaderboard?limit=3&cursor=${first.nextCursor}`)
    ).json()) as any;
    const rows = [...first.items, ...second.items].map(({ rank, value, repeats }: any) => [rank, value, repeats]);
    expect(rows).toEqual([
      [1, 1.5, 2],
      [2, 2, 2],
      [3, 4, 2],
      [4, 9, 2],
    ]);
    expect(first.items[0].deviation).toBeCloseTo(Math.SQRT1_2);
    expect(second.nextCursor).toBeNull();
    expect(first.baselines).toMatchObject([{ name: 'bigram', value: 4, rank: null, state: 'baseline' }]);
    await until(async () => ((await (await api.call(`/v1/sweeps/${id}`)).json()) as any).state === 'completed');
  });
});

describe("a trial's diagnostics", () => {
  it('are given in order of update, with the snapshots of the end; without any where none were recorded', async () => {
    await dataSource.query('delete from sweeps');
    const { id } = await submit({ search: { trials: 1 }, model: { cell: 'rnn', hiddenSize: 8 } });
    await until(async () => ((await (await api.call(`/v1/sweeps/${id}`)).json()) as any).trials.pending === 1);
    const claim = (await claimTrials(dataSource, claimant))!;
    const trial = claim.trials[0]!;
    const { trialId } = trial;
    const answer = async (): Promise<any> => (await api.call(`/v1/trials/${trialId}/diagnostics`)).json();
    expect(await answer()).toEqual({ trialId, reports: [], snapshots: null });
    const figures = (horizon: number) => ({
      ...{ gradientNorms: { output: 0.5 }, memoryHorizon: horizon, farthest: 3, saturation: null },
      ...{ distances: [0, 1, 3], gradient: [[1, 0.1, null]] },
    });
    const pictures = { units: 8, sequences: [{ from: 0, states: [[0.1, null]], attention: [1] }] };
    const seen = [4, 2].map((update) => ({ update, figures: figures(update) }));
    await commitWork(dataSource, [
      attemptWork(trial, { value: 1, diagnostics: seen, end: { ...completed, snapshots: pictures } }),
    ]);
    const view = await answer();
    expect(view).toEqual({
      trialId,
      reports: [2, 4].map((update) => ({ update, ...figures(update) })),
      snapshots: pictures,
    });
    expect(rest.diagnosticsView.parse(view)).toEqual(view);
    expect((await api.call('/v1/trials/zzzzzzzz/diagnostics')).status).toBe(404);
  });
});

describe('data sets', () => {
  const upload = (name: string, content: string | Uint8Array, kind = 'text'): Promise<Response> =>
    uploadDataset(api, name, kind, content);

  it('are registered once; sending the same content again is not an error, other content is', async () => {
    const first = await upload('my-text', 'hello world');
    expect(first.status).toBe(201);
    const { fingerprint } = (await first.json()) as any;
    expect(await (await upload('my-text', 'hello world')).json()).toMatchObject({ fingerprint, bytes: 11 });
    expect((await upload('my-text', 'something else')).status).toBe(409);
    expect(await (await api.call('/v1/datasets/my-text')).json()).toMatchObject({ fingerprint, builtIn: false });
  });

  it.each([
    ['a name that could be a path', '../etc/passwd', 'abc', 'text'],
    ['a name with capitals', 'Mine', 'abc', 'text'],
    ['an unknown kind', 'mine', 'abc', 'video'],
    ['a file without content', 'mine', '', 'text'],
    ['bytes that are not UTF-8', 'mine', new Uint8Array([0xff, 0xfe, 0x00]), 'text'],
  ])('refuse %s', async (_, name, content, kind) => {
    const response = await upload(name, content, kind);
    expect(response.status).toBe(422);
    expect((await api.call('/v1/datasets/mine')).status).toBe(404);
  });

  it('are listed in pages by name, each once, after the built-in ones', async () => {
    for (const name of ['page-a', 'page-b', 'page-c'])
      expect((await upload(name, `${name} `.repeat(20))).status).toBe(201);
    const names: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const path: string = `/v1/datasets?limit=1${cursor ? `&cursor=${cursor}` : ''}`;
      const page = (await (await api.call(path)).json()) as any;
      names.push(...page.items.map(({ name }: any) => name));
      cursor = page.nextCursor;
    }
    expect(names[0]).toBe('typescript-declarations');
    expect(names.filter((name) => name.startsWith('page-'))).toEqual(['page-a', 'page-b', 'page-c']);
    expect(new Set(names).size).toBe(names.length);
  });

  it('cannot use the name of a built-in one', async () => {
    expect((await upload('typescript-declarations', 'abc')).status).toBe(409);
  });
});

describe('the API description', () => {
  it('lists every route and the schema of a sweep', async () => {
    const document = (await (await fetch(`${api.url}/openapi.json`)).json()) as any;
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/v1/sweeps',
        '/v1/sweeps/{id}/leaderboard',
        '/v1/trials/{id}/metrics',
        '/v1/datasets',
        '/v1/workers',
        '/readyz',
      ]),
    );
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(
      ([, name]) => name!,
    );
    for (const name of references) expect(Object.keys(document.components.schemas)).toContain(name);
  });
});
