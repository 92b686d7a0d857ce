import {
  claimTrials,
  commitWork,
  dataSourceOptions,
  forgetWorker,
  giveUpAttempts,
  grantToWorkers,
  hearPrompt,
  joinGroup,
  modelArtifact,
  openPrompt,
  renewLeases,
  schemaIsCurrent,
  takePrompt,
  tellPrompt,
  workerGrants,
  type AttemptWork,
  type Claim,
} from '@unroll/database';
import { randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import { toLane } from '../../apps/worker/src/claims';
import { judge } from '../../libs/verdicts/src';
import { attemptWork, claimant, completed } from '../support/attempts';
import { useDatabase } from '../support/database';
import { smallSweep, writeSweep } from '../support/sweeps';

const database = useDatabase({ clear: true });
const role = `unroll_worker_${randomBytes(6).toString('hex')}`;
let worker: DataSource;

beforeAll(async () => {
  await database.query(`create role ${role} login password 'a worker’s'`);
  await grantToWorkers(database.url, role);
  const url = Object.assign(new URL(database.url), { username: role, password: 'a worker’s' });
  worker = await new DataSource(dataSourceOptions(url.href)).initialize();
});
database.closing.push(async () => {
  if (worker?.isInitialized) await worker.destroy();
  await database.query(`drop owned by ${role}`);
  await database.query(`drop role ${role}`);
});

const metric = 'validation.bitsPerToken';
const updates = 16;

/** What comes of a claim: its trials reach their next rung or their end, and have reported all that a trial can. */
function workOf(claim: Claim): AttemptWork[] {
  return claim.trials.map((trial, index) => {
    const { until: update = updates } = toLane(trial, claim);
    const from = trial.checkpoint?.update ?? 0;
    const steps = Array.from({ length: update - from }, (_, step) => from + step + 1);
    const checkpoint = `checkpoints/${trial.trialId}/${trial.attemptId}/${update}.state`;
    const isOver = update === updates;
    return attemptWork(trial, {
      updates: update,
      value: index + 1 / update,
      sample: 'a sample',
      curves: [{ name: metric, updates: steps, values: steps.map((step) => index + 1 / step) }],
      diagnostics: [{ update, figures: {} as never }],
      ...(isOver ? { end: { ...completed, snapshots: {} as never } } : { rung: { checkpoint, update } }),
    });
  });
}

describe('the role of a worker', () => {
  it.each([
    ['no rule', { rule: 'none' }],
    ['asha', { rule: 'asha', minUpdates: 2 }],
    ['a population', { rule: 'population', every: 4 }],
    ['freeze-thaw', { rule: 'freeze-thaw', minUpdates: 2 }],
  ])('can train a sweep with %s to its end', async (_, stopping) => {
    expect(await schemaIsCurrent(worker)).toBe(true);
    const training = { bptt: 4, batchSize: 2, updates, reportEvery: 1, learningRate: { logUniform: [1e-3, 1e-2] } };
    const id = await writeSweep(database, smallSweep({ training, search: { trials: 8 }, stopping }));
    const baselines = [{ comparisonKey: 'key', name: 'last', metrics: { [metric]: 9 } }];
    for (;;) {
      const claim = await claimTrials(worker, { ...claimant, lanes: 3 });
      if (!claim) break;
      claim.trials.push(...(await joinGroup(worker, claimant, claim, 1)));
      const held = claim.trials.map(({ attemptId }) => attemptId);
      const figures = { engine: 'cpu', device: 'cpu', lanes: 4, slots: 1, memoryUsed: 1, memoryTotal: 2 };
      const alive = { id: 'worker1', host: 'here', pid: 1, trainers: [2], stepsPerSecond: 3, ...figures };
      await renewLeases(worker, held, 20, alive);
      await commitWork(worker, workOf(claim), baselines, judge, { held, leaseSeconds: 20, worker: alive });
    }
    await forgetWorker(worker, 'worker1');
    const left = await database.query(
      `select state from trials where sweep_id = $1 and state in ('pending', 'running')`,
      [id],
    );
    expect(left).toEqual([]);
  });

  it('can release what it holds, and find the model that a trial starts from', async () => {
    await writeSweep(database);
    const claim = (await claimTrials(worker, claimant))!;
    const ids = claim.trials.map(({ attemptId }) => attemptId);
    await worker.transaction((manager) =>
      giveUpAttempts(manager, ids, { state: 'failed', message: 'crashed', log: '' }),
    );
    expect(await modelArtifact(worker, claim.trials[0]!.trialId)).toBeUndefined();
  });

  it('can answer a prompt', async () => {
    const prompt = { teamId: 'local', model: 'm', body: { prompt: 'a' }, seconds: 60 };
    const id = (await openPrompt(database, prompt, 1))!;
    expect(await takePrompt(worker, 'worker1')).toMatchObject({ id, body: prompt.body });
    expect(await tellPrompt(worker, 'worker1', id, { pieces: ['b'], end: 'done' })).toBe(true);
    expect(await hearPrompt(database, id, 0)).toMatchObject({ state: 'done', pieces: ['b'] });
  });

  const refused = [
    'select * from api_keys',
    'select * from members',
    'select * from teams',
    'select * from audit',
    'select * from views',
    'select * from idempotency_keys',
    `insert into api_keys (id, member_id, name, role, hash, start) values ('a', 'local', 'a', 'admin', 'a', 'a')`,
    `update members set role = 'admin'`,
    'delete from audit',
    'delete from sweeps',
    `update sweeps set state = 'cancelled'`,
    `update sweeps set team_id = 'mine'`,
    'delete from trials',
    'update trials set seed = 1',
    'delete from datasets',
    'delete from prompts',
    `update prompts set model = 'mine'`,
    'drop table audit',
    'alter table trials disable trigger all',
    'create table public.mine (id text)',
    'delete from migrations',
  ];
  it.each(refused)('may not %s', async (statement) => {
    await expect(worker.query(statement)).rejects.toThrow(/permission denied|must be owner/);
  });

  it('has a plain name that exists', async () => {
    expect(() => workerGrants('a; drop table sweeps')).toThrow('is no name of a role');
    await expect(grantToWorkers(database.url, 'nobody_here')).rejects.toThrow(
      'there is no role nobody_here: create it',
    );
  });
});
