import type { Claim, GivenUp } from '@unroll/database';
import { GroupRun } from './group-run';
import { Slot } from './slot';
import type { FromTrainer } from './trainer/protocol';

const run = (groupId = 'g', lanes = 2): GroupRun =>
  new GroupRun({
    groupId,
    trials: Array.from({ length: lanes }, (_, index) => ({ attemptId: `a${index}`, trialId: `t${index}` })),
    objective: { metric: 'train.loss', goal: 'minimize', use: 'best' },
  } as unknown as Claim);

/** A slot whose trainer says what the test says; no process is started. */
function open(): { slot: Slot; heard: FromTrainer[]; deaths: [GroupRun | undefined, GivenUp][] } {
  const heard: FromTrainer[] = [];
  const deaths: [GroupRun | undefined, GivenUp][] = [];
  const slot = new Slot('cpu', 'file:///nowhere', {
    heard: (_slot, _run, message) => void heard.push(message),
    died: (_, lost, end) => void deaths.push([lost, end]),
  });
  return { slot, heard, deaths };
}

describe('a slot', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('is not free without a trainer', () => {
    expect(open().slot.free).toBe(false);
  });

  it('passes on what its trainer says about its run until the run is done', () => {
    const { slot, heard } = open();
    slot.begin(run());
    slot.trainer.emit('message', { type: 'progress', groupId: 'g', updates: 1, memory: 1 });
    slot.trainer.emit('message', { type: 'done', groupId: 'g' });
    slot.trainer.emit('message', { type: 'progress', groupId: 'g', updates: 2, memory: 1 });
    expect(heard.map(({ type }) => type)).toEqual(['progress', 'done']);
    expect(slot.run).toBeUndefined();
  });

  it('does not take the words about an earlier run for its own', () => {
    const { slot, heard } = open();
    const second = run('second');
    slot.begin(second);
    slot.trainer.emit('message', { type: 'done', groupId: 'first' });
    expect(heard).toEqual([]);
    expect(slot.run).toBe(second);
  });

  it('gives its run up when the trainer dies', () => {
    const { slot, deaths } = open();
    const lost = run();
    slot.begin(lost);
    slot.trainer.emit('exit', 'killed', 'last words');
    slot.trainer.emit('exit', 'again', '');
    expect(deaths).toEqual([
      [lost, { state: 'failed', message: 'killed', log: 'last words' }],
      [undefined, { state: 'failed', message: 'again', log: '' }],
    ]);
    expect(slot.run).toBeUndefined();
  });

  it.each([
    ['FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory', 8, 'released', 4],
    ['terminate called after throwing an instance of std::bad_alloc', 3, 'released', 1],
    ['Error: OOM when allocating tensor with shape[4]', 1, 'failed', undefined],
  ])(
    'halves the lanes where memory ran out (%s), and calls it a crash of a lane alone',
    (log, lanes, state, mostLanes) => {
      const { slot, deaths } = open();
      slot.begin(run('g', lanes));
      slot.trainer.emit('exit', 'the trainer was killed by SIGABRT', log);
      const message = `the trainer was killed by SIGABRT: out of memory with ${lanes} ${lanes === 1 ? 'lane' : 'lanes'}`;
      expect(deaths[0]![1]).toEqual({ state, message, log, ...(mostLanes ? { mostLanes } : {}) });
    },
  );

  it('ends a run as the one says who killed the trainer, once', () => {
    const { slot, deaths } = open();
    slot.begin(run());
    slot.kill({ state: 'released', message: 'the spool is full' });
    slot.trainer.emit('exit', 'the trainer was killed by SIGKILL', '');
    slot.begin(run());
    slot.trainer.emit('exit', 'the trainer was killed by SIGKILL', '');
    expect(deaths.map(([, { state, message }]) => [state, message])).toEqual([
      ['released', 'the spool is full'],
      ['failed', 'the trainer was killed by SIGKILL'],
    ]);
  });

  it('is stalled after its patience without progress, three times as long before the first', () => {
    const { slot } = open();
    jest.advanceTimersByTime(1_000_000);
    expect(slot.stalled(10)).toBe(false);
    slot.begin(run());
    jest.advanceTimersByTime(30_000);
    expect(slot.stalled(10)).toBe(false);
    jest.advanceTimersByTime(1);
    expect(slot.stalled(10)).toBe(true);
    slot.trainer.emit('message', { type: 'progress', groupId: 'g', updates: 1, memory: 1 });
    jest.advanceTimersByTime(10_000);
    expect(slot.stalled(10)).toBe(false);
    jest.advanceTimersByTime(1);
    expect(slot.stalled(10)).toBe(true);
  });

  it('begins its patience anew with each run', () => {
    const { slot } = open();
    slot.begin(run());
    slot.trainer.emit('message', { type: 'done', groupId: 'g' });
    jest.advanceTimersByTime(100_000);
    slot.begin(run('next'));
    jest.advanceTimersByTime(30_000);
    expect(slot.stalled(10)).toBe(false);
  });
});
