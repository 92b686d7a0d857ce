// PostgreSQL crashes before a claim is on its disk: the worker holds attempts that nobody knows.
import { checkpointName, openArtifacts } from '@unroll/artifacts';
import {
  claimTrials,
  commitWork,
  dataSourceOptions,
  flush,
  giveUpAttempts,
  joinGroup,
  migrate,
  readCurves,
  renewLeases,
  type Claim,
} from '@unroll/database';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DataSource } from 'typeorm';
import { ArtifactCollector } from '../../apps/api/src/scheduler/collect';
import { issueTickets } from '../../apps/api/src/scheduler/advance';
import { Committer } from '../../apps/worker/src/committer';
import { GroupRun } from '../../apps/worker/src/group-run';
import { Spool } from '../../apps/worker/src/spool';
import { check, type HistoryEvent } from '../history/checker.cjs';
import { observe } from '../history/client.cjs';
import { installRecorder, recorded } from '../history/recorder.cjs';
import { attemptWork, claimant, completed } from '../support/attempts';
import { temporaryFolder } from '../support/servers.cjs';
import { smallSweep, writeSweep } from '../support/sweeps';

let server: ChildProcess;
let database: DataSource;

const answer = async (): Promise<{ url: string }> => ((await once(server, 'message')) as [{ url: string }])[0];

/** Has the server crash, or start again. */
async function ask(what: 'crash' | 'start'): Promise<void> {
  server.send(what);
  await answer();
}

beforeAll(async () => {
  server = fork(join(__dirname, '..', 'support', 'crashing-postgres.mjs'));
  const { url } = await answer();
  database = await new DataSource(dataSourceOptions(url)).initialize();
  await migrate(database);
});

afterAll(async () => {
  await database.destroy();
  server.disconnect();
  await once(server, 'exit');
});

beforeEach(() => database.query('delete from sweeps'));

/** Milliseconds for which claims are made until a crash has undone one. */
const patience = 60_000;

/** Claims by `claim`, and loses that by a crash. The server may have written it by chance: then it is released, and claimed again. */
async function undone<Claimed>(
  claim: () => Promise<Claimed>,
  attemptsOf: (claimed: Claimed) => string[],
  whileDown: (claimed: Claimed) => Promise<void> = () => Promise.resolve(),
) {
  for (const end = performance.now() + patience; performance.now() < end;) {
    await flush(database);
    const claimed = await claim();
    await ask('crash');
    await whileDown(claimed);
    await ask('start');
    const ids = attemptsOf(claimed);
    expect(ids.length).toBeGreaterThan(0);
    const known = await database.query<unknown[]>('select from attempts where id = any($1)', [ids]);
    if (known.length === 0) return claimed;
    await database.transaction((manager) => giveUpAttempts(manager, ids, { state: 'released', message: 'kept' }));
  }
  throw new Error('no crash has undone a claim');
}

const attemptsOf = ({ trials }: Pick<Claim, 'trials'>): string[] => trials.map(({ attemptId }) => attemptId);
const undoneClaim = (whileDown?: (claim: Claim) => Promise<void>): Promise<Claim> =>
  undone(async () => (await claimTrials(database, claimant))!, attemptsOf, whileDown);

/** All that is stored of trials and attempts. */
const stored = () =>
  database.query<object[]>(
    `select row_to_json(trials) as row from trials union all select row_to_json(attempts) from attempts
     union all select row_to_json(metric_chunks) from metric_chunks`,
  );

describe('a claim that a crash of PostgreSQL has undone', () => {
  it('leaves attempts that write nothing, whatever their worker tells of them, and is made anew', async () => {
    const told: HistoryEvent[] = [];
    const query = (text: string): Promise<any[]> => database.query(text);
    await installRecorder(query);
    const stop = observe('worker', (event) => told.push(event));
    try {
      await writeSweep(database, smallSweep({ search: { trials: 2 } }));
      const { trials } = await undoneClaim();
      const ids = trials.map(({ attemptId }) => attemptId);
      const before = await stored();
      const report = trials.map((trial) =>
        attemptWork(trial, { value: 1, curves: [{ name: 'train.loss', updates: [1], values: [1] }] }),
      );
      const end = trials.map((trial) => attemptWork(trial, { value: 2, updates: 4, end: completed }));
      const checkpoint = trials.map((trial) => attemptWork(trial, { checkpoint: { name: 'c', update: 1 } }));
      const refused = { pruned: [], cancelled: [], refused: expect.arrayContaining(ids) };
      expect(await renewLeases(database, ids, 20)).toEqual(refused);
      for (const work of [report, checkpoint, end]) {
        expect(await commitWork(database, work, [], undefined, { held: ids, leaseSeconds: 20 })).toEqual(refused);
        expect(await commitWork(database, work, [], () => Promise.resolve([]))).toEqual(refused);
      }
      for (const state of ['released', 'failed'] as const)
        await database.transaction(async (manager) => {
          expect(await giveUpAttempts(manager, ids, { state, message: 'the trainer has crashed' })).toEqual([]);
        });
      expect(await stored()).toEqual(before);

      const again = (await claimTrials(database, claimant))!;
      expect(again.trials.map(({ trialId }) => trialId)).toEqual(trials.map(({ trialId }) => trialId));
      expect(again.trials.filter(({ attemptId }) => ids.includes(attemptId))).toEqual([]);
      // Beside the one that was undone, whose worker has not heard of it.
      const both = [
        ...end,
        ...again.trials.map((trial) => attemptWork(trial, { value: 3, updates: 4, end: completed })),
      ];
      expect((await commitWork(database, both)).refused.sort()).toEqual([...ids].sort());
      expect(await database.query('select state, value from trials')).toEqual(
        trials.map(() => ({ state: 'completed', value: 3 })),
      );
      const history = [{ event: 'about', leaseSeconds: 20 }, ...told, ...(await recorded(query))];
      expect(check(history).violations).toEqual([]);
      const claims = told.filter(({ event, phase }) => event === 'claim' && phase !== 'invoke');
      const of = (phase: string) => claims.filter((event) => event.phase === phase).flatMap(({ attempts }) => attempts);
      expect(of('told')).toEqual(expect.arrayContaining([...ids, ...attemptsOf(again)]));
      expect(of('ok').filter((id) => ids.includes(id as string))).toEqual([]);
      expect(of('ok')).toEqual(expect.arrayContaining(attemptsOf(again)));
    } finally {
      stop();
      await database.query('drop schema history cascade');
    }
  });

  it('gives back what its sweep may run at once, and a ticket is issued for it', async () => {
    const id = await writeSweep(database, smallSweep({ search: { trials: 2 } }), 1);
    const lost = await undoneClaim();
    expect(lost.trials).toHaveLength(1);
    const add = jest.fn(() => Promise.resolve());
    await issueTickets(database.manager, { waiting: () => Promise.resolve(0), add } as never);
    expect(add).toHaveBeenCalledWith([{ sweepId: id, signature: lost.signature }]);
    expect((await claimTrials(database, claimant))!.trials).toHaveLength(1);
    expect(await claimTrials(database, claimant)).toBeUndefined();
  });

  it('is no longer held by a worker that could commit nothing meanwhile, nor kept in its spool', async () => {
    await writeSweep(database, smallSweep({ search: { trials: 2 } }));
    let spool!: Spool;
    let committer!: Committer;
    let run!: GroupRun;
    const claim = await undoneClaim(async (claimed) => {
      spool = new Spool(temporaryFolder());
      committer = new Committer(database, spool);
      run = new GroupRun(claimed);
      committer.add(run);
      for (const { attemptId } of claimed.trials)
        run.report({
          ...{ type: 'report', groupId: claimed.groupId, attemptId },
          report: { update: 2, metrics: { 'validation.bitsPerToken': 3 } },
        });
      await committer.commit();
      expect(spool.waiting.batches).toBe(1);
    });
    const refused: string[] = [];
    committer.onLost = (lost) => void refused.push(...lost.refused);
    committer.lifeSign = () => ({ held: run.held, leaseSeconds: 20 });
    await committer.commit();
    expect(spool.isEmpty).toBe(true);
    expect(refused.sort()).toEqual(attemptsOf(claim).sort());
    expect(run.held).toEqual([]);
    expect(committer.held.size).toBe(0);
  });

  it('leaves no artifacts, and the checkpoint and the curve of the attempt before as they were', async () => {
    const store = openArtifacts(pathToFileURL(temporaryFolder()).href);
    await writeSweep(database, smallSweep({ search: { trials: 1 } }));
    const [first] = (await claimTrials(database, claimant))!.trials;
    const put = async (attemptId: string, update: number): Promise<string> => {
      const name = checkpointName(first!.trialId, attemptId, update);
      await store.put(name, Buffer.from('x'));
      return name;
    };
    const kept = await put(first!.attemptId, 2);
    const curve = (updates: number[]) => ({ name: 'train.loss', updates, values: updates });
    await commitWork(database, [
      attemptWork(first!, { curves: [curve([1, 2])], checkpoint: { name: kept, update: 2 } }),
    ]);
    // Beyond its checkpoint: the next attempt cuts the curve there.
    await commitWork(database, [attemptWork(first!, { curves: [curve([3])], updates: 3 })]);
    await database.transaction((manager) =>
      giveUpAttempts(manager, [first!.attemptId], { state: 'released', message: 'the worker was shut down' }),
    );
    const before = await stored();
    const { trials } = await undoneClaim();
    expect(trials[0]!.checkpoint).toMatchObject({ name: kept, update: 2, curves: [curve([1, 2])] });
    expect(await stored()).toEqual(before);
    const late = await put(trials[0]!.attemptId, 4);
    const work = attemptWork(trials[0]!, { updates: 4, checkpoint: { name: late, update: 4 } });
    await commitWork(database, [work]);
    const collector = new ArtifactCollector(store);
    expect(await collector.collect(database.manager)).toBe(0);
    expect(await collector.collect(database.manager)).toBe(1);
    expect(await store.list('checkpoints')).toEqual([kept]);
    const again = (await claimTrials(database, claimant))!;
    expect(again.trials[0]!.checkpoint).toMatchObject({ name: kept, update: 2, curves: [curve([1, 2])] });
    const curves = await readCurves(database.manager, [first!.trialId]);
    expect(curves.get(first!.trialId)).toEqual([curve([1, 2])]);
  });

  it('does not touch a group that its trials had joined', async () => {
    await writeSweep(database, smallSweep({ search: { trials: 3 } }));
    const claim = (await claimTrials(database, { ...claimant, lanes: 1 }))!;
    await flush(database);
    const join = () => joinGroup(database, { ...claimant, lanes: 4 }, claim, 2);
    const joined = await undone(join, (trials) => trials.map(({ attemptId }) => attemptId));
    const held = [...attemptsOf(claim), ...joined.map(({ attemptId }) => attemptId)];
    expect((await renewLeases(database, held, 20)).refused.sort()).toEqual(held.slice(1).sort());
    expect(await database.query('select state, lanes from attempts')).toEqual([{ state: 'running', lanes: 1 }]);
    expect(await join()).toHaveLength(2);
    expect((await commitWork(database, [attemptWork(claim.trials[0]!, { end: completed })])).refused).toEqual([]);
  });

  it('is there after a crash once a later commit has waited, as that of a report does', async () => {
    await writeSweep(database, smallSweep({ search: { trials: 2 } }));
    const { trials } = (await claimTrials(database, { ...claimant, lanes: 1 }))!;
    await commitWork(database, [attemptWork(trials[0]!, { value: 1 })]);
    await ask('crash');
    await ask('start');
    expect(await renewLeases(database, [trials[0]!.attemptId], 20)).toEqual({ pruned: [], cancelled: [], refused: [] });
  });
});
