import { commitWork, rankedPage, type Sweep } from '@unroll/database';
import { proposeTrials } from '../../apps/api/src/scheduler/advance';
import { Searches } from '../../apps/api/src/scheduler/searches';
import { readFront } from '../../apps/api/src/sweeps/front';
import { replaySweep } from '../../apps/api/src/sweeps/replay';
import { useDatabase } from '../support/database';
import { useSearchThreads } from '../support/search-threads';
import { attemptWork, claims, completed } from '../support/attempts';
import { emptySweep, smallSweep } from '../support/sweeps';

const dataSource = useDatabase();
const threads = useSearchThreads();

const metric = 'validation.bitsPerToken' as const;
const size = 'cost.parameters' as const;

/** Submits a sweep for a small loss and a small network: 60 configurations, 6 of which run at a time. */
async function submit(repeats = 1): Promise<Sweep> {
  const spec = smallSweep({
    model: { cell: 'gru', hiddenSize: { int: [8, 128] }, embeddingSize: 4 },
    objectives: [{ metric }, { metric: size }],
    search: { algorithm: 'nsga-ii', trials: 60, seed: 5, repeats },
  });
  return emptySweep(dataSource, spec, 6 * repeats);
}

/** Ends all pending trials: the larger the network, the smaller its loss; the best learning rate is 3e-3. */
async function trainAll(): Promise<void> {
  for await (const claim of claims(dataSource)) {
    const work = claim.trials.map((trial) => {
      const { model, training } = trial.spec;
      const value = 100 / model.hiddenSize + Math.abs(Math.log10(training.learningRate) + 2.5) + training.seed;
      const metrics = { [metric]: value, [size]: 3 * model.hiddenSize ** 2 };
      return attemptWork(trial, { value, metrics, updates: 4, end: completed });
    });
    await commitWork(dataSource, work);
  }
}

async function run(sweep: Sweep): Promise<void> {
  const searches = new Searches(threads);
  for (let turn = 0; turn < 40; turn += 1) {
    await proposeTrials(dataSource.manager, searches);
    await trainAll();
  }
  expect(await dataSource.query(`select count(*)::integer from trials where sweep_id = $1`, [sweep.id])).toEqual([
    { count: sweep.total },
  ]);
}

describe('a sweep with several objectives', () => {
  it('ranks its configurations by Pareto front, page by page, and searches towards the first front', async () => {
    const sweep = await submit();
    await run(sweep);
    const { objectives, items } = await readFront(dataSource, sweep, { limit: 100 });
    expect(objectives.map((each) => each.metric)).toEqual([metric, size]);
    expect(items).toHaveLength(60);
    const best = items.filter(({ front }) => front === 1);
    expect(best.length).toBeGreaterThan(3);
    for (const one of best)
      for (const other of items) {
        const isBetter = other.values[metric]! < one.values[metric]! && other.values[size]! < one.values[size]!;
        expect(isBetter).toBe(false);
      }
    const paged = [];
    for (let cursor: string | undefined = undefined; ;) {
      const page: Awaited<ReturnType<typeof readFront>> = await readFront(dataSource, sweep, { limit: 7, cursor });
      paged.push(...page.items);
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(items);
    const rates = await dataSource.query(
      `select avg(abs(log((parameters ->> 'training.learningRate')::numeric) + 2.5)) filter (where number < 20)::double precision as early,
              avg(abs(log((parameters ->> 'training.learningRate')::numeric) + 2.5)) filter (where number >= 40)::double precision as late
       from trials where sweep_id = $1`,
      [sweep.id],
    );
    expect(rates[0].late).toBeLessThan(rates[0].early);
    expect((await replaySweep(dataSource, threads, sweep)).proposals).toEqual({ count: 60, different: 0, first: null });
  });

  it('uses the mean over seeds, and continues its search unchanged after a restart', async () => {
    const sweep = await submit(2);
    const searches = new Searches(threads);
    for (let turn = 0; turn < 40; turn += 1) {
      await searches.forget(sweep.id);
      await proposeTrials(dataSource.manager, searches);
      await trainAll();
    }
    expect((await replaySweep(dataSource, threads, sweep)).proposals).toEqual({ count: 60, different: 0, first: null });
    const { items } = await readFront(dataSource, sweep, { limit: 1 });
    const seeds = await dataSource.query(
      `select value from trials where sweep_id = $1 and configuration = (select configuration from trials where id = $2)`,
      [sweep.id, items[0]!.trialId],
    );
    expect(items[0]).toMatchObject({ repeats: 2, front: 1 });
    expect(items[0]!.values[metric]).toBeCloseTo((seeds[0].value + seeds[1].value) / 2, 9);
  });

  it('ranks what cancelled trials had reached and waiting ones have, by the seeds of which leaderboards tell', async () => {
    const sweep = await submit(2);
    await proposeTrials(dataSource.manager, new Searches(threads));
    // Of the first configuration both seeds were cut short, of the second one; the third waits, and of the fourth one seed runs.
    const seeds = [
      ...[['cancelled', 1], ['cancelled', 3], ['completed', 2], ['cancelled', 6]], // oxfmt-ignore
      ...[['pending', 5], ['pending', 5], ['running', 6], ['cancelled', 0]], // oxfmt-ignore
    ];
    await dataSource.query(`update trials set state = 'running' where sweep_id = $1`, [sweep.id]);
    for (const [number, [state, value]] of seeds.entries())
      await dataSource.query(
        `update trials set state = $3, value = $4, metrics = $5, checkpoint_update = 2 where sweep_id = $1 and number = $2`,
        [sweep.id, number, state, value, { [metric]: value, [size]: 9 - Number(value) }],
      );
    const { items } = await readFront(dataSource, sweep, { limit: 10 });
    expect(items.map(({ values, repeats, state }) => [values[metric], repeats, state])).toEqual([
      [2, 2, 'cancelled'],
      [2, 1, 'completed'],
      [5, 2, 'running'],
      [6, 1, 'running'],
    ]);
    const { rows } = await rankedPage(dataSource, {
      ...{ place: { sweepId: sweep.id }, sign: 1, filter: { conditions: [] }, limit: 10 },
    });
    expect(rows.map(({ score, repeats, state }) => [score, repeats, state])).toEqual(
      items.map(({ values, repeats, state }) => [values[metric], repeats, state]),
    );
  });

  it('omits a trial whose size is not known yet', async () => {
    const sweep = await submit(3);
    await proposeTrials(dataSource.manager, new Searches(threads));
    await dataSource.query(`update trials set state = 'running', value = 1, metrics = $2 where sweep_id = $1`, [
      sweep.id,
      { [metric]: 1 },
    ]);
    expect((await readFront(dataSource, sweep, { limit: 10 })).items).toEqual([]);
  });
});
