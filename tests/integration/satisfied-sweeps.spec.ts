import { claimTrials, commitWork, endSatisfiedSweeps, Spreads, Sweep } from '@unroll/database';
import { checkSweep } from '@unroll/search';
import fc from 'fast-check';
import { attemptWork, claimant, completed } from '../support/attempts';
import { useDatabase } from '../support/database';
import { smallSweep, writeSweep } from '../support/sweeps';
import { allowAnyState } from '../support/unguarded';

const dataSource = useDatabase({ clear: true });

/** Ends the next trials with these values, each at its own time; returns the sweep. */
async function end(id: string, values: readonly number[]): Promise<Sweep> {
  const { trials } = (await claimTrials(dataSource, { ...claimant, lanes: values.length }))!;
  for (const [index, value] of values.entries())
    await commitWork(dataSource, [attemptWork(trials[index]!, { value, updates: 4, end: completed })]);
  await endSatisfiedSweeps(dataSource.manager);
  return dataSource.getRepository(Sweep).findOneByOrFail({ id });
}

const count = async (state: string): Promise<number> =>
  (await dataSource.query(`select count(*)::integer as count from trials where state = $1`, [state]))[0].count;

describe('a sweep with budget.target', () => {
  it('is complete once a configuration has it, and cancels the rest', async () => {
    const id = await writeSweep(dataSource, smallSweep({ budget: { target: 1.5 } }));
    expect((await end(id, [3, 1.6])).state).toBe('running');
    expect(await end(id, [1.5, 2])).toMatchObject({
      state: 'completed',
      message: 'budget.target was reached: configuration 2 has validation.bitsPerToken 1.5',
    });
    expect([await count('completed'), await count('cancelled')]).toEqual([4, 4]);
  });

  it('waits for all seeds of the configuration', async () => {
    const spec = smallSweep({ search: { trials: 3, repeats: 2 }, budget: { target: 1.5 } });
    const id = await writeSweep(dataSource, spec);
    expect((await end(id, [1])).state).toBe('running');
    expect((await end(id, [2.1])).state).toBe('running');
    expect((await end(id, [1, 1.8])).message).toBe(
      'budget.target was reached: configuration 1 has validation.bitsPerToken 1.4',
    );
  });

  it('goes by the goal of the objective', async () => {
    const objective = { metric: 'validation.bitsPerToken', goal: 'maximize' };
    const id = await writeSweep(dataSource, smallSweep({ objective, budget: { target: 7 } }));
    expect((await end(id, [3, 6.9])).state).toBe('running');
    expect((await end(id, [8])).message).toBe(
      'budget.target was reached: configuration 2 has validation.bitsPerToken 8',
    );
  });
});

describe('a sweep with budget.patience', () => {
  it('is complete after that many configurations without an improvement', async () => {
    const id = await writeSweep(dataSource, smallSweep({ budget: { patience: 3 } }));
    expect((await end(id, [3, 2, 4, 5])).state).toBe('running');
    expect((await end(id, [1.9, 6, 7])).state).toBe('running');
    expect(await end(id, [8])).toMatchObject({
      state: 'completed',
      message: 'budget.patience: the last 3 configurations brought no improvement',
    });
  });

  it('takes a gain within the spread of the seeds for none', async () => {
    const spec = smallSweep({ search: { trials: 6, repeats: 2 }, budget: { patience: 2 } });
    const id = await writeSweep(dataSource, spec);
    expect((await end(id, [2, 3, 1.9, 2.9])).state).toBe('running');
    expect((await end(id, [1.8, 2.8])).state).toBe('completed');
    const exact = await writeSweep(dataSource, spec);
    expect((await end(exact, [2, 2, 1.9, 1.9, 1.8, 1.8])).state).toBe('running');
  });
});

describe('what budget.patience counts', () => {
  const folded = (of: number | undefined) =>
    smallSweep({
      dataset: { name: 'tiny', ...(of === undefined ? {} : { fold: { kind: 'k-fold', of } }) },
      search: { trials: 5, ...(of === undefined ? { repeats: 2 } : {}) },
      budget: { patience: 2 },
    });

  it('takes a gain within the spread of folds for none, whose training sets overlap', async () => {
    // The standard error of a mean of two is .5 if they are independent, and .87 over two folds.
    const folds = await writeSweep(dataSource, folded(2));
    // Parts of different sizes train in groups of their own.
    const all = { ...claimant, lanes: 5 };
    const groups = [await claimTrials(dataSource, all), await claimTrials(dataSource, all)];
    const [first, second] = groups.map((claim) => claim!.trials);
    for (const [index, value] of [2, 1.4, 1.35].entries())
      await commitWork(dataSource, [
        attemptWork(first![index]!, { value, end: completed }),
        attemptWork(second![index]!, { value: value + 1, end: completed }),
      ]);
    await endSatisfiedSweeps(dataSource.manager);
    expect((await dataSource.getRepository(Sweep).findOneByOrFail({ id: folds })).state).toBe('completed');
    const seeds = await writeSweep(dataSource, folded(undefined));
    expect((await end(seeds, [2, 3, 1.4, 2.4, 1.35, 2.35])).state).toBe('running');
  });

  it('is what has ended since the last seed of the best did, with or without a value', async () => {
    const spec = smallSweep({ search: { trials: 8, repeats: 2 }, budget: { patience: 3 } });
    const id = await writeSweep(dataSource, spec);
    const { trials } = (await claimTrials(dataSource, { ...claimant, lanes: 8 }))!;
    const write = async (index: number, value: number | null, trialState: 'completed' | 'diverged' = 'completed') => {
      await commitWork(dataSource, [attemptWork(trials[index]!, { value, end: { ...completed, trialState } })]);
      await endSatisfiedSweeps(dataSource.manager);
      return (await dataSource.getRepository(Sweep).findOneByOrFail({ id })).state;
    };
    // The first seed of the best ends first, and its second one last.
    for (const [index, value] of [1, undefined, 5, 5, 6, 6, 7, 7].entries())
      if (value !== undefined) expect(await write(index, value)).toBe('running');
    expect(await write(1, 1)).toBe('running');
    for (let configuration = 4; configuration < 7; configuration += 1) {
      const next = (await claimTrials(dataSource, { ...claimant, lanes: 2 }))!;
      trials.push(...next.trials);
      await write(2 * configuration, null, 'diverged');
      expect(await write(2 * configuration + 1, null, 'diverged')).toBe(configuration < 6 ? 'running' : 'completed');
    }
  });

  it('is not all that follows where one seed has an infinite value', async () => {
    const spec = smallSweep({ search: { trials: 6, repeats: 2 }, budget: { patience: 2 } });
    const id = await writeSweep(dataSource, spec);
    expect((await end(id, [9, Infinity, 5, 5, 3, 3])).state).toBe('running');
    expect((await end(id, [4, 4, 6, 6])).state).toBe('completed');
  });
});

/** Since how many configurations nothing is better, computed from all trials at once as the documentation says it. */
function sinceBest(
  trials: readonly { number: number; state: string; value: number | null; ended: number }[],
  seeds: number,
): number {
  const groups = Array.from({ length: trials.length / seeds }, (_, each) =>
    trials.slice(each * seeds, (each + 1) * seeds),
  );
  const ended = groups
    .filter((own) => own.every(({ state }) => state !== 'pending' && state !== 'running'))
    .filter((own) => own.some(({ state }) => state !== 'cancelled'))
    .map((own) => {
      const values = own.flatMap(({ state, value }) =>
        /completed|pruned/.test(state) && value !== null ? [value] : [],
      );
      const mean = values.length > 0 ? values.reduce((a, b) => a + b) / values.length : NaN;
      const variance =
        values.length > 1 ? values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (values.length - 1) : NaN;
      return { mean, error: variance / values.length, ended: Math.max(...own.map((each) => each.ended)) };
    });
  const errors = ended.flatMap(({ error }) => (Number.isNaN(error) ? [] : [error]));
  const spread = errors.length > 0 ? Math.sqrt(errors.reduce((a, b) => a + b) / errors.length) : 0;
  const best = Math.min(...ended.flatMap(({ mean }) => (Number.isNaN(mean) ? [] : [mean])));
  // Some values that are compared are equal but for rounding.
  const first = Math.min(...ended.flatMap(({ mean, ended: at }) => (mean <= best + spread + 1e-12 ? [at] : [])));
  return ended.filter(({ ended: at }) => at > first).length;
}

it('ends by its patience exactly where its definition does, whatever states its trials are in', async () => {
  await allowAnyState(dataSource);
  const trial = fc.record({
    state: fc.constantFrom('completed', 'completed', 'pruned', 'pruned', 'failed', 'cancelled', 'running', 'pending'),
    value: fc.option(fc.integer({ min: 1, max: 6 }), { freq: 8, nil: null }),
    ended: fc.integer({ min: 0, max: 30 }),
  });
  const seen = new Set<boolean>();
  const cases = fc.tuple(
    fc.constantFrom(1, 2, 3),
    fc.integer({ min: 1, max: 6 }),
    fc.array(trial, { minLength: 36, maxLength: 36 }),
  );
  await fc.assert(
    fc.asyncProperty(cases, async ([seeds, patience, drawn]) => {
      const trials = drawn.map((each, number) => ({ ...each, number }));
      const search = { trials: trials.length / seeds, ...(seeds > 1 ? { repeats: seeds } : {}) };
      const id = await writeSweep(dataSource, smallSweep({ search, budget: { patience } }));
      await dataSource.query(
        `update trials set state = row.state, value = row.value,
           finished_at = case when row.state not in ('pending', 'running') then timestamptz '2026-01-01' + make_interval(secs => ended) end
         from json_to_recordset($2) as row (number integer, state text, value double precision, ended double precision)
         where sweep_id = $1 and trials.number = row.number`,
        [id, JSON.stringify(trials)],
      );
      await dataSource.query(`select refresh_reported(0)`);
      await endSatisfiedSweeps(dataSource.manager);
      const { state, message } = await dataSource.getRepository(Sweep).findOneByOrFail({ id });
      const since = sinceBest(trials, seeds);
      seen.add(since >= patience);
      expect([state, message]).toEqual(
        since >= patience
          ? ['completed', `budget.patience: the last ${since} configurations brought no improvement`]
          : ['running', null],
      );
      await dataSource.query('delete from sweeps');
    }),
    { numRuns: 60 },
  );
  expect(seen.size).toBe(2);
});

describe('the spread that was read before', () => {
  const asked = (sweepId: string) => ({ sweepId, correlated: 0, open: null });
  const both = async (kept: Spreads, id: string): Promise<number[]> => [
    await kept.read(dataSource.manager, asked(id)),
    await new Spreads().read(dataSource.manager, asked(id)),
  ];

  it('is that of all trials, whatever ends, begins again and fails since', async () => {
    await allowAnyState(dataSource);
    const step = fc.record({
      number: fc.integer({ min: 0, max: 23 }),
      state: fc.constantFrom('completed', 'completed', 'pruned', 'failed', 'cancelled', 'running', 'pending'),
      value: fc.option(fc.integer({ min: 1, max: 6 }), { freq: 8, nil: null }),
    });
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
        const id = await writeSweep(dataSource, smallSweep({ search: { trials: 8, repeats: 3 } }));
        const kept = new Spreads();
        for (const [index, { number, state, value }] of steps.entries()) {
          await dataSource.query(
            `update trials set state = $3, value = $4,
               finished_at = case when $3 not in ('pending', 'running') then clock_timestamp() end
             where sweep_id = $1 and number = $2`,
            [id, number, state, value],
          );
          if (index % 4 > 0) continue;
          await dataSource.query(`select refresh_reported(0)`);
          const [known, read] = await both(kept, id);
          expect(known).toBeCloseTo(read!, 12);
          seen.add(read!);
        }
        await dataSource.query('delete from sweeps');
      }),
      { numRuns: 8 },
    );
    expect(seen.size).toBeGreaterThan(5);
  });

  it('is kept of what ended long ago, however many those are, and holds where squares are larger than a double', async () => {
    const id = await writeSweep(dataSource, smallSweep({ search: { trials: 6, repeats: 2 }, budget: { patience: 3 } }));
    await end(id, [1, 2, 4, 8, 3e200, 1e200]);
    await dataSource.query(
      `update trials set finished_at = finished_at - interval '1 day' where finished_at is not null`,
    );
    const kept = new Spreads();
    const [before] = await both(kept, id);
    expect(before! / 1e200).toBeCloseTo(Math.sqrt(2 / 2 / 3), 12);
    await dataSource.query(`update configurations set deviation = 0 where configuration < 3`);
    expect(await both(kept, id)).toEqual([before, 0]);
    kept.keep([]);
    expect(await both(kept, id)).toEqual([0, 0]);
  });
});

it.each([
  [{ target: -1 }, 'budget.target: is never reached: validation.bitsPerToken is at least 0'],
  [{ patience: 0 }, 'budget.patience: must be at least 1, not 0'],
  [{ patience: 8 }, 'budget.patience: must be below the number of configurations, 8, not 8'],
])('refuses %j', (budget, message) => {
  expect(() => checkSweep(smallSweep({ budget }))).toThrow(message);
});

it.each([
  [1.5, 'budget.target: is never reached: validation.accuracy is from 0 to 1'],
  [-0.1, 'budget.target: is never reached: validation.accuracy is from 0 to 1'],
  [0, 'budget.target: is reached by every network: the worst value of validation.accuracy is 0'],
])('refuses the accuracy %d as a target', (target, message) => {
  const task = { dataset: 'parity', task: 'classification', training: { learningRate: { logUniform: [1e-3, 1e-2] } } };
  const objective = { metric: 'validation.accuracy', goal: 'maximize' };
  expect(() => checkSweep(smallSweep({ ...task, objective, budget: { target } }))).toThrow(message);
});

it('refuses a target for several objectives', () => {
  const objectives = [{ metric: 'validation.loss' }, { metric: 'cost.parameters' }];
  expect(() => checkSweep(smallSweep({ objectives, budget: { target: 1 } }))).toThrow(
    'budget.target: is a value of one objective, but the sweep has 2: leave it out',
  );
});
