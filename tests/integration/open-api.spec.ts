import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openArtifacts } from '@unroll/artifacts';
import { newId, takePrompt, tellPrompt, Worker, type TakenPrompt } from '@unroll/database';
import { pathToFileURL } from 'node:url';
import { useApi } from '../support/api';
import { useDatabase } from '../support/database';
import { temporaryFolder } from '../support/servers.cjs';
import { letters } from '../support/sweeps';
import { until } from '../support/until';

const dataSource = useDatabase({ clear: true });
const artifacts = pathToFileURL(temporaryFolder()).href;
const api = useApi(dataSource, () => ({ ARTIFACTS_URL: artifacts }));

interface Described {
  operationId: string;
  summary: string;
  tags: string[];
  security?: object[];
  'x-access': string;
  parameters: { name: string; in: string; description?: string }[];
  requestBody?: { content: Record<string, { schema: object; example?: unknown }> };
  responses: Record<string, { description: string; content?: object }>;
}

let text = '';
let routes: [route: string, operation: Described][] = [];

beforeAll(async () => {
  text = await (await fetch(`${api.url}/openapi.json`)).text();
  const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, Described>> };
  routes = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): [string, Described] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );
});

/** A sweep whose trials have completed. */
async function completedSweep(): Promise<string> {
  const { id } = (await (await api.post('/v1/sweeps', letters)).json()) as any;
  const trialsOf = async (): Promise<any> => ((await (await api.call(`/v1/sweeps/${id}`)).json()) as any).trials;
  await until(async () => (await trialsOf()).pending === letters.search.trials);
  await dataSource.query(`update trials set state = 'running' where sweep_id = $1`, [id]);
  await dataSource.query(
    `update trials set state = 'completed', value = 1 + number, updates = 5, metrics = '{"validation.bitsPerToken": 1}',
       finished_at = clock_timestamp() where sweep_id = $1`,
    [id],
  );
  return id;
}

async function newWorker(): Promise<string> {
  const id = newId();
  const row = { id, host: 'host', pid: 1, trainers: [], engine: 'native', device: 'CPU', lanes: 1 };
  await dataSource.manager.insert(Worker, row);
  return id;
}

/** A trial that has a model. */
async function trainedTrial(): Promise<string> {
  const model = 'models/trial/attempt/1.safetensors';
  await openArtifacts(artifacts).put(model, Buffer.from('a model'));
  const [[{ id }]] = await dataSource.query(
    `update trials set model = $2 where id = (select id from trials where sweep_id = $1 limit 1) returning id`,
    [await completedSweep(), model],
  );
  return id;
}

/** Answers the next prompt as a worker does. */
async function answerPrompt(worker: string): Promise<void> {
  let taken: TakenPrompt | undefined;
  await until(async () => (taken = await takePrompt(dataSource, worker)) !== undefined);
  await tellPrompt(dataSource, worker, taken!.id, { pieces: ['be'], end: 'done' });
}

describe('the OpenAPI document', () => {
  it('is 3.1 without a complaint of a linter', () => {
    expect(JSON.parse(text)).toMatchObject({ openapi: '3.1.0' });
    const linter = join(__dirname, '..', 'support', 'lint-open-api.mjs');
    const { stdout, stderr, status } = spawnSync(process.execPath, [linter], { input: text, encoding: 'utf8' });
    expect({ problems: stdout.split('\n').filter(Boolean), stderr, status }).toEqual({
      problems: [],
      stderr: '',
      status: 0,
    });
  });

  it('is the one of which the client in TypeScript has the types', () => {
    const folder = join(__dirname, '..', '..', 'clients', 'typescript');
    if (process.env.UNROLL_UPDATE_CLIENT) {
      const generator = join(folder, 'generate.mjs');
      const { stderr, status } = spawnSync(process.execPath, [generator], { input: text, encoding: 'utf8' });
      expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    }
    const [head] = readFileSync(join(folder, 'src', 'api.ts'), 'utf8').split('\n', 1);
    const hash = createHash('sha256')
      .update(JSON.stringify(JSON.parse(text).components))
      .digest('hex');
    // After a change of the API: UNROLL_UPDATE_CLIENT=1 npx jest tests/integration/open-api.spec.ts --selectProjects integration
    expect(head).toContain(`SHA-256 of the OpenAPI document's components: ${hash}`);
  });

  it('names each part by where it stands', () => {
    const { components } = JSON.parse(text) as { components: { schemas: object } };
    const names = Object.keys(components.schemas);
    expect(names).toEqual(expect.arrayContaining(['SweepSpec', 'SweepTraining', 'Sweep', 'LeaderboardRow', 'Problem']));
    expect(names.filter((name) => !/^[A-Z][A-Za-z0-9]+$/.test(name))).toEqual([]);
    expect(names.length).toBeLessThan(200);
  });

  it('says of each route what it does, and every answer', () => {
    const ids = routes.map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [route, { summary, parameters, responses, security, 'x-access': access }] of routes) {
      expect([route, summary]).toEqual([route, expect.stringMatching(/^[A-Z]/)]);
      expect([route, parameters.filter(({ description }) => !description)]).toEqual([route, []]);
      const statuses = Object.keys(responses);
      expect([route, statuses]).toEqual([route, expect.arrayContaining([expect.stringMatching(/^20/)])]);
      expect([route, security]).toEqual([route, access === 'open' ? [] : undefined]);
      if (access !== 'open') expect([route, statuses]).toEqual([route, expect.arrayContaining(['401', '503'])]);
      if (route.includes('{')) expect([route, statuses]).toEqual([route, expect.arrayContaining(['404'])]);
      for (const [status, { description }] of Object.entries(responses))
        expect([route, status, description]).toEqual([route, status, expect.stringMatching(/./)]);
    }
  });

  it('has examples that work', async () => {
    const examples = new Map(routes.map(([route, { requestBody }]) => [route, requestBody?.content]));
    const tried = new Set<string>();
    /** Sends the example of a route, the parameters of its path being `values` in order. */
    const send = async (route: string, ...values: string[]): Promise<any> => {
      tried.add(route);
      const [method, template] = route.split(' ') as [string, string];
      const path = values.reduce((left, value) => left.replace(/\{\w+\}/, value), template);
      const response = await api.call(path, {
        method,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(examples.get(route)!['application/json']!.example),
      });
      expect([route, Math.floor(response.status / 100), response.ok ? '' : await response.text()]).toEqual([
        route,
        2,
        '',
      ]);
      const isStream = response.headers.get('content-type')!.startsWith('text/event-stream');
      return isStream ? response.text() : response.json();
    };
    const { id } = await send('POST /v1/sweeps');
    await send('POST /v1/sweeps/{id}/extend', id);
    await send('PATCH /v1/sweeps/{id}', id);
    await send('PATCH /v1/sweeps/{id}/details', id);
    const study = await send('POST /v1/studies');
    let { trial } = await send('POST /v1/sweeps/{id}/ask', study.id);
    // A busy machine may take longer to propose it than a request waits.
    await until(async () => (trial ??= (await send('POST /v1/sweeps/{id}/ask', study.id)).trial) !== null);
    await send('POST /v1/trials/{id}/report', trial.id);
    await send('POST /v1/trials/{id}/tell', trial.id);
    await send('PATCH /v1/trials/{id}/details', trial.id);
    const described = await send('PATCH /v1/trials/{id}/configuration/details', trial.id);
    expect(described).toMatchObject({ note: 'Diverged on the second try.', configurationTags: ['small'] });
    await send('POST /v1/trials/{id}/reviews', trial.id);
    const completed = await completedSweep();
    await dataSource.query(`update trials set model = id where sweep_id = $1`, [completed]);
    await send('POST /v1/models/{name}/versions', 'reader');
    await send('POST /v1/models/{name}/aliases', 'reader');
    // It would keep its sweep from being deleted.
    for (const path of ['/aliases/champion', ''])
      expect((await api.call(`/v1/models/reader${path}`, { method: 'DELETE' })).status).toBe(204);
    await send('POST /v1/sweeps/{id}/confirm', completed);
    const [worker, trained] = [await newWorker(), await trainedTrial()];
    const [events] = await Promise.all([send('POST /v1/trials/{id}/generate', trained), answerPrompt(worker)]);
    expect(events).toContain('event: text\ndata: {"text":"be"}');
    await send('POST /v1/workers/{id}/drain', worker);
    const { id: entry } = await send('POST /v1/diary');
    await send('PATCH /v1/diary/{id}', entry);
    const { id: report } = await send('POST /v1/reports');
    await send('PATCH /v1/reports/{id}', report);
    await send('POST /v1/views');
    await send('POST /v1/members');
    await send('PATCH /v1/members/{name}', 'Ada');
    await send('PATCH /v1/members/{name}/share', 'Ada');
    await send('POST /v1/teams');
    await send('PATCH /v1/teams/{id}/share', 'local');
    await send('POST /v1/keys');
    await send('POST /v1/links');
    await send('POST /v1/webhooks');
    const withExample = [...examples].flatMap(([route, content]) => (content?.['application/json'] ? [route] : []));
    expect([...tried].sort()).toEqual(withExample.sort());
    for (const [route, content] of examples)
      if (content?.['application/json'])
        expect([route, content['application/yaml']?.example]).toEqual([route, content['application/json'].example]);
  });
});
