import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openModel } from './models';

describe('the model of a name', () => {
  const environment = { ...process.env };
  const asked: string[] = [];
  let [modelsStatus, breaksOff] = [200, false];
  // It closes no connection: the first model loads its reader, on a busy machine for longer than one is kept.
  const server = createServer({ keepAliveTimeout: 0 }, ({ url }, response) => {
    asked.push(url!);
    const answer = (status: number, body: unknown): void => void response.writeHead(status).end(JSON.stringify(body));
    if (breaksOff && url!.startsWith('/v1/trials/')) {
      response.writeHead(200, { 'content-length': 100 });
      return void response.write('half of a model', () => response.destroy());
    }
    if (url === '/v1/trials/sentence/model') return answer(404, { detail: 'there is no trial sentence' });
    if (url!.startsWith('/v1/trials/')) return answer(200, 'the model of a trial');
    if (modelsStatus !== 200) return answer(modelsStatus, { detail: 'the database is away' });
    if (!/^\/v1\/models\/(v2|sentence)$/.test(url!)) return answer(404, { detail: 'there is no registered model' });
    return answer(200, { name: 'v2', versions: [{ version: 1, aliases: ['champion'], trialId: 'k3m5n7pq' }] });
  });

  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    Object.assign(process.env, { UNROLL_URL: `http://127.0.0.1:${port}`, UNROLL_KEY: 'key' });
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
    process.env = environment;
  });
  beforeEach(() => {
    asked.length = 0;
    [modelsStatus, breaksOff] = [200, false];
  });

  /** The trial whose model is read, for which a text is no model. */
  async function trialOf(name: string): Promise<string | undefined> {
    await expect(openModel(name)).rejects.toThrow(`${name}: `);
    return asked.at(-1);
  }

  it.each([
    // The API takes any beginning of an id for the trial.
    ['v2', 'k3m5n7pq'],
    ['v2:1', 'k3m5n7pq'],
    ['v2@champion', 'k3m5n7pq'],
    ['k3m5', 'k3m5'],
    // As long as an id.
    ['sentence', 'k3m5n7pq'],
    // No files, in two ways.
    ['package.json/x', 'package.json%2Fx'],
    ['x'.repeat(300), 'x'.repeat(300)],
    // A folder, where specs run.
    ['docs', 'docs'],
    ['best', 'best'],
    ['last', 'last'],
    ['my sweep:best', 'my%20sweep%3Abest'],
  ])('%s is that of the trial %s', async (name, trial) => {
    expect(await trialOf(name)).toBe(`/v1/trials/${trial}/model`);
  });

  it('is refused where it does not arrive whole', async () => {
    breaksOff = true;
    await expect(openModel('k3m5')).rejects.toThrow('the model of trial k3m5 did not arrive whole (terminated)');
  });

  it('is that of a trial by its whole id, whether or not registered models can be asked for', async () => {
    modelsStatus = 503;
    expect(await trialOf('k3m5n7pq')).toBe('/v1/trials/k3m5n7pq/model');
    expect(asked).toHaveLength(1);
  });

  it('is not that of a trial where it is unknown whether one is registered', async () => {
    modelsStatus = 503;
    await expect(openModel('v2')).rejects.toThrow('the database is away');
    expect(asked).toEqual(['/v1/models/v2']);
  });
});
