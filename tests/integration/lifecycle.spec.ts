import { attemptStates, sweepStates, trialStates, type TrialState } from '@unroll/contracts';
import {
  askTrial,
  attemptMoves,
  cancelSweep,
  failSweep,
  insertSweep,
  newId,
  retryTrial,
  reuseTrials,
  Sweep,
  sweepMoves,
  transitions,
  trialMoves,
  type NewSweep,
  type TransitionName,
} from '@unroll/database';
import { useDatabase } from '../support/database';
import { Actors, type MadeAttempt } from '../support/lifecycle';
import { smallSweep, writeSweep } from '../support/sweeps';

const dataSource = useDatabase({ clear: true });
const actors = new Actors(dataSource);

/** A trial in a state that real transitions have brought it to, the other seed of its configuration running beside it. */
interface Subject {
  sweepId: string;
  trialId: string;
  /** Its last attempt; one that never was where it has none. */
  attempt: MadeAttempt;
  companion: MadeAttempt;
}

async function subjectIn(state: TrialState): Promise<Subject> {
  const sweepId = await writeSweep(dataSource, smallSweep({ search: { trials: 1, repeats: 2 } }));
  const [companion] = (await actors.claim(sweepId, 1))!.trials;
  const [, { id: trialId }] = (await actors.trials(sweepId)) as [unknown, { id: string }];
  const never = { attemptId: newId(), trialId };
  const subject = { sweepId, trialId, attempt: never, companion: companion! };
  if (state === 'pending') return subject;
  if (state === 'cancelled') {
    await failSweep(dataSource.manager, sweepId, 'why');
    // The sweep runs again, as after a retry of another trial: what is refused is refused because of the trial.
    await dataSource.query(`update sweeps set state = 'running' where id = $1`, [sweepId]);
    return subject;
  }
  const attempt: MadeAttempt = (await actors.claim(sweepId, 1))!.trials[0]!;
  if (state === 'completed' || state === 'diverged' || state === 'failed') await actors.finish(attempt, 4, state);
  if (state === 'pruned') await actors.freeze(attempt, 4);
  return { ...subject, attempt };
}

async function signatureOf({ trialId }: Subject): Promise<string> {
  const [{ signature }] = await dataSource.query('select signature from trials where id = $1', [trialId]);
  return signature;
}

/** Gives the trial the result of one that another sweep has completed. */
async function reuse({ sweepId }: Subject): Promise<string[]> {
  const earlier = await writeSweep(dataSource, smallSweep({ search: { trials: 1 } }));
  const [source] = (await actors.claim(earlier, 1))!.trials;
  await actors.finish(source!, 4, 'completed');
  return dataSource.transaction((manager) => reuseTrials(manager, sweepId, [{ number: 1, source: source!.trialId }]));
}

/** Each transition, as its actor asks for it. */
const ask: Readonly<Record<TransitionName, (subject: Subject) => Promise<unknown>>> = {
  claim: ({ sweepId }) => actors.claim(sweepId, 1),
  ask: async ({ sweepId }) => {
    await dataSource.query('update sweeps set asked = 1 where id = $1', [sweepId]);
    await askTrial(dataSource, sweepId, { member: 'local', host: 'host', leaseSeconds: 60 });
  },
  join: async (subject) => actors.join(subject.sweepId, await signatureOf(subject), 'group'),
  reuse,
  finish: ({ attempt }) => actors.finish(attempt, 6, 'completed'),
  release: ({ attempt }) => actors.giveUp(attempt, 'released'),
  crash: ({ attempt }) => actors.giveUp(attempt, 'failed'),
  reap: ({ attempt }) => actors.reap(attempt),
  turn: ({ attempt }) => actors.turn(attempt, 4),
  freeze: ({ attempt }) => actors.freeze(attempt, 4),
  thaw: ({ sweepId }) => actors.thaw(sweepId),
  prune: ({ companion }) => actors.prune(companion),
  cancel: ({ sweepId }) => cancelSweep(dataSource, sweepId),
  withdraw: ({ sweepId }) => failSweep(dataSource.manager, sweepId, 'why'),
  retry: ({ trialId }) => retryTrial(dataSource, trialId),
};

const names = Object.keys(transitions) as TransitionName[];
const movesOf = (name: TransitionName, from: TrialState): readonly TrialState[] =>
  (transitions[name].trial as Partial<Record<TrialState, readonly TrialState[]>>)[from] ?? [];
/** All pairs of a transition and a move that it makes. */
const allMoves = names.flatMap((name) =>
  trialStates.flatMap((from) => movesOf(name, from).map((to) => `${name}: ${from} to ${to}`)),
);

describe('a trial', () => {
  const seen = new Set<string>();

  async function stateAfter({ sweepId }: Subject): Promise<{ state: TrialState; attempts: string[] }> {
    const { state, attempts } = (await actors.trials(sweepId))[1]!;
    return { state, attempts: attempts.map((attempt) => attempt.state) };
  }

  describe.each(trialStates)('that is %s', (from) => {
    it.each(names)('meets the transition %s', async (name) => {
      const subject = await subjectIn(from);
      const before = await actors.row(subject.trialId);
      await ask[name](subject);
      if (movesOf(name, from).length === 0) return expect(await actors.row(subject.trialId)).toEqual(before);
      const { state, attempts } = await stateAfter(subject);
      expect(movesOf(name, from)).toContain(state);
      seen.add(`${name}: ${from} to ${state}`);
      const { attempt } = { attempt: undefined, ...transitions[name] };
      // A trial that was pending had no attempt to end, and has one only where the transition began it.
      if (from === 'running' || attempt === 'running') expect([attempt].flat()).toContain(attempts.at(-1));
      else expect(attempts).not.toContain('running');
    });
  });

  it('that diverged or failed in training is finished as such', async () => {
    for (const state of ['diverged', 'failed'] as const) {
      const subject = await subjectIn('running');
      await actors.finish(subject.attempt, 6, state);
      expect(await stateAfter(subject)).toEqual({ state, attempts: [state === 'failed' ? 'failed' : 'succeeded'] });
      seen.add(`finish: running to ${state}`);
    }
  });

  it.each([
    ['crash', 3],
    ['reap', 20],
  ] as const)('fails after too many of %s', async (name, most) => {
    const subject = await subjectIn('pending');
    for (let made = 0; made < most; made += 1) {
      const [attempt] = (await actors.claim(subject.sweepId, 1))!.trials;
      await ask[name]({ ...subject, attempt: attempt! });
    }
    const { state, attempts } = await stateAfter(subject);
    expect([state, attempts.length]).toEqual(['failed', most]);
    seen.add(`${name}: running to failed`);
  });

  it.each(['release', 'crash', 'reap', 'turn', 'freeze'] as const)(
    'of a sweep that has failed is cancelled by %s',
    async (name) => {
      const subject = await subjectIn('running');
      await failSweep(dataSource.manager, subject.sweepId, 'why');
      await ask[name](subject);
      expect((await stateAfter(subject)).state).toBe('cancelled');
      seen.add(`${name}: running to cancelled`);
    },
  );

  it.each([
    ['cancel', 'pending'],
    ['cancel', 'running'],
    ['withdraw', 'pending'],
  ] as const)('that a rule had stopped and let go on is stopped again by %s while it is %s', async (name, from) => {
    const subject = await subjectIn(from);
    const { sweepId, trialId } = subject;
    await dataSource.query(
      `update sweeps set spec = (spec::jsonb || '{"stopping": {"rule": "freeze-thaw"}}')::json where id = $1`,
      [sweepId],
    );
    await dataSource.query('update trials set value = 1 where id = $1', [trialId]);
    await dataSource.query(
      `insert into verdicts (sweep_id, configuration, rung, update, updates, values, score, share, decision, why, seen)
       select sweep_id, configuration, 0, 2, '{2}', '{1}', 1, 0.5, 'continue', '', 1 from trials where id = $1`,
      [trialId],
    );
    await ask[name](subject);
    expect((await stateAfter(subject)).state).toBe('pruned');
    seen.add(`${name}: ${from} to pruned`);
  });

  it('has made every move of the table by now', () => {
    expect([...seen].sort()).toEqual([...allMoves].sort());
  });
});

describe('the database', () => {
  /** Whether it lets a row go from one state to another. */
  async function allows(table: string, id: string, from: string, to: string): Promise<boolean> {
    await dataSource.query(`alter table ${table} disable trigger ${table}_lifecycle`);
    await dataSource.query(`update ${table} set state = $2 where id = $1`, [id, from]);
    await dataSource.query(`alter table ${table} enable trigger ${table}_lifecycle`);
    return dataSource.query(`update ${table} set state = $2 where id = $1`, [id, to]).then(
      () => true,
      (error: Error) => {
        expect(error.message).toBe(`${table}: a state cannot change from ${from} to ${to}`);
        return false;
      },
    );
  }

  it.each([
    ['trials', trialStates, trialMoves],
    ['attempts', attemptStates, attemptMoves],
    ['sweeps', sweepStates, sweepMoves],
  ] as const)('refuses every move of %s that is not in the table', async (table, states, moves) => {
    const { sweepId, trialId, attempt } = await subjectIn('running');
    const id = { trials: trialId, attempts: attempt.attemptId, sweeps: sweepId }[table];
    const wrong: string[] = [];
    for (const from of states)
      for (const to of states) {
        const isInTable =
          from === to || ((moves as Partial<Record<string, readonly string[]>>)[from] ?? []).includes(to);
        if ((await allows(table, id, from, to)) !== isInTable) wrong.push(`${from} to ${to}`);
      }
    expect(wrong).toEqual([]);
  });
});

describe('a sweep that is inserted', () => {
  it('has all that it was given', async () => {
    const sweep: { [Field in keyof NewSweep]: NonNullable<NewSweep[Field]> } = {
      ...{
        id: newId(),
        teamId: 'local',
        owner: 'Ada',
        priority: 'high',
        clonedFrom: 'q7k2m9xa',
        name: 'all',
        note: 'of it',
      },
      spec: smallSweep(),
      objective: { metric: 'validation.loss', goal: 'minimize', use: 'last' },
      earlier: [{ parameters: { 'training.learningRate': 0.1 }, value: 2 }],
      ...{
        datasets: { tiny: 'print' },
        message: 'why',
        configurations: 3,
        total: 6,
        asked: 1,
        requires: { gpu: 'a100' },
      },
      ...{ concurrentTrials: 4, failedTrials: 5, wallSeconds: 6.5, gpuHours: 7.5 },
    };
    const { inserted } = await insertSweep(dataSource, sweep, [], []);
    const row = await dataSource.getRepository(Sweep).findOneByOrFail({ id: sweep.id });
    expect(row).toMatchObject(sweep);
    // What it returns is what a later look finds.
    expect(inserted).toEqual({ ...row });
    expect(row.state).toBe('running');
  });
});
