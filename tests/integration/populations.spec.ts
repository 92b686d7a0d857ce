import {
  claimTrials,
  commitWork,
  giveUpAttempts,
  lostIds,
  namedCheckpoints,
  Sweep,
  Trial,
  type AttemptWork,
  type Claim,
  type LostAttempts,
} from '@unroll/database';
import { fusionSignature } from '../../libs/search/src';
import { replaySweep } from '../../apps/api/src/sweeps/replay';
import { judge } from '../../libs/verdicts/src';
import { useDatabase } from '../support/database';
import { useSearchThreads } from '../support/search-threads';
import { attemptWork, claimant } from '../support/attempts';
import { smallSweep, writeSweep } from '../support/sweeps';
import { allowAnyState } from '../support/unguarded';

const dataSource = useDatabase({ clear: true });
const threads = useSearchThreads();

const metric = 'validation.bitsPerToken';
const spec = smallSweep({
  training: { bptt: 4, batchSize: 2, updates: 12, reportEvery: 2, learningRate: { logUniform: [1e-3, 1e-2] } },
  search: { trials: 10 },
  stopping: { rule: 'population', every: 4 },
});

/** The work of a claim whose trials reached a rung with these values. */
function atRung(claim: Claim, update: number, values: readonly number[]): AttemptWork[] {
  return claim.trials.map((trial, index) =>
    attemptWork(trial, {
      updates: update,
      value: values[index]!,
      curves: [
        { name: metric, updates: [update - 2, update], values: [9, values[index]!] },
        { name: 'train.loss', updates: [update - 2, update], values: [9, 2 * values[index]!] },
      ],
      rung: { checkpoint: `checkpoints/${trial.trialId}/${trial.attemptId}/${update}.state`, update },
    }),
  );
}

const claimAll = async (lanes = 10): Promise<Claim> => (await claimTrials(dataSource, { ...claimant, lanes }))!;
const commit = (work: readonly AttemptWork[]): Promise<LostAttempts> => commitWork(dataSource, work, [], judge);
const values = [5, 1, 2, 3, 4, 6, 7, 8, 9, 0];
const trialsOf = (sweepId: string): Promise<Trial[]> =>
  dataSource.getRepository(Trial).find({ where: { sweepId }, order: { number: 'ASC' } });

describe('a population', () => {
  it('continues from its own checkpoints, the worst from those of the best with perturbed parameters, all in one transaction', async () => {
    const id = await writeSweep(dataSource, spec);
    const before = await trialsOf(id);
    const first = await claimAll();
    const work = atRung(first, 4, values);
    expect(lostIds(await commit(work))).toEqual([]);
    const after = await trialsOf(id);
    expect(after.map(({ state }) => state)).toEqual(after.map(() => 'pending'));
    expect(after.map(({ checkpointUpdate }) => checkpointUpdate)).toEqual(after.map(() => 4));
    const own = after.map(
      ({ checkpoint, id: trial }) => checkpoint === work.find(({ trialId }) => trialId === trial)!.rung!.checkpoint,
    );
    const worst = after.map(
      ({ id: trial }) => values[first.trials.findIndex(({ trialId }) => trialId === trial)]! >= 8,
    );
    expect(own).toEqual(worst.map((is) => !is));
    for (const [index, trial] of after.entries())
      if (worst[index]) {
        expect(trial.drawn).toEqual(before[index]!.parameters);
        expect(trial.parameters).not.toEqual(trial.drawn);
        expect(trial.spec.training.learningRate).toBe(trial.parameters['training.learningRate']);
        expect([0, 1]).toContain(trial.adopted!.metrics[metric]);
        expect(trial.adopted!.metrics['train.loss']).toBe(2 * trial.adopted!.metrics[metric]!);
        expect(trial).toMatchObject({ value: trial.adopted!.metrics[metric], metrics: trial.adopted!.metrics });
      } else expect(trial).toMatchObject({ drawn: null, adopted: null, parameters: before[index]!.parameters });
    // Leaderboards show parameters with a value of the weights that they continue from.
    const shown = await dataSource.query(
      `select parameters, score, metrics from configurations order by configuration`,
    );
    expect(shown).toEqual(after.map(({ parameters, value, metrics }) => ({ parameters, score: value, metrics })));
    expect(after.filter(({ value }) => value! >= 8)).toEqual([]);
    const states = await dataSource.query(`select distinct state from attempts`);
    expect(states).toEqual([{ state: 'released' }]);

    // The next claim continues from there, and a second rung exploits again.
    const second = await claimAll();
    expect(second.trials.map(({ checkpoint }) => checkpoint?.update)).toEqual(second.trials.map(() => 4));
    expect(second.trials.filter(({ checkpoint }) => checkpoint?.adopted)).toHaveLength(2);
    await commit(atRung(second, 8, [...values].reverse()));
    const sweep = await dataSource.getRepository(Sweep).findOneByOrFail({ id });
    expect(await replaySweep(dataSource, threads, sweep)).toEqual({
      proposals: { count: 10, different: 0, first: null },
      verdicts: { count: 20, different: 0, first: null },
    });
    await dataSource.query(`update verdicts set source = 0 where decision = 'exploit' and rung = 0`);
    expect((await replaySweep(dataSource, threads, sweep)).verdicts.different).toBe(2);
  });

  it('goes on to identify the files that its trials name, with the signature of that', async () => {
    const [glove, small] = ['1', '2'].map((digit) => digit.repeat(64)) as [string, string];
    const id = await writeSweep(dataSource, {
      ...spec,
      task: { kind: 'language-model', tokens: 'subword', tokenizer: { name: 'small' } },
      training: { ...(spec.training as object), initFrom: { embedding: 'glove' } },
    });
    const datasets = { tiny: 'print', glove, small };
    await dataSource.getRepository(Sweep).update({ id }, { datasets });
    await commit(atRung(await claimAll(), 4, values));
    const adopted = (await trialsOf(id)).filter((trial) => trial.adopted);
    expect(adopted).toHaveLength(2);
    for (const trial of adopted) {
      expect(trial.spec.task).toMatchObject({ tokenizer: { name: 'small', fingerprint: small } });
      expect(trial.spec.training.initFrom).toEqual({ embedding: 'glove', fingerprint: glove, replaceHead: false });
      expect(trial.signature).toBe(fusionSignature(trial.spec, trial.datasetFingerprint));
    }
  });

  it('is protected by the fence: a lost attempt that reaches a rung changes nothing', async () => {
    const id = await writeSweep(dataSource, spec);
    const claim = await claimAll();
    const ids = claim.trials.map(({ attemptId }) => attemptId);
    await dataSource.transaction((manager) => giveUpAttempts(manager, ids, { state: 'lost', message: 'gone' }));
    expect((await commit(atRung(claim, 4, values))).refused).toEqual(ids);
    expect(await dataSource.query('select * from verdicts')).toEqual([]);
    expect((await trialsOf(id)).every(({ checkpoint }) => checkpoint === null)).toBe(true);
  });

  it('goes on together after a crash, and each alone after a second one from the same checkpoint', async () => {
    await writeSweep(dataSource, spec);
    const crash = async (): Promise<number> => {
      const { trials } = await claimAll();
      const ids = trials.map(({ attemptId }) => attemptId);
      await dataSource.transaction((manager) => giveUpAttempts(manager, ids, { state: 'failed', message: 'segfault' }));
      return trials.length;
    };
    expect(await crash()).toBe(10);
    await commit(atRung(await claimAll(), 4, values));
    expect([await crash(), await crash(), await crash()]).toEqual([10, 10, 1]);
  });

  it('claims the trials that are behind first, so that all advance together', async () => {
    await writeSweep(dataSource, spec);
    const numbers: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      const claim = await claimAll(5);
      numbers.push(claim.trials[0]!.checkpoint?.update ?? 0);
      await commit(atRung(claim, (claim.trials[0]!.checkpoint?.update ?? 0) + 4, values));
    }
    expect(numbers).toEqual([0, 0, 4, 4]);
  });

  it('decides in order of arrival where workers reach a rung at once, and replays identically', async () => {
    const id = await writeSweep(dataSource, spec);
    const claims = [await claimAll(3), await claimAll(3), await claimAll(4)];
    await Promise.all(claims.map((claim, index) => commit(atRung(claim, 4, values.slice(3 * index)))));
    const seen = await dataSource.query(`select seen, count(*)::integer from verdicts group by seen order by seen`);
    expect(seen).toHaveLength(3);
    expect(seen.at(-1).seen).toBe(10);
    const sweep = await dataSource.getRepository(Sweep).findOneByOrFail({ id });
    expect((await replaySweep(dataSource, threads, sweep)).verdicts).toEqual({ count: 10, different: 0, first: null });
  });

  it('keeps the checkpoints of a rung while a trial may still reach it, and those that a trial continues from', async () => {
    const id = await writeSweep(dataSource, spec);
    const claims = [await claimAll(9), await claimAll(1)];
    const work = atRung(claims[0]!, 4, values);
    await commit(work);
    const names = work.map(({ rung }) => rung!.checkpoint);
    const named = async (): Promise<number> => (await namedCheckpoints(dataSource.manager, names, [])).named.size;
    expect(await named()).toBe(9);
    await commit(atRung(claims[1]!, 4, [7.5]));
    const resumed = new Set((await trialsOf(id)).map(({ checkpoint }) => checkpoint));
    expect(await named()).toBe(names.filter((name) => resumed.has(name)).length);
    const next = await claimAll();
    await commit(atRung(next, 8, values));
    await allowAnyState(dataSource);
    await dataSource.query(`update trials set state = 'completed', checkpoint = null`);
    await dataSource.query(`update sweeps set proposed = total`);
    expect(await named()).toBe(0);
  });

  it('restarts if its checkpoint is missing, and discards what it copied', async () => {
    const id = await writeSweep(dataSource, spec);
    await commit(atRung(await claimAll(), 4, values));
    const claim = await claimAll();
    const ids = claim.trials.map(({ attemptId }) => attemptId);
    const end = { state: 'released', message: 'damaged', forget: true } as const;
    await dataSource.transaction((manager) => giveUpAttempts(manager, ids, end));
    expect((await trialsOf(id)).every(({ adopted, checkpoint }) => adopted === null && checkpoint === null)).toBe(true);
    const again = await claimAll();
    await commit(atRung(again, 4, values));
    expect(await dataSource.query('select count(*)::integer from verdicts')).toEqual([{ count: 10 }]);
    expect((await trialsOf(id)).every(({ checkpointUpdate }) => checkpointUpdate === 4)).toBe(true);
  });

  it('leaves the trials of a cancelled sweep cancelled', async () => {
    const id = await writeSweep(dataSource, spec);
    const claim = await claimAll();
    await dataSource.query(`update sweeps set state = 'failed'`);
    await commit(atRung(claim, 4, values));
    expect((await trialsOf(id)).every(({ state }) => state === 'cancelled')).toBe(true);
  });
});
