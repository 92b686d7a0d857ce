import type { Objective } from '@unroll/contracts';
import type { AttemptWork } from '@unroll/database';
import { testClaim, testTrial } from './claim.fixture';
import { GroupRun } from './group-run';

const nothingLost = { pruned: [], cancelled: [], refused: [] };

function report(run: GroupRun, attemptId: string, update: number, loss: number, sample?: string): void {
  run.report({
    type: 'report',
    groupId: 'g',
    attemptId,
    report: { update, metrics: { 'validation.loss': loss, 'train.loss': -loss }, sample },
  });
}

function end(
  run: GroupRun,
  attemptId: string,
  state: 'completed' | 'diverged' | 'failed' | 'cancelled',
  updates = 30,
): void {
  const outcome = {
    state,
    updates,
    seconds: 1.5,
    stepsPerSecond: 20,
    ...(state === 'failed' ? { message: 'why' } : {}),
  };
  run.outcome({ type: 'outcome', groupId: 'g', attemptId, outcome, model: state === 'completed' ? 'c' : null });
}

/** Work for the only lane that has any. */
function takeOne(run: GroupRun): AttemptWork {
  const { work } = run.take();
  expect(work).toHaveLength(1);
  return work[0]!;
}

describe('a group in training', () => {
  it('holds the attempts of its claim', () => {
    expect(new GroupRun(testClaim()).held).toEqual(['a', 'b']);
  });

  it('lands what was measured at the end beside the metrics of the report that gave the value', () => {
    const run = new GroupRun(testClaim());
    report(run, 'a', 10, 2);
    const outcome = {
      state: 'completed',
      updates: 10,
      seconds: 1,
      stepsPerSecond: 1,
      test: { 'test.loss': 3 },
    } as const;
    run.outcome({ type: 'outcome', groupId: 'g', attemptId: 'a', outcome, model: 'c' });
    expect(takeOne(run)).toMatchObject({
      value: 2,
      metrics: { 'validation.loss': 2, 'train.loss': -2, 'test.loss': 3 },
    });
  });

  it('may give up what has no result: not one that waits to be committed', () => {
    const run = new GroupRun(testClaim());
    end(run, 'a', 'completed');
    expect(run.withoutResult).toEqual(['b']);
    expect(run.held).toEqual(['a', 'b']);
  });

  it.each<[Partial<Objective>, number, number]>([
    [{}, 1, 20],
    [{ goal: 'maximize' }, 3, 10],
    [{ use: 'last' }, 2, 30],
    [{ use: 'last', goal: 'maximize' }, 2, 30],
    [{ metric: 'train.loss' }, -3, 10],
  ])('folds reports into a value by the objective %j', (objective, value, update) => {
    const run = new GroupRun(testClaim(objective));
    for (const [index, loss] of [3, 1, 2].entries()) report(run, 'a', (index + 1) * 10, loss);
    const work = takeOne(run);
    expect(work).toMatchObject({ attemptId: 'a', trialId: 'trial-a', value, updates: 30 });
    const loss = [3, 1, 2][update / 10 - 1]!;
    expect(work.metrics).toEqual({ 'validation.loss': loss, 'train.loss': -loss });
  });

  it('ignores values that are not finite, but keeps them on the curve', () => {
    const run = new GroupRun(testClaim());
    for (const [index, loss] of [NaN, 2, Infinity, -Infinity].entries()) report(run, 'a', index, loss);
    const { value, curves } = takeOne(run);
    expect(value).toBe(2);
    expect(curves.find(({ name }) => name === 'validation.loss')).toEqual({
      name: 'validation.loss',
      updates: [0, 1, 2, 3],
      values: [NaN, 2, Infinity, -Infinity],
    });
  });

  it('has no value before a report that is finite', () => {
    const run = new GroupRun(testClaim());
    report(run, 'a', 10, NaN);
    expect(takeOne(run)).toMatchObject({ value: null, metrics: {}, updates: 10 });
  });

  it('gives each point out once, and remembers the best of what it gave out', () => {
    const run = new GroupRun(testClaim());
    report(run, 'a', 10, 1);
    expect(takeOne(run).curves[0]).toEqual({ name: 'validation.loss', updates: [10], values: [1] });
    expect(run.take()).toEqual({ work: [], baselines: [] });
    report(run, 'a', 20, 5);
    const work = takeOne(run);
    expect(work.curves[0]).toEqual({ name: 'validation.loss', updates: [20], values: [5] });
    expect(work.value).toBe(1);
  });

  it('keeps the order of points where a commit failed while more came in', () => {
    const run = new GroupRun(testClaim());
    report(run, 'a', 10, 1);
    report(run, 'a', 20, 2);
    const failed = run.take();
    report(run, 'a', 30, 3);
    run.putBack(failed);
    report(run, 'a', 40, 4);
    const { curves } = takeOne(run);
    expect(curves.map(({ name, updates, values }) => [name, updates, values])).toEqual([
      ['validation.loss', [10, 20, 30, 40], [1, 2, 3, 4]],
      ['train.loss', [10, 20, 30, 40], [-1, -2, -3, -4]],
    ]);
    expect(run.take().work).toEqual([]);
  });

  it('gives out once what was seen inside a network, in order even where a commit failed, and at the end its snapshots', () => {
    const run = new GroupRun(testClaim());
    const figures = { memoryHorizon: 3 } as never;
    const see = (update: number): void =>
      run.report({
        type: 'report',
        groupId: 'g',
        attemptId: 'a',
        report: { update, metrics: {}, diagnostics: figures },
      });
    see(10);
    const failed = run.take();
    see(20);
    run.putBack(failed);
    const snapshots = { units: 1, sequences: [] };
    const outcome = { state: 'completed', updates: 20, seconds: 1, stepsPerSecond: 1, snapshots } as const;
    run.outcome({ type: 'outcome', groupId: 'g', attemptId: 'a', outcome, model: null });
    const work = takeOne(run);
    expect(work.diagnostics).toEqual([10, 20].map((update) => ({ update, figures })));
    expect(work.end!.snapshots).toEqual(snapshots);
    report(run, 'a', 30, 1);
    expect(takeOne(run).diagnostics).toEqual([]);
  });

  it('keeps an outcome and the baselines where a commit failed', () => {
    const run = new GroupRun(testClaim());
    const baseline = { name: 'bigram', metrics: { 'validation.loss': 1 } };
    run.baseline({ type: 'baseline', groupId: 'g', baseline });
    end(run, 'a', 'completed');
    const failed = run.take();
    expect(failed.baselines).toEqual([{ comparisonKey: 'key', ...baseline }]);
    run.baseline({ type: 'baseline', groupId: 'g', baseline: { ...baseline, name: 'later' } });
    run.putBack(failed);
    const { work, baselines } = run.take();
    expect(work).toEqual(failed.work);
    expect(baselines.map(({ name }) => name)).toEqual(['bigram', 'later']);
  });

  it('gives out how a lane ended together with its last points', () => {
    const run = new GroupRun(testClaim());
    report(run, 'a', 10, 1, 'written');
    end(run, 'a', 'completed', 12);
    report(run, 'b', 10, 1);
    end(run, 'b', 'failed');
    const { work } = run.take();
    expect(work.map(({ sample, updates, end: ended }) => ({ sample, updates, ended }))).toEqual([
      {
        sample: 'written',
        updates: 12,
        ended: { trialState: 'completed', seconds: 1.5, message: null, model: 'c' },
      },
      { sample: null, updates: 30, ended: { trialState: 'failed', seconds: 1.5, message: 'why', model: null } },
    ]);
  });

  it('keeps the last sample through reports without one', () => {
    const run = new GroupRun(testClaim());
    report(run, 'a', 10, 1, 'written');
    report(run, 'a', 20, 1);
    expect(takeOne(run).sample).toBe('written');
  });

  it('drops a lane that was cancelled, with all that it had not committed', () => {
    const run = new GroupRun(testClaim());
    report(run, 'a', 10, 1);
    end(run, 'a', 'cancelled');
    report(run, 'a', 20, 1);
    end(run, 'a', 'completed');
    expect(run.held).toEqual(['b']);
    expect(run.take().work).toEqual([]);
  });

  it('does not bring back a lane that was dropped while its work was being committed', () => {
    const run = new GroupRun(testClaim());
    report(run, 'a', 10, 1);
    report(run, 'b', 10, 1);
    const failed = run.take();
    run.drop(['a']);
    run.putBack(failed);
    expect(run.take().work.map(({ attemptId }) => attemptId)).toEqual(['b']);
  });

  it('lets go of lanes that ended or were refused once that is committed, and of no others', () => {
    const run = new GroupRun(testClaim({}, ['a', 'b', 'c']));
    end(run, 'a', 'completed');
    report(run, 'b', 10, 1);
    report(run, 'c', 10, 1);
    const { work } = run.take();
    run.committed(work, { ...nothingLost, refused: ['c'] });
    expect(run.held).toEqual(['b']);
  });

  it('lets go of lanes that were pruned or cancelled', () => {
    const run = new GroupRun(testClaim({}, ['a', 'b', 'c']));
    for (const id of ['a', 'b', 'c']) report(run, id, 10, 1);
    run.committed(run.take().work, { pruned: ['a'], cancelled: ['c'], refused: [] });
    expect(run.held).toEqual(['b']);
  });

  it('holds a lane that ended while its points were being committed', () => {
    const run = new GroupRun(testClaim());
    report(run, 'a', 10, 1);
    const { work } = run.take();
    end(run, 'a', 'diverged');
    run.committed(work, nothingLost);
    expect(run.held).toEqual(['a', 'b']);
    expect(takeOne(run)).toMatchObject({ attemptId: 'a', curves: [], end: { trialState: 'diverged' } });
  });

  const checkpoint = (run: GroupRun, attemptId: string, update: number): void =>
    run.checkpoint({ type: 'checkpoint', groupId: 'g', attemptId, name: `${attemptId}/${update}`, update });

  it('names each checkpoint once, and says which one no row names any longer after the commit', () => {
    const run = new GroupRun(testClaim());
    checkpoint(run, 'a', 10);
    const first = run.take().work;
    expect(first).toMatchObject([{ attemptId: 'a', checkpoint: { name: 'a/10', update: 10 } }]);
    expect(run.committed(first, nothingLost)).toEqual([]);
    report(run, 'a', 15, 1);
    expect(takeOne(run)).not.toHaveProperty('checkpoint');
    checkpoint(run, 'a', 20);
    expect(run.committed(run.take().work, nothingLost)).toEqual(['a/10']);
    end(run, 'a', 'completed');
    expect(run.committed(run.take().work, nothingLost)).toEqual(['a/20']);
  });

  it('keeps the later of two checkpoints where a commit failed in between', () => {
    const run = new GroupRun(testClaim());
    checkpoint(run, 'a', 10);
    const failed = run.take();
    checkpoint(run, 'a', 20);
    run.putBack(failed);
    expect(takeOne(run).checkpoint).toEqual({ name: 'a/20', update: 20 });
  });

  it('goes on with the standing of the curve behind its checkpoint, and says so at once', () => {
    const begun = testClaim({}, ['a']);
    const curves = [
      { name: 'train.loss', updates: [10, 20, 30], values: [5, 4, 3] },
      { name: 'validation.loss', updates: [10, 20, 30], values: [3, 1, NaN] },
    ];
    begun.trials[0]!.checkpoint = { name: 'a/30', update: 30, curves, adopted: null };
    const run = new GroupRun(begun);
    expect(takeOne(run)).toMatchObject({ value: 1, updates: 30, curves: [], metrics: { 'train.loss': 4 } });
    checkpoint(run, 'a', 40);
    expect(run.committed(run.take().work, nothingLost)).toEqual(['a/30']);
  });

  it('counts from what it took over on: what it had reached by itself before counts no longer', () => {
    const begun = testClaim({}, ['a']);
    const curves = [{ name: 'validation.loss', updates: [10, 20, 30], values: [1, 9, 2.5] }];
    const adopted = { update: 20, metrics: { 'validation.loss': 3 } };
    begun.trials[0]!.checkpoint = { name: 'b/20', update: 30, curves, adopted };
    expect(takeOne(new GroupRun(begun))).toMatchObject({ value: 2.5, updates: 30 });
    const atOnce = {
      name: 'b/20',
      update: 20,
      curves: [{ ...curves[0]!, updates: [10, 20], values: [1, 9] }],
      adopted,
    };
    begun.trials[0]!.checkpoint = atOnce;
    expect(takeOne(new GroupRun(begun))).toMatchObject({ value: 3, metrics: { 'validation.loss': 3 } });
  });

  it('leaves states at rungs of a population to others, and removes what its own attempts no longer need', () => {
    const begun = { ...testClaim({}, ['a']), stopping: { rule: 'population' } as const };
    begun.trials[0]!.checkpoint = { name: 'checkpoints/b/old/20.state', update: 20, curves: [], adopted: null };
    const run = new GroupRun(begun);
    const named = (update: number): string => `checkpoints/trial-a/a/${update}.state`;
    const write = (update: number): void =>
      run.checkpoint({ type: 'checkpoint', groupId: 'g', attemptId: 'a', name: named(update), update });
    write(25);
    expect(run.committed(run.take().work, nothingLost)).toEqual([]);
    write(28);
    run.reachRung({ type: 'rung', groupId: 'g', lanes: [{ attemptId: 'a', checkpoint: named(30), update: 30 }] });
    expect(run.withoutResult).toEqual([]);
    const { work } = run.take();
    expect(work[0]!.rung).toEqual({ checkpoint: named(30), update: 30 });
    expect(run.committed(work, nothingLost)).toEqual([named(25), named(28)]);
    expect(run.held).toEqual([]);
  });
});

describe('a group that grows', () => {
  const late = testTrial('c');

  it('holds the attempts that joined it, and commits what they report', () => {
    const run = new GroupRun(testClaim());
    run.join([late]);
    expect(run.held).toEqual(['a', 'b', 'c']);
    report(run, 'c', 10, 2);
    expect(takeOne(run)).toMatchObject({ attemptId: 'c', trialId: 'trial-c', value: 2 });
  });

  it('knows which of them the trainer never spoke of', () => {
    const run = new GroupRun(testClaim());
    run.join([late, { ...late, attemptId: 'd' }, { ...late, attemptId: 'e' }]);
    expect(run.tooLate).toEqual(['c', 'd', 'e']);
    run.acknowledge('c');
    run.drop(['d']);
    expect(run.tooLate).toEqual(['e']);
  });

  it('goes on with the standing of a checkpoint that a joined attempt has', () => {
    const run = new GroupRun(testClaim({}, ['a']));
    const curves = [{ name: 'validation.loss', updates: [10, 20], values: [3, 1] }];
    run.join([{ ...late, checkpoint: { name: 'state', update: 20, curves, adopted: null } }]);
    report(run, 'c', 30, 2);
    expect(takeOne(run)).toMatchObject({ attemptId: 'c', value: 1 });
  });
});
