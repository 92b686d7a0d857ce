import {
  bestComplete,
  bestTrial,
  bestTrials,
  changesAfter,
  claimableWork,
  claimTrials,
  commitWork,
  countRows,
  countTrials,
  finishedConfigurations,
  insertVerdict,
  joinGroup,
  judgedCurve,
  judgedTrials,
  pairedSweeps,
  pruneHeldSeeds,
  readCurves,
  rankedPage,
  reapLostAttempts,
  releaseSeeds,
  renewLeases,
  seedCurves,
  sortedPage,
  unproposedSweeps,
  verdictsAt,
  waitingConfigurations,
  wholeCurves,
  type Claim,
} from '@unroll/database';
import { claimant } from '../support/attempts';
import { smallSweep } from '../support/sweeps';
import { expectPlans, PlannedDatabase } from '../support/plans';

const objective = 'minimize validation.loss';
const metric = 'validation.loss';
const sweeps = 5;
const trialsOfSweep = 4_000;

/** A fleet's database in the middle of its work. No table has more rows than `analyze` samples: statistics are always the same. */
const fill = [
  `set session_replication_role = replica`,
  `insert into sweeps (id, name, state, spec, objective, datasets, configurations, total, proposed, created_at)
   select 'sweep' || s, 's', case when s < 3 then 'running' else 'completed' end, '{"stopping": {"rule": "asha"}}',
          '{"metric": "${metric}", "goal": "minimize", "use": "best"}', '{}', ${trialsOfSweep}, ${trialsOfSweep + 100}, ${trialsOfSweep},
          timestamptz '2026-01-01' + make_interval(hours => s)
   from generate_series(0, ${sweeps - 1}) s`,
  `select add_shares('local', 'local', 'normal')`,
  `insert into trials (id, sweep_id, number, configuration, seed, state, parameters, spec, signature, comparison_key, dataset_fingerprint,
                       value, metrics, updates, seconds, started_at, finished_at)
   select 'trial' || s || '-' || n, 'sweep' || s, n, n, n, state, jsonb_build_object('model.cell', cell, 'rate', n % 97), '{}', 'signature' || n % 6,
          'key' || s % 2, 'print', case when state in ('completed', 'pruned', 'running') then (n * 7919 % 4001)::double precision end,
          jsonb_build_object('${metric}', n), 100, 1, timestamptz '2026-01-01', case when state = 'completed' then timestamptz '2026-01-02' end
   from generate_series(0, ${sweeps - 1}) s, generate_series(0, ${trialsOfSweep - 1}) n,
        lateral (select (array['rnn', 'gru', 'lstm'])[1 + n % 3] as cell,
                        case when n % 10 = 9 then 'failed' when n % 4 = 3 then 'pruned' when s < 3 and n >= ${trialsOfSweep - 400} then 'pending'
                             when s < 3 and n >= ${trialsOfSweep - 450} then 'running' else 'completed' end as state) each_trial`,
  `insert into attempts (id, trial_id, state, worker_id, host, engine, group_id, lanes, lease_until)
   select 'attempt ' || id, id, case when state = 'running' then 'running' when state = 'failed' then 'failed' else 'succeeded' end,
          'worker' || number % 20, 'here', 'cpu', 'group' || number / 8, 8, clock_timestamp() + interval '1 day'
   from trials where state <> 'pending'`,
  `insert into metric_chunks (trial_id, name, first_update, updates, values)
   select id, name, 10, array[10, 20, 30], array[value, value, value]
   from trials, unnest(array['${metric}', 'train.loss']) name where value is not null and number % 2 = 0`,
  `insert into configurations (sweep_id, configuration, comparison_key, objective, cell, parameters, score, repeats, best_trial, state, metrics,
                               updates, seconds, finished_at)
   select sweep_id, configuration, comparison_key, '${objective}', parameters ->> 'model.cell', parameters, value, 1, id, state, metrics,
          updates, seconds, finished_at from trials where value is not null`,
  `insert into boards (sweep_id, comparison_key, objective, metric, goal, dataset, fingerprint, reading, task)
   select 'sweep' || s, 'key' || s % 2, '${objective}', '${metric}', 'minimize', 'd', 'print', '{}', 'regression'
   from generate_series(0, ${sweeps - 1}) s`,
  `insert into verdicts (sweep_id, configuration, rung, update, updates, values, score, decision, why)
   select 'sweep' || s, c, r, 10 * (r + 1), array[10 * (r + 1)], array[c::double precision], c, 'continue', ''
   from generate_series(0, 2) s, generate_series(0, 1499) c, generate_series(0, 2) r`,
  `insert into changes (xid, kind, id, sweep_id)
   select 3 + n / 4, 'trial', 'trial0-' || n % ${trialsOfSweep}, 'sweep' || n % 5 from generate_series(0, 19999) n`,
  `set session_replication_role = origin`,
  `vacuum (analyze)`,
];

let database: PlannedDatabase;

beforeAll(async () => {
  database = await PlannedDatabase.open();
  const { dataSource } = database;
  const tables = await dataSource.query<{ name: string }[]>(
    `select tablename as name from pg_tables where schemaname = 'public'`,
  );
  // What autovacuum would do at some moment must not decide about a plan.
  for (const { name } of tables) await dataSource.query(`alter table ${name} set (autovacuum_enabled = false)`);
  const runner = dataSource.createQueryRunner();
  for (const statement of fill) await runner.query(statement);
  await runner.release();
});

afterAll(() => database.dataSource.destroy());

const running = Array.from({ length: 8 }, (_, index) => `trial0-${trialsOfSweep - 450 + 4 * index}`);
const attempts = running.map((id) => `attempt ${id}`);

describe('the hot queries, with their plans', () => {
  async function expectPlansOf(path: string, action: Parameters<PlannedDatabase['plansOf']>[0]): Promise<void> {
    const plans = await database.plansOf(action);
    if (database.major === 18) expectPlans(path, plans);
  }

  it('claim trials, with a preference and without, and join a group', async () => {
    const { dataSource } = database;
    let claim: Claim;
    await expectPlansOf('trials/transitions/claim', async () => {
      claim = (await claimTrials(dataSource, claimant, { sweepId: 'sweep0', signature: 'signature1' }))!;
      await claimTrials(dataSource, claimant);
    });
    await expectPlansOf('trials/transitions/join', () => joinGroup(dataSource, claimant, claim, 2));
  });

  it('commit reports and results', async () => {
    const { dataSource } = database;
    const work = running.map((trialId, index) => ({
      ...{ attemptId: attempts[index]!, trialId, value: 1, metrics: { [metric]: 1 }, updates: 40, sample: 'text' },
      curves: [{ name: metric, updates: [40], values: [1] }],
      diagnostics: [],
      ...(index < 4 ? {} : { end: { trialState: 'completed' as const, seconds: 1, message: null, model: 'model' } }),
    }));
    await expectPlansOf('trials/commit-work', () => commitWork(dataSource, work));
  });

  it('renew leases, and reap those that ran out', async () => {
    const { dataSource } = database;
    await expectPlansOf('trials/renew-leases', () => renewLeases(dataSource, attempts.slice(0, 4), 20));
    await expectPlansOf('trials/transitions/give-up', () => reapLostAttempts(dataSource.manager, 0));
  });

  it('decide at a rung', async () => {
    const { manager } = database.dataSource;
    await expectPlansOf('search-log/verdicts', async () => {
      await judgedTrials(manager, running.slice(0, 4));
      await verdictsAt(manager, 'sweep0', 1);
      await insertVerdict(manager, 'sweep0', 9, {
        ...{
          configuration: 1,
          update: 1,
          updates: [1],
          values: [1],
          share: null,
          score: 1,
          decision: 'continue',
          why: '',
        },
      });
      await finishedConfigurations(manager, 'sweep0', [1, 2, 3, 4]);
    });
  });

  it('compare configurations seed by seed', async () => {
    const { manager } = database.dataSource;
    await expectPlansOf('search-log/paired-tests', async () => {
      await pairedSweeps(manager);
      const goal = { metric, goal: 'minimize', use: 'best' } as const;
      const paired = { id: 'sweep0', spec: smallSweep(), objective: goal, seeds: 1 };
      await waitingConfigurations(manager, paired);
      await bestComplete(manager, paired);
      await releaseSeeds(manager, paired, 1, 1);
      await pruneHeldSeeds(manager, { sweepId: 'sweep0', configuration: 1 }, '');
    });
  });

  it('read curves', async () => {
    const { manager } = database.dataSource;
    await expectPlansOf('curves/read-curves', async () => {
      await readCurves(manager, running);
      await wholeCurves(manager, running, metric);
      await seedCurves(manager, { sweepId: 'sweep0', configuration: 10, metric });
      await judgedCurve(manager, { sweepId: 'sweep0', configuration: 10 });
    });
  });

  it('advance sweeps', async () => {
    const { manager } = database.dataSource;
    await expectPlansOf('sweeps/advance-sweeps', async () => {
      await unproposedSweeps(manager);
      await claimableWork(manager, 64, 30);
    });
  });

  it('show how a sweep progresses, and its best trials', async () => {
    const { dataSource } = database;
    await expectPlansOf('sweeps/sweep-progress', async () => {
      await countTrials(dataSource, ['sweep0', 'sweep1']);
      await bestTrial(dataSource, 'sweep0', { goal: 'minimize' });
    });
    await expectPlansOf('trials/sweep-trials', () => bestTrials(dataSource, 'sweep3', 20));
  });

  it('page through a leaderboard', async () => {
    const { dataSource } = database;
    const page = { sign: 1 as const, limit: 50 };
    const all = { conditions: [] };
    const sweep = { ...page, place: { sweepId: 'sweep0' }, filter: all };
    const team = { ...page, place: { comparisonKey: 'key0', objective }, filter: all };
    const position = { score: 1000, sweepId: 'sweep0', configuration: 7, rank: 900, place: 900 };
    await expectPlansOf('leaderboard/leaderboard', async () => {
      await rankedPage(dataSource, sweep, { position, direction: 'next' });
      await rankedPage(dataSource, team, { position, direction: 'next' });
      await rankedPage(dataSource, { ...sweep, filter: { cell: 'gru', conditions: [] } });
      await rankedPage(dataSource, { ...sweep, filter: { state: 'pruned', conditions: [] } });
      await rankedPage(dataSource, { ...team, filter: { cell: 'gru', conditions: [] } });
      await sortedPage(dataSource, sweep, { by: 'parameter', name: 'rate' }, false);
      await countRows(dataSource, team, 10_000);
    });
  });

  it('follow changes', async () => {
    const { dataSource } = database;
    await expectPlansOf('changes/changes', async () => {
      await changesAfter(dataSource, { xid: '4000', sequence: '10' }, 100);
      await changesAfter(dataSource, { xid: '4000', sequence: '10' }, 100, { teamId: 'local', sweepId: 'sweep1' });
    });
  });
});
