import {
  cancelSweep,
  claimTrials,
  commitWork,
  giveUpAttempts,
  lockSweep,
  reapLostAttempts,
  renewLeases,
  type AttemptWork,
  type Claim,
} from '@unroll/database';
import type { EntityManager } from 'typeorm';
import { useDatabase } from '../support/database';
import { attemptWork, claimant, claims, completed } from '../support/attempts';
import { smallSweep, writeSweep } from '../support/sweeps';

const dataSource = useDatabase({ clear: true });
const nothingLost = { pruned: [], cancelled: [], refused: [] };

const trialStates = async (sweepId: string): Promise<Record<string, number>> => {
  const rows = await dataSource.query(
    `select state, count(*)::integer as count from trials where sweep_id = $1 group by state`,
    [sweepId],
  );
  return Object.fromEntries(rows.map(({ state, count }: { state: string; count: number }) => [state, count]));
};

const expire = (claim: Claim): Promise<unknown> =>
  dataSource.query(`update attempts set lease_until = clock_timestamp() - interval '1 second' where group_id = $1`, [
    claim.groupId,
  ]);

const resultOf = (trial: { attemptId: string; trialId: string }, value: number): AttemptWork =>
  attemptWork(trial, {
    curves: [{ name: 'validation.bitsPerToken', updates: [2, 4], values: [value + 1, value] }],
    value,
    metrics: { 'validation.bitsPerToken': value },
    updates: 4,
    sample: 'abc',
    end: completed,
  });

describe('claiming', () => {
  it('claims as many pending trials of one signature as there are lanes, each with a leased attempt', async () => {
    const sweepId = await writeSweep(dataSource);
    const claim = await claimTrials(dataSource, claimant);
    expect(claim?.trials).toHaveLength(4);
    expect(await trialStates(sweepId)).toEqual({ pending: 4, running: 4 });
    const attempts = await dataSource.query(
      `select state, lanes, lease_until > clock_timestamp() as leased from attempts`,
    );
    expect(attempts).toEqual(Array.from({ length: 4 }, () => ({ state: 'running', lanes: 4, leased: true })));
  });

  it('never mixes signatures', async () => {
    await writeSweep(dataSource, smallSweep({ model: { cell: { grid: ['rnn', 'lstm'] }, hiddenSize: 8 } }));
    const claim = await claimTrials(dataSource, claimant);
    expect(new Set(claim!.trials.map(({ spec }) => spec.model.cell))).toEqual(new Set(['rnn']));
  });

  it('prefers the signature of the ticket, and claims other trials if that has none left', async () => {
    const sweepId = await writeSweep(
      dataSource,
      smallSweep({ model: { cell: { grid: ['rnn', 'lstm'] }, hiddenSize: 8 } }),
    );
    const [{ signature }] = await dataSource.query(
      `select signature from trials where spec->'model'->>'cell' = 'lstm' limit 1`,
    );
    const preferred = await claimTrials(dataSource, claimant, { sweepId, signature });
    expect(preferred!.trials[0]!.spec.model.cell).toBe('lstm');
    const other = await claimTrials(dataSource, claimant, { sweepId, signature });
    expect(other!.trials[0]!.spec.model.cell).toBe('rnn');
  });

  it('gives each trial to exactly one of many workers that claim at the same time', async () => {
    await writeSweep(dataSource, smallSweep({ search: { trials: 40 } }));
    const workers = Array.from({ length: 12 }, (_, index) =>
      claimTrials(dataSource, { ...claimant, workerId: `w${index}` }),
    );
    const claimed = (await Promise.all(workers)).flatMap((claim) => claim?.trials.map(({ trialId }) => trialId) ?? []);
    expect(claimed).toHaveLength(40);
    expect(new Set(claimed).size).toBe(40);
  });

  it('never runs more trials than concurrentTrials, however many workers claim at once', async () => {
    const sweepId = await writeSweep(dataSource, smallSweep({ search: { trials: 40 } }), 5);
    await Promise.all(Array.from({ length: 10 }, () => claimTrials(dataSource, claimant)));
    expect(await trialStates(sweepId)).toEqual({ running: 5, pending: 35 });
  });

  it.each([null, 30])(
    'of a sweep with concurrentTrials %p waits for another claim only where that is a limit, and a pause waits for both',
    async (limit) => {
      const sweepId = await writeSweep(dataSource, smallSweep({ search: { trials: 40 } }), limit);
      const other = dataSource.createQueryRunner();
      await other.startTransaction();
      const open = (await claimTrials(other.manager as never, { ...claimant, workerId: 'worker2' }))!;
      // Nobody is served before the other transaction ends who has not got there in this time.
      const impatient = dataSource.createQueryRunner();
      const within = async (work: (manager: never) => Promise<unknown>): Promise<string | undefined> => {
        await impatient.startTransaction();
        await impatient.query(`set local lock_timeout = '50ms'`);
        const refused = await work(impatient.manager as never).then(
          () => undefined,
          (error: { code?: string }) => error.code,
        );
        await (refused ? impatient.rollbackTransaction() : impatient.commitTransaction());
        return refused;
      };
      const lockNotAvailable = '55P03';
      expect(await within((manager) => claimTrials(manager, claimant))).toBe(
        limit === null ? undefined : lockNotAvailable,
      );
      expect(await within((manager) => lockSweep(manager, sweepId))).toBe(lockNotAvailable);
      // Neither does it keep the sweep's row.
      expect(await within((manager) => (manager as EntityManager).query('select from sweeps for no key update'))).toBe(
        undefined,
      );
      await other.commitTransaction();
      await Promise.all([other.release(), impatient.release()]);
      expect(await trialStates(sweepId)).toEqual({
        running: limit === null ? 8 : 4,
        pending: limit === null ? 32 : 36,
      });
      const held = open.trials.map(({ trialId }) => trialId);
      const next = (await claimTrials(dataSource, claimant))!.trials.map(({ trialId }) => trialId);
      expect(next.filter((id) => held.includes(id))).toEqual([]);
    },
  );

  it('claims nothing from a cancelled sweep', async () => {
    await cancelSweep(dataSource, await writeSweep(dataSource));
    expect(await claimTrials(dataSource, claimant)).toBeUndefined();
  });

  it('restarts the curve if an earlier attempt left points but no checkpoint', async () => {
    await writeSweep(dataSource, smallSweep({ search: { trials: 1 } }));
    const first = (await claimTrials(dataSource, claimant))!;
    const { end: _, ...report } = resultOf(first.trials[0]!, 3);
    await commitWork(dataSource, [report]);
    await dataSource.transaction((manager) =>
      giveUpAttempts(manager, [first.trials[0]!.attemptId], { state: 'failed', message: 'crashed' }),
    );
    await claimTrials(dataSource, claimant);
    expect(await dataSource.query('select * from metric_chunks')).toEqual([]);
    expect(await dataSource.query('select value, updates from trials')).toEqual([{ value: null, updates: 0 }]);
  });
});

describe('the fence', () => {
  it('commits a result as a whole: points, value, and the states of trial and attempt', async () => {
    const sweepId = await writeSweep(dataSource, smallSweep({ search: { trials: 1 } }));
    const claim = (await claimTrials(dataSource, claimant))!;
    expect(await commitWork(dataSource, [resultOf(claim.trials[0]!, 2)])).toEqual(nothingLost);
    expect(await trialStates(sweepId)).toEqual({ completed: 1 });
    expect(await dataSource.query('select value, updates, seconds from trials')).toEqual([
      { value: 2, updates: 4, seconds: 1 },
    ]);
    expect(await dataSource.query('select updates, values from metric_chunks')).toEqual([
      { updates: [2, 4], values: [3, 2] },
    ]);
    expect(await dataSource.query('select state from attempts')).toEqual([{ state: 'succeeded' }]);
  });

  it('refuses the result of an attempt whose trial another worker has, and writes none of it', async () => {
    await writeSweep(dataSource, smallSweep({ search: { trials: 1 } }));
    const late = (await claimTrials(dataSource, claimant))!;
    await expire(late);
    expect(await reapLostAttempts(dataSource.manager, 0)).toBe(1);
    const second = (await claimTrials(dataSource, { ...claimant, workerId: 'worker2' }))!;
    expect(second.trials[0]!.trialId).toBe(late.trials[0]!.trialId);

    expect((await commitWork(dataSource, [resultOf(late.trials[0]!, 1)])).refused).toEqual([late.trials[0]!.attemptId]);
    expect(await dataSource.query('select value, state from trials')).toEqual([{ value: null, state: 'running' }]);
    expect(await dataSource.query('select * from metric_chunks')).toEqual([]);

    expect(await commitWork(dataSource, [resultOf(second.trials[0]!, 2)])).toEqual(nothingLost);
    expect((await commitWork(dataSource, [resultOf(second.trials[0]!, 9)])).refused).toEqual([
      second.trials[0]!.attemptId,
    ]);
    expect(await dataSource.query('select value from trials')).toEqual([{ value: 2 }]);
  });

  it('refuses a result of a cancelled sweep, and accepts the rest of the batch', async () => {
    const cancelled = await writeSweep(dataSource, smallSweep({ search: { trials: 1 } }));
    const first = (await claimTrials(dataSource, claimant))!;
    await writeSweep(dataSource, smallSweep({ search: { trials: 1 } }));
    const second = (await claimTrials(dataSource, claimant))!;
    await cancelSweep(dataSource, cancelled);
    const lost = await commitWork(dataSource, [resultOf(first.trials[0]!, 1), resultOf(second.trials[0]!, 2)]);
    expect(lost).toEqual({ ...nothingLost, cancelled: [first.trials[0]!.attemptId] });
    expect(await dataSource.query('select state, value from trials order by state')).toEqual([
      { state: 'cancelled', value: null },
      { state: 'completed', value: 2 },
    ]);
  });

  it('accepts a batch again after its answer was lost, together with newer points, and stores each point once', async () => {
    await writeSweep(dataSource, smallSweep({ search: { trials: 1 } }));
    const claim = (await claimTrials(dataSource, claimant))!;
    const { end, ...report } = resultOf(claim.trials[0]!, 1);
    await commitWork(dataSource, [report]);
    const curves = [{ name: 'validation.bitsPerToken', updates: [2, 4, 6], values: [2, 1, 0.5] }];
    expect(await commitWork(dataSource, [{ ...report, curves, end }])).toEqual(nothingLost);
    expect(await dataSource.query('select updates, values from metric_chunks')).toEqual([
      { updates: [2, 4, 6], values: [2, 1, 0.5] },
    ]);
    expect(await dataSource.query('select state from trials')).toEqual([{ state: 'completed' }]);
  });

  it('stores texts with the character that PostgreSQL cannot store, which a network may write', async () => {
    await writeSweep(dataSource, smallSweep({ search: { trials: 2 } }));
    const [first, second] = (await claimTrials(dataSource, claimant))!.trials;
    const work = resultOf(first!, 1);
    await commitWork(dataSource, [{ ...work, sample: 'a\0b', end: { ...work.end!, message: '\0' } }]);
    await dataSource.transaction((manager) =>
      giveUpAttempts(manager, [second!.attemptId], { state: 'failed', message: 'the trainer said \0' }),
    );
    expect(await dataSource.query('select sample, message from trials order by number')).toEqual([
      { sample: 'a\ufffdb', message: '\ufffd' },
      { sample: null, message: 'the trainer said \ufffd' },
    ]);
  });

  it('does not wait forever for a process that stopped inside a transaction: the server ends it and releases its locks', async () => {
    expect(await dataSource.query('show idle_in_transaction_session_timeout')).toEqual([
      { idle_in_transaction_session_timeout: '8s' },
    ]);
  });

  it('stores diagnostics once, and drops them when the trial restarts', async () => {
    await writeSweep(dataSource, smallSweep({ search: { trials: 1 } }));
    const claim = (await claimTrials(dataSource, claimant))!;
    const figures = {
      ...{ gradientNorms: { output: null }, memoryHorizon: 1, farthest: 3, saturation: null },
      ...{ distances: [0, 3], gradient: [[1, 0.001]] },
    };
    const { end, ...running } = resultOf(claim.trials[0]!, 1);
    const seen = [
      { update: 2, figures },
      { update: 4, figures: { ...figures, memoryHorizon: 2 } },
    ];
    await commitWork(dataSource, [{ ...running, diagnostics: seen.slice(0, 1) }]);
    await commitWork(dataSource, [{ ...running, diagnostics: seen }]);
    const rows = (): Promise<unknown> => dataSource.query('select update, figures from diagnostics order by update');
    expect(await rows()).toEqual(seen);
    await expire(claim);
    await reapLostAttempts(dataSource.manager, 0);
    const late = { ...running, diagnostics: [{ update: 6, figures }] };
    expect((await commitWork(dataSource, [late])).refused).toEqual([claim.trials[0]!.attemptId]);
    const again = (await claimTrials(dataSource, claimant))!;
    expect(await rows()).toEqual([]);
    const pictures = { units: 1, sequences: [{ from: 0, states: [[0.5]], symbols: ['\0'] }] };
    await commitWork(dataSource, [{ ...resultOf(again.trials[0]!, 1), end: { ...end!, snapshots: pictures } }]);
    expect(await dataSource.query('select content from snapshots')).toEqual([
      { content: { ...pictures, sequences: [{ from: 0, states: [[0.5]], symbols: ['\ufffd'] }] } },
    ]);
  });

  it('stores points that are not finite', async () => {
    await writeSweep(dataSource, smallSweep({ search: { trials: 1 } }));
    const claim = (await claimTrials(dataSource, claimant))!;
    const work = {
      ...resultOf(claim.trials[0]!, 1),
      curves: [{ name: 'train.loss', updates: [1, 2, 3], values: [NaN, Infinity, 1] }],
    };
    await commitWork(dataSource, [work]);
    expect(await dataSource.query('select values from metric_chunks')).toEqual([{ values: [NaN, Infinity, 1] }]);
  });
});

describe('leases', () => {
  it('are renewed even after they expired, unless they were reaped', async () => {
    await writeSweep(dataSource);
    const claim = (await claimTrials(dataSource, claimant))!;
    const ids = claim.trials.map(({ attemptId }) => attemptId);
    await expire(claim);
    expect(await renewLeases(dataSource, ids, 20)).toEqual(nothingLost);
    expect(await reapLostAttempts(dataSource.manager, 0)).toBe(0);
  });

  it('tell a worker on renewal which attempts were cancelled', async () => {
    const sweepId = await writeSweep(dataSource);
    const claim = (await claimTrials(dataSource, claimant))!;
    await cancelSweep(dataSource, sweepId);
    const ids = claim.trials.map(({ attemptId }) => attemptId);
    expect(await renewLeases(dataSource, ids, 20)).toEqual({ ...nothingLost, cancelled: ids });
    await dataSource.query('delete from sweeps');
    expect(await renewLeases(dataSource, ids, 20)).toEqual({ ...nothingLost, refused: ids });
  });

  it('that expired make their trials pending again', async () => {
    const sweepId = await writeSweep(dataSource);
    await expire((await claimTrials(dataSource, claimant))!);
    expect(await reapLostAttempts(dataSource.manager, 0)).toBe(4);
    expect(await trialStates(sweepId)).toEqual({ pending: 8 });
  });

  const crash = async (lanes: number): Promise<number> => {
    const claim = (await claimTrials(dataSource, { ...claimant, lanes }))!;
    const ids = claim.trials.map(({ attemptId }) => attemptId);
    await dataSource.transaction((manager) =>
      giveUpAttempts(manager, ids, { state: 'failed', message: 'segfault', log: 'last words' }),
    );
    return ids.length;
  };

  it('fail a trial after three crashes alone in a trainer, with the reason and the last lines of its log', async () => {
    const sweepId = await writeSweep(dataSource, smallSweep({ search: { trials: 1 } }));
    for (let times = 0; times < 3; times += 1) await crash(4);
    expect(await trialStates(sweepId)).toEqual({ failed: 1 });
    expect(await dataSource.query('select message from trials')).toEqual([{ message: 'segfault' }]);
    expect(await dataSource.query('select distinct state, log from attempts')).toEqual([
      { state: 'failed', log: 'last words' },
    ]);
  });

  it('of trials that crashed together continue alone, each with three crashes of its own', async () => {
    const sweepId = await writeSweep(dataSource, smallSweep({ search: { trials: 3 } }));
    const groups = [await crash(4), await crash(4), await crash(4), await crash(4), await crash(4)];
    expect(groups).toEqual([3, 1, 1, 1, 1]);
    expect(await trialStates(sweepId)).toEqual({ failed: 1, pending: 2 });
  });

  it('of trials that ran out of memory are claimed in smaller groups, and shareable trials come first', async () => {
    await writeSweep(dataSource, smallSweep({ search: { trials: 6 } }));
    const first = (await claimTrials(dataSource, claimant))!;
    const ids = first.trials.map(({ attemptId }) => attemptId);
    const end = { state: 'released' as const, message: 'out of memory', mostLanes: 2 };
    await dataSource.transaction((manager) => giveUpAttempts(manager, ids, end));
    const sizes: number[] = [];
    for (let claim; (claim = await claimTrials(dataSource, claimant));) sizes.push(claim.trials.length);
    expect(sizes).toEqual([2, 2, 2]);
  });

  it('that a worker released do not count against the trial', async () => {
    const sweepId = await writeSweep(dataSource, smallSweep({ search: { trials: 1 } }));
    for (let release = 0; release < 5; release += 1) {
      const claim = (await claimTrials(dataSource, claimant))!;
      await dataSource.transaction((manager) =>
        giveUpAttempts(manager, [claim.trials[0]!.attemptId], { state: 'released', message: 'shut down' }),
      );
    }
    expect(await trialStates(sweepId)).toEqual({ pending: 1 });
  });
});

describe('a trial with a checkpoint', () => {
  const at = async (update: number) => {
    await writeSweep(dataSource, smallSweep({ search: { trials: 1 } }));
    const { attemptId, trialId } = (await claimTrials(dataSource, claimant))!.trials[0]!;
    const { end: _, ...report } = resultOf({ attemptId, trialId }, 1);
    const curves = [
      { name: 'train.loss', updates: [1, 2, 3], values: [NaN, 8, 7] },
      { name: 'validation.bitsPerToken', updates: [1, 2, 3], values: [6, 5, 4] },
    ];
    await commitWork(dataSource, [{ ...report, curves, checkpoint: { name: `state-${update}`, update } }]);
    await commitWork(dataSource, [
      { ...report, curves: [{ name: 'train.loss', updates: [4, 5], values: [6, 5] }], updates: 5 },
    ]);
    return { attemptId, trialId };
  };
  const lose = (attemptId: string, forget = false): Promise<unknown> =>
    dataSource.transaction((manager) =>
      giveUpAttempts(manager, [attemptId], { state: 'released', message: 'the worker was shut down', forget }),
    );

  it('continues from it: its curve is kept up to that update and handed to the worker', async () => {
    const { attemptId } = await at(2);
    await lose(attemptId);
    const { checkpoint } = (await claimTrials(dataSource, claimant))!.trials[0]!;
    expect(checkpoint).toEqual({
      adopted: null,
      name: 'state-2',
      update: 2,
      curves: [
        { name: 'train.loss', updates: [1, 2], values: [NaN, 8] },
        { name: 'validation.bitsPerToken', updates: [1, 2], values: [6, 5] },
      ],
    });
    expect(await dataSource.query('select updates from trials')).toEqual([{ updates: 2 }]);
    expect(await dataSource.query('select resumed_from from attempts order by started_at')).toEqual([
      { resumed_from: 0 },
      { resumed_from: 2 },
    ]);
    expect((await dataSource.query('select updates from metric_chunks')).map(({ updates }: any) => updates)).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('restarts if the checkpoint is missing', async () => {
    const { attemptId } = await at(2);
    await lose(attemptId, true);
    expect((await claimTrials(dataSource, claimant))!.trials[0]!.checkpoint).toBeUndefined();
    expect(await dataSource.query('select * from metric_chunks')).toEqual([]);
  });

  it('has none after it ended, and a late worker cannot set one', async () => {
    const { attemptId, trialId } = await at(2);
    await commitWork(dataSource, [resultOf({ attemptId, trialId }, 1)]);
    const late = { ...resultOf({ attemptId, trialId }, 1), checkpoint: { name: 'late', update: 3 } };
    expect((await commitWork(dataSource, [late])).refused).toEqual([attemptId]);
    expect(await dataSource.query('select checkpoint, checkpoint_update from trials')).toEqual([
      { checkpoint: null, checkpoint_update: 0 },
    ]);
  });

  it('is grouped only with trials at the same update', async () => {
    await writeSweep(dataSource, smallSweep({ search: { trials: 6 } }));
    await dataSource.query(`update trials set checkpoint = 'state', checkpoint_update = 2 where number in (1, 4)`);
    await dataSource.query(`update trials set checkpoint = 'state', checkpoint_update = 3 where number = 2`);
    const groups: number[][] = [];
    for await (const claim of claims(dataSource))
      groups.push(claim.trials.map(({ checkpoint }) => checkpoint?.update ?? 0));
    expect(groups).toEqual([[3], [2, 2], [0, 0, 0]]);
  });
});
