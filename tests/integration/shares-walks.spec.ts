import type { Priority } from '@unroll/contracts';
import {
  claimTrials,
  commitWork,
  foldUsage,
  giveUpAttempts,
  joinGroup,
  Sweep,
  type Account,
  type Claim,
  type ClaimedTrial,
} from '@unroll/database';
import fc from 'fast-check';
import { useDatabase } from '../support/database';
import { fade, nextLeaf, type FairNode } from '../support/fair-tree.cjs';
import { attemptWork, claimant, completed } from '../support/attempts';
import { smallSweep, writeSweep } from '../support/sweeps';

const dataSource = useDatabase();

interface PlannedSweep extends Account {
  trials: number;
  concurrent: number | null;
}

const account = {
  teamId: fc.constantFrom('one', 'two'),
  owner: fc.constantFrom('Ada', 'Bob'),
  priority: fc.constantFrom<Priority>('low', 'normal', 'high'),
};
const plannedSweep: fc.Arbitrary<PlannedSweep> = fc.record({
  ...account,
  trials: fc.integer({ min: 1, max: 4 }),
  concurrent: fc.option(fc.integer({ min: 1, max: 3 }), { freq: 3 }),
});
const weight = fc.constantFrom(0.25, 1, 4);
const lanes = fc.option(fc.integer({ min: 1, max: 5 }), { freq: 2 });
const node = fc.record({ weight, lanes });

type Node = { weight: number; lanes: number | null };

/** The nodes of teams and members, in a fixed order. */
const nodes = ['one', 'two'].flatMap((team) => ['', 'Ada', 'Bob'].map((member) => [team, member] as const));

async function reset(): Promise<void> {
  for (const table of ['sweeps', 'shares', 'usage_log', 'usage_months']) await dataSource.query(`delete from ${table}`);
}

async function submit(
  { teamId, owner, priority, trials, concurrent }: PlannedSweep,
  id?: (sweepId: string) => void,
): Promise<void> {
  const sweepId = await writeSweep(dataSource, smallSweep({ search: { trials } }), concurrent);
  await dataSource.getRepository(Sweep).update({ id: sweepId }, { teamId, owner, priority });
  await dataSource.query('select add_shares($1, $2, $3)', [teamId, owner, priority]);
  id?.(sweepId);
}

async function setShares(shares: readonly Node[]): Promise<void> {
  for (const [index, [team, member]] of nodes.entries())
    await dataSource.query(
      `insert into shares (team_id, member, weight, lanes) values ($1, $2, $3, $4)
       on conflict (team_id, member, priority) do update set weight = $3, lanes = $4`,
      [team, member, shares[index]!.weight, shares[index]!.lanes],
    );
}

const end = (trials: readonly ClaimedTrial[]): Promise<unknown> =>
  commitWork(
    dataSource,
    trials.map((trial) => attemptWork(trial, { value: 1, end: completed })),
  );

/** Teams, members and sweeps of which more runs than may. */
const passed = (): Promise<unknown[]> =>
  dataSource.query(
    `select team_id, member, count(*) as running, shares.lanes as most from shares join attempts using (team_id)
     where shares.priority = '' and (member = '' or owner = member) and attempts.state = 'running'
     group by team_id, member, shares.lanes having count(*) > shares.lanes
     union all select sweep_id, 'sweep', count(*), concurrent_trials from trials join sweeps on sweeps.id = sweep_id
     where trials.state = 'running' group by sweep_id, concurrent_trials having count(*) > concurrent_trials`,
  );

const pending = async (): Promise<number> =>
  (await dataSource.query(`select count(*)::integer as count from trials where state = 'pending'`))[0].count;

/** Turns, in each of which use halves, within which everyone is served: 30 were the most of 20,000 trees. */
const mostTurns = 80;

describe('under any schedule of workers that claim and join at once', () => {
  it('no quota is ever passed, and every trial runs in the end', async () => {
    const step = fc.record({
      claims: fc.integer({ min: 0, max: 5 }),
      lanes: fc.integer({ min: 1, max: 3 }),
      ends: fc.integer({ min: 0, max: 3 }),
    });
    const plan = fc.record({
      sweeps: fc.array(plannedSweep, { minLength: 2, maxLength: 6 }),
      shares: fc.array(node, { minLength: nodes.length, maxLength: nodes.length }),
      steps: fc.array(step, { minLength: 2, maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ sweeps, shares, steps }) => {
        await reset();
        for (const sweep of sweeps) await submit(sweep);
        await setShares(shares);
        let groups: Claim[] = [];
        for (const { claims, lanes: most, ends } of steps) {
          const own = { ...claimant, lanes: most };
          const claiming = Array.from({ length: claims }, () => claimTrials(dataSource, own));
          const joining = groups.map((group) => joinGroup(dataSource, own, group, 2, undefined, ends > 1));
          const [found, joined] = await Promise.all([Promise.all(claiming), Promise.all(joining)]);
          expect(await passed()).toEqual([]);
          joined.forEach((trials, index) => groups[index]!.trials.push(...trials));
          groups.push(...found.filter((claim) => claim !== undefined));
          await end(groups.slice(0, ends).flatMap(({ trials }) => trials));
          groups = groups.slice(ends);
          await foldUsage(dataSource.manager, 1);
        }
        await end(groups.flatMap(({ trials }) => trials));
        // Each claim that finds something ends at least one trial; with nothing in use, a trial that waits can start.
        for (let left = await pending(); left > 0; left -= 1) {
          const claim = await claimTrials(dataSource, claimant);
          expect(claim).toBeDefined();
          await end(claim!.trials);
          if ((await pending()) === 0) break;
        }
        expect(await pending()).toBe(0);
      }),
      { numRuns: 5, endOnFailure: true },
    );
  });

  it('nobody starves while all others have work without end: everyone is served within a bounded number of turns', async () => {
    const plan = fc.record({
      // Of one account, the older sweep is served first: shares are about different ones.
      accounts: fc.uniqueArray(fc.record(account), {
        minLength: 3,
        maxLength: 4,
        selector: (each) => Object.values(each).join(),
      }),
      shares: fc.array(node, { minLength: nodes.length, maxLength: nodes.length }),
      trainers: fc.integer({ min: 1, max: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ accounts: [target, ...others], shares, trainers }) => {
        await reset();
        for (const other of others) await submit({ ...other, trials: 4, concurrent: null });
        let wanted = '';
        await submit({ ...target!, trials: 2, concurrent: null }, (id) => (wanted = id));
        await setShares(shares.map(({ weight: own }) => ({ weight: own, lanes: null })));
        // The target has had the whole fleet until now.
        await dataSource.query(
          `update shares set recent = $4 where team_id = $1 and member in ('', $2) and priority in ('', $3)`,
          [target!.teamId, target!.owner, target!.priority, trainers],
        );
        for (let turn = 0; turn < mostTurns; turn += 1) {
          const claims: Claim[] = [];
          for (let trainer = 0; trainer < trainers; trainer += 1)
            claims.push((await claimTrials(dataSource, { ...claimant, lanes: 1 }))!);
          if (claims.some(({ sweepId }) => sweepId === wanted)) return;
          // A half-life passes, and all of it is to be done again.
          await dataSource.query(`update shares set as_of = as_of - interval '1 hour'`);
          await foldUsage(dataSource.manager, 3600);
          const ids = claims.flatMap(({ trials }) => trials.map(({ attemptId }) => attemptId));
          await dataSource.transaction((manager) =>
            giveUpAttempts(manager, ids, { state: 'released', message: 'again' }),
          );
          await foldUsage(dataSource.manager, 3600);
        }
        throw new Error(`not served in ${mostTurns} turns`);
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });
});

describe('the rule in the database', () => {
  it('is the one that the simulation has', async () => {
    await reset();
    const leaves = ['one', 'two'].flatMap((teamId) =>
      ['Ada', 'Bob'].flatMap((owner) =>
        (['low', 'normal', 'high'] as const).map((priority) => ({ teamId, owner, priority, sweepId: '' })),
      ),
    );
    for (const leaf of leaves)
      await submit({ ...leaf, trials: 1, concurrent: null }, (sweepId) => (leaf.sweepId = sweepId));
    const state = fc.record({ running: fc.integer({ min: 0, max: 3 }), recent: fc.constantFrom(0, 0.5, 2), weight });
    const count = leaves.length + nodes.length;
    const plan = fc.record({
      states: fc.array(state, { minLength: count, maxLength: count }),
      work: fc.array(fc.boolean(), { minLength: leaves.length, maxLength: leaves.length }),
      busy: fc.option(fc.constantFrom(...leaves)),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ states, work, busy }) => {
        const next = [...states];
        const node = (name: string, rest: Partial<FairNode> = {}): FairNode => ({ name, ...next.shift()!, ...rest });
        const rows: unknown[] = [];
        const known = <Node extends FairNode>(made: Node, path: string[]): Node => {
          const [team_id, member = '', priority = ''] = path;
          const { running, recent, weight: own } = made;
          rows.push({ team_id, member, priority, running, recent, weight: own });
          return made;
        };
        const children = ['one', 'two'].map((team) => ({
          ...known(node(team), [team]),
          children: ['Ada', 'Bob'].map((person) => ({
            ...known(node(person), [team, person]),
            children: leaves.flatMap(({ teamId, owner, priority }, index) =>
              teamId === team && owner === person
                ? [known(node(priority, { hasWork: work[index]! }), [team, person, priority])]
                : [],
            ),
          })),
        }));
        // Equal standings and weights: the order of leaves is free.
        for (const team of children)
          for (const { children: own } of team.children) own.forEach((leaf, index) => (leaf.weight *= 1 + index / 64));
        for (const row of rows as { team_id: string; member: string; priority: string; weight: number }[]) {
          const leaf = children
            .find(({ name }) => name === row.team_id)!
            .children.find(({ name }) => name === row.member)
            ?.children.find(({ name }) => name === row.priority);
          if (leaf) row.weight = leaf.weight;
        }
        await dataSource.query(
          `update shares set running = row.running, recent = row.recent, weight = row.weight
           from json_to_recordset($1::json) as row (team_id text, member text, priority text, running double precision,
             recent double precision, weight double precision)
           where (shares.team_id, shares.member, shares.priority) = (row.team_id, row.member, row.priority)`,
          [JSON.stringify(rows)],
        );
        await dataSource.query(
          `update trials set held = not row.work from json_to_recordset($1::json) as row (id text, work boolean) where sweep_id = row.id`,
          [JSON.stringify(leaves.map(({ sweepId }, index) => ({ id: sweepId, work: work[index] })))],
        );
        const path = busy && ([busy.teamId, busy.owner, busy.priority] as const);
        const [{ id }] = await dataSource.query<[{ id: string | null }]>(`select next_sweep($1, $2, $3, '{}') as id`, [
          ...(path ?? [null, null, null]),
        ]);
        const expected = nextLeaf({ children }, path ?? undefined)?.map(({ name }) => name);
        const found = leaves.find(({ sweepId }) => sweepId === id);
        expect(found && [found.teamId, found.owner, found.priority]).toEqual(expected);
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  it('starves nobody, whatever the weights, who has had the whole fleet, and who has work without end', () => {
    const tree = fc.record({
      states: fc.array(fc.record({ weight, hasWork: fc.boolean() }), { minLength: 18, maxLength: 18 }),
      target: fc.tuple(fc.nat({ max: 1 }), fc.nat({ max: 1 }), fc.nat({ max: 2 })),
      trainers: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(tree, ({ states, target, trainers }) => {
        const left = [...states];
        const node = (name: string, children?: FairNode[]): FairNode => {
          const { weight: own, hasWork } = left.shift()!;
          return { name, weight: own, running: 0, recent: 0, ...(children ? { children } : { hasWork }) };
        };
        const leaves = (): FairNode[] => ['low', 'normal', 'high'].map((name) => node(name));
        const people = (): FairNode[] => ['Ada', 'Bob'].map((name) => node(name, leaves()));
        const teams = ['one', 'two'].map((name) => node(name, people()));
        let wanted: FairNode = { name: '', weight: 1, running: 0, recent: 0, children: teams };
        for (const index of target) {
          wanted = wanted.children![index]!;
          wanted.recent = trainers;
        }
        wanted.hasWork = true;
        let turns = 0;
        for (let served = false; !served; turns += 1) {
          const paths = Array.from({ length: trainers }, () => {
            const path = nextLeaf({ children: teams })!;
            for (const each of path) each.running += 1;
            return path;
          });
          served = paths.some(([, , leaf]) => leaf === wanted);
          for (const team of teams) fade(team, 0.5);
          for (const each of paths.flat()) each.running -= 1;
          if (turns > mostTurns) break;
        }
        expect(turns).toBeLessThanOrEqual(mostTurns);
      }),
      { numRuns: 500 },
    );
  });
});
