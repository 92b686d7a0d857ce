import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { useApi } from '../support/api';
import { useDatabase } from '../support/database';
import { until } from '../support/until';

const dataSource = useDatabase({ clear: true });
const api = useApi(dataSource);

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
    expect(names.length).toBeLessThan(150);
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
    const send = async (method: string, path: string, body: unknown): Promise<any> => {
      const response = await api.call(path, {
        method,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect([path, Math.floor(response.status / 100)]).toEqual([path, 2]);
      return response.json();
    };
    const example = (route: string): unknown => examples.get(route)!['application/json']!.example;
    const { id } = await send('POST', '/v1/sweeps', example('POST /v1/sweeps'));
    await send('POST', `/v1/sweeps/${id}/extend`, example('POST /v1/sweeps/{id}/extend'));
    await send('PATCH', `/v1/sweeps/${id}`, example('PATCH /v1/sweeps/{id}'));
    await send('PATCH', `/v1/sweeps/${id}/details`, example('PATCH /v1/sweeps/{id}/details'));
    const study = await send('POST', '/v1/studies', example('POST /v1/studies'));
    const ask = (): Promise<any> => send('POST', `/v1/sweeps/${study.id}/ask`, example('POST /v1/sweeps/{id}/ask'));
    let { trial } = await ask();
    // A busy machine may take longer to propose it than a request waits.
    await until(async () => (trial ??= (await ask()).trial) !== null);
    await send('POST', `/v1/trials/${trial.id}/report`, example('POST /v1/trials/{id}/report'));
    await send('POST', `/v1/trials/${trial.id}/tell`, example('POST /v1/trials/{id}/tell'));
    await send('POST', '/v1/views', example('POST /v1/views'));
    await send('POST', '/v1/members', example('POST /v1/members'));
    await send('PATCH', '/v1/members/Ada', example('PATCH /v1/members/{name}'));
    await send('PATCH', '/v1/members/Ada/share', example('PATCH /v1/members/{name}/share'));
    await send('PATCH', '/v1/teams/local/share', example('PATCH /v1/teams/{id}/share'));
    await send('POST', '/v1/keys', example('POST /v1/keys'));
    await send('POST', '/v1/links', example('POST /v1/links'));
    await send('POST', '/v1/webhooks', example('POST /v1/webhooks'));
    for (const [route, content] of examples)
      if (content?.['application/json'])
        expect([route, content['application/yaml']?.example]).toEqual([route, example(route)]);
  });
});
