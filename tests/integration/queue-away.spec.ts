import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import type { DataSource } from 'typeorm';
import { openApi } from '../support/api';
import { openDatabase, urlOf } from '../support/database';
import { temporaryFolder } from '../support/cli';
import { until } from '../support/until';
import { allowAnyState } from '../support/unguarded';

let dataSource: DataSource;
let redis: ChildProcess;
let address: string;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** A Redis that this test may kill. */
async function startRedis(): Promise<void> {
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', temporaryFolder()];
  redis = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise<void>((resolve, reject) => {
    redis.stdout!.on('data', (data: Buffer) => data.includes('Ready to accept connections') && resolve());
    redis.on('close', () => reject(new Error('redis-server did not start')));
  });
  address = `redis://127.0.0.1:${port}`;
}

const sweep = {
  dataset: 'typescript-declarations',
  task: 'language-model',
  training: { learningRate: { logUniform: [1e-3, 1e-2] } },
  search: { trials: 4 },
};

const where = process.env.UNROLL_TEST_REDIS ? describe : describe.skip;

where(
  `while Redis is away${process.env.UNROLL_TEST_REDIS ? '' : ' (skipped: this machine has no redis-server)'}`,
  () => {
    beforeAll(async () => {
      await startRedis();
      dataSource = await openDatabase();
    });

    afterAll(async () => {
      redis.kill('SIGKILL');
      await dataSource.destroy();
    });

    it('the scheduler goes on drawing trials and ending sweeps, /readyz says so, and the API still ends', async () => {
      const api = await openApi(urlOf(dataSource), { REDIS_URL: address });
      try {
        redis.kill('SIGKILL');
        for (const name of ['first', 'second']) {
          const { id } = (await (await api.post('/v1/sweeps', { ...sweep, name })).json()) as any;
          await until(async () => ((await (await api.call(`/v1/sweeps/${id}`)).json()) as any).trials.pending === 4);
        }
        await allowAnyState(dataSource);
        await dataSource.query(`update trials set state = 'completed'`);
        await until(async () => {
          const { items } = (await (await api.call('/v1/sweeps')).json()) as any;
          return items.every(({ state }: any) => state === 'completed');
        });
        const ready = await api.call('/readyz');
        expect(ready.status).toBe(503);
        expect(await ready.json()).toMatchObject({ detail: expect.stringMatching(/^the queue cannot be used: /) });
      } finally {
        await api.close();
      }
    });
  },
);
