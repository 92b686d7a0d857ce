import { advisoryLocks, insertTrials, Sweep, type NewTrial } from '@unroll/database';
import { SweepSearch, toTrials } from '@unroll/search';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { proposeTrials } from '../../apps/api/src/scheduler/advance';
import { Searches } from '../../apps/api/src/scheduler/searches';
import { SearchThreads } from '../../apps/api/src/search/search-threads';
import { ThreadLost, type Limit } from '../../apps/api/src/threads/thread';
import { replaySweep } from '../../apps/api/src/sweeps/replay';
import { useApi } from '../support/api';
import { finish } from '../support/board';
import { useDatabase } from '../support/database';
import { searchThreadFile, useSearchThreads } from '../support/search-threads';
import { temporaryFolder } from '../support/servers.cjs';
import { emptySweep, insertSweep, smallSweep, writeSweep } from '../support/sweeps';
import { allowAnyState } from '../support/unguarded';
import { until } from '../support/until';

const modelled = (trials: number) =>
  smallSweep({
    model: { cell: { choice: ['rnn', 'gru'] }, hiddenSize: { int: [8, 64] }, embeddingSize: 4 },
    search: { algorithm: 'gaussian-process', trials, seed: 3 },
  });

describe('an API whose sweeps propose at length', () => {
  const dataSource = useDatabase();
  const api = useApi(dataSource);

  /** Inserts running sweeps with `finished` completed trials each, and room for a batch of four. */
  async function insertSearched(sweeps: number, finished: number): Promise<void> {
    const spec = modelled(finished + 4);
    const configurations = new SweepSearch(spec).propose(0, finished);
    const keys = { held: false, signature: 'any', comparisonKey: 'any', datasetFingerprint: 'any' };
    const trials = configurations
      .flatMap((each) => toTrials(spec, each))
      .map((each, number): NewTrial => ({ ...each, ...keys, number }));
    const parameters = configurations.map((each) => each.parameters);
    await allowAnyState(dataSource);
    await dataSource.transaction(async (manager) => {
      for (let index = 0; index < sweeps; index += 1) {
        const id = await insertSweep(manager, spec, 4);
        await insertTrials(manager, { id, proposed: 0, edits: 0 }, trials, {
          first: 0,
          lanes: 1,
          learned: [],
          parameters,
        });
      }
      await manager.query(
        `update trials set state = 'completed', started_at = clock_timestamp(), finished_at = clock_timestamp(),
           value = abs(log((parameters ->> 'training.learningRate')::numeric) + 2.5)`,
      );
    });
  }

  it('answers meanwhile, keeps its lead, and completes other sweeps', async () => {
    const leader = () =>
      dataSource.query(
        `select pid from pg_locks where locktype = 'advisory' and granted and objid = $1
           and database = (select oid from pg_database where datname = current_database())`,
        [advisoryLocks.lead],
      );
    const proposed = async (): Promise<number> =>
      (await dataSource.query(`select count(*)::integer from sweeps where proposed = total`))[0].count;
    await until(async () => (await leader()).length === 1);
    const led = await leader();
    await insertSearched(20, 200);
    await until(async () => (await proposed()) >= 1, 60);

    const other = await writeSweep(dataSource, smallSweep({ search: { trials: 2 } }));
    const before = await proposed();
    await finish(dataSource, other, () => 1);
    const times: number[] = [];
    const began = performance.now();
    while ((await proposed()) < before + 3) {
      const start = performance.now();
      expect((await api.call('/healthz')).status).toBe(200);
      times.push(performance.now() - start);
      await pause(20);
    }
    // A batch of four takes a second on an idle machine; the first answers would wait for whole ones.
    const batch = (performance.now() - began) / 3;
    expect(times.sort((a, b) => a - b)[Math.floor(times.length / 2)]).toBeLessThan(batch / 20);
    await until(
      async () => (await dataSource.getRepository(Sweep).findOneByOrFail({ id: other })).state === 'completed',
    );
    expect(await proposed()).toBeLessThan(20);
    expect(await leader()).toEqual(led);
  });
});

describe('a replay', () => {
  const dataSource = useDatabase();
  const threads = useSearchThreads();

  it('leaves the thread that serves requests free', async () => {
    const sweep = await emptySweep(dataSource, modelled(80), 40);
    const searches = new Searches(threads);
    await proposeTrials(dataSource.manager, searches);
    await finish(dataSource, sweep.id, ({ configuration }) => configuration % 7);
    await proposeTrials(dataSource.manager, searches);

    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const began = performance.now();
    const { proposals } = await replaySweep(dataSource, threads, sweep);
    const took = performance.now() - began;
    delay.disable();
    expect(proposals).toEqual({ count: 80, different: 0, first: null });
    expect(delay.max / 1e6).toBeLessThan(took / 4);
  });
});

describe('a search thread that dies', () => {
  const dataSource = useDatabase({ clear: true });
  const folder = temporaryFolder();
  const file = join(folder, 'dying-thread.cjs');
  const victims = join(folder, 'victims.json');
  let threads: SearchThreads;

  /** A search thread that exits when it is to propose for a victim, as often as the file says. */
  beforeAll(async () => {
    await writeFile(
      file,
      `const { parentPort } = require('node:worker_threads');
       const { readFileSync, writeFileSync } = require('node:fs');
       parentPort.on('message', ({ method, input: { id } }) => {
         const victims = JSON.parse(readFileSync(${JSON.stringify(victims)}, 'utf8'));
         if (method !== 'propose' || !victims[id]) return;
         victims[id] -= 1;
         writeFileSync(${JSON.stringify(victims)}, JSON.stringify(victims));
         process.exit(9);
       });
       require(${JSON.stringify(searchThreadFile)});`,
    );
    threads = new SearchThreads(file);
  });
  afterAll(async () => {
    await threads.beforeApplicationShutdown();
    await rm(folder, { recursive: true });
  });

  const spec = smallSweep({ search: { algorithm: 'tpe', trials: 24, seed: 3 } });

  it('is replaced, and the sweep goes on as if nothing had happened', async () => {
    const sweep = await emptySweep(dataSource, spec, 8);
    const searches = new Searches(threads);
    for (const deaths of [0, 1, 1]) {
      await writeFile(victims, JSON.stringify({ [sweep.id]: deaths }));
      if (deaths > 0) expect(await proposeTrials(dataSource.manager, searches)).toBe(0);
      expect(await proposeTrials(dataSource.manager, searches)).toBe(8);
      await finish(dataSource, sweep.id, ({ configuration }) => configuration % 5);
    }
    const { proposals } = await replaySweep(dataSource, threads, sweep);
    expect(proposals).toEqual({ count: 24, different: 0, first: null });
  });

  it('fails the sweep that killed it twice, and no other', async () => {
    const [victim, other] = [await emptySweep(dataSource, spec, 8), await emptySweep(dataSource, spec, 8)];
    await writeFile(victims, JSON.stringify({ [victim.id]: 2 }));
    const searches = new Searches(threads);
    expect(await proposeTrials(dataSource.manager, searches)).toBe(8);
    expect(await proposeTrials(dataSource.manager, searches)).toBe(0);
    const { state, message } = await dataSource.getRepository(Sweep).findOneByOrFail({ id: victim.id });
    expect({ state, message }).toEqual({
      state: 'failed',
      message: 'search: no trials could be proposed, in 2 attempts: its thread exited with code 9',
    });
    expect(await dataSource.getRepository(Sweep).findOneByOrFail({ id: other.id })).toMatchObject({
      ...{ state: 'running', proposed: 8 },
    });
  });
});

describe('a sweep that cannot go on', () => {
  const dataSource = useDatabase({ clear: true });
  const threads = useSearchThreads();

  it('fails by itself with the reason, whatever it is, and the others go on', async () => {
    const tooLarge = smallSweep({
      dataset: { name: 'adding-problem', steps: { grid: [4, 100_000] }, sequences: 1000 },
      task: 'regression',
      model: { cell: 'rnn', hiddenSize: 8 },
      training: { batchSize: 2, updates: 4, learningRate: { logUniform: [1e-3, 1e-2] } },
    });
    const first = await emptySweep(dataSource, tooLarge, null);
    const broken = await emptySweep(dataSource, smallSweep(), null);
    const other = await emptySweep(dataSource, smallSweep(), null);
    // A mistake of ours: the thread throws an error that it does not foresee.
    const spec = { ...smallSweep(), model: { cell: { choice: 3 } } };
    await dataSource.query('update sweeps set spec = $2::json where id = $1', [broken.id, JSON.stringify(spec)]);
    const searches = new Searches(threads);
    expect(await proposeTrials(dataSource.manager, searches)).toBe(8);
    const rows = await dataSource.getRepository(Sweep).findBy({});
    expect(new Map(rows.map(({ id, state, message }) => [id, { state, message }]))).toEqual(
      new Map([
        [
          first.id,
          {
            state: 'failed',
            message:
              'dataset: dataset.sequences: adding-problem has at most 100 sequences of 100000 steps, 10000000 steps in all, not 1000',
          },
        ],
        [broken.id, { state: 'failed', message: expect.stringMatching(/^search: no trials could be proposed: \S/) }],
        [other.id, { state: 'running', message: null }],
      ]),
    );
  });
});

describe('a request that takes too long to compute', () => {
  const folder = temporaryFolder();
  const file = join(folder, 'slow-thread.cjs');
  const threads = new SearchThreads(file);
  beforeAll(() =>
    writeFile(
      file,
      `require('node:worker_threads').parentPort.on('message', ({ input }) => {
         if (input.spec.name === 'computes') for (;;);
         if (input.spec.name === 'waits') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
       });
       require(${JSON.stringify(searchThreadFile)});`,
    ),
  );
  afterAll(async () => {
    await threads.beforeApplicationShutdown();
    await rm(folder, { recursive: true });
  });
  const check = (name: string, limit?: Limit) =>
    threads.answer('checkedSweep', { spec: { ...modelled(20), name }, most: 2 }, limit);

  it('is refused with what to change, and the next one is answered', async () => {
    expect((await check('quick')).ahead).toHaveLength(2);
    const slow = check('computes', { cpu: 0.5, wall: 100 });
    const next = check('quick');
    await expect(slow).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'search: drawing the first trials took longer than 0.5 s: make search.constraints or the grids smaller',
    });
    expect((await next).size).toMatchObject({ configurations: 20 });
  });

  it('is not blamed where the machine is busy', async () => {
    const held = check('waits', { cpu: 0.5, wall: 1 });
    const next = check('quick');
    await expect(held).rejects.toMatchObject({ name: 'ThreadLost', reason: 'busy' });
    expect((await next).size).toMatchObject({ configurations: 20 });
  });
});

describe('an API whose machine is busy', () => {
  const dataSource = useDatabase();
  const api = useApi(dataSource);

  it('answers 503 and when to try again, and makes its documentation once it can', async () => {
    const busy = new ThreadLost('busy', 'the machine is busy: no answer within 60 s');
    jest.spyOn(SearchThreads.prototype, 'answer').mockRejectedValue(busy);
    const schemas = jest.spyOn(SearchThreads.prototype, 'schemas').mockRejectedValueOnce(busy);
    for (const call of [() => api.post('/v1/sweeps', smallSweep()), () => api.call('/openapi.json')]) {
      const response = await call();
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '30']);
      expect(await response.json()).toMatchObject({ detail: expect.stringMatching(/^the API is busy: /) });
    }
    for (let time = 0; time < 2; time += 1) expect((await api.call('/openapi.json')).status).toBe(200);
    expect(schemas).toHaveBeenCalledTimes(2);
    jest.restoreAllMocks();
  });
});
