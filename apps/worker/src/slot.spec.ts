import type { GivenUp } from '@unroll/database';
import { testClaim } from './claim.fixture';
import { GroupRun } from './group-run';
import { Slot } from './slot';
import { TrainerProcess } from './trainer-process';

import type { FromTrainer } from './trainer/protocol';

const run = (groupId = 'g', lanes = 2): GroupRun =>
  new GroupRun({
    ...testClaim(
      {},
      Array.from({ length: lanes }, (_, index) => `a${index}`),
    ),
    groupId,
  });

/** A slot whose trainer emits what the test emits; no process is started. */
function open(): { slot: Slot; messages: FromTrainer[]; exits: [GroupRun | undefined, GivenUp][] } {
  const messages: FromTrainer[] = [];
  const exits: [GroupRun | undefined, GivenUp][] = [];
  const slot = new Slot(new TrainerProcess('cpu', 'file:///nowhere'), {
    onMessage: (_slot, _run, message) => void messages.push(message),
    onExit: (_, lost, end) => void exits.push([lost, end]),
  });
  return { slot, messages, exits };
}

describe('a slot', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('is not free without a trainer', () => {
    expect(open().slot.free).toBe(false);
  });

  it('passes on the messages about its run until the run is done', () => {
    const { slot, messages } = open();
    slot.begin(run());
    slot.trainer.emit('message', { type: 'progress', groupId: 'g', updates: 1, memory: 1 });
    slot.trainer.emit('message', { type: 'done', groupId: 'g' });
    slot.trainer.emit('message', { type: 'progress', groupId: 'g', updates: 2, memory: 1 });
    expect(messages.map(({ type }) => type)).toEqual(['progress', 'done']);
    expect(slot.run).toBeUndefined();
  });

  it('knows the memory of a GPU that its trainer tells, until the trainer exits', () => {
    const { slot } = open();
    slot.begin(run());
    slot.trainer.emit('message', { type: 'progress', groupId: 'g', updates: 1, memory: 1, gpuMemory: 2 });
    expect(slot).toMatchObject({ memory: 1, gpuMemory: 2 });
    slot.trainer.emit('exit', 'killed', '');
    expect([slot.memory, slot.gpuMemory]).toEqual([undefined, undefined]);
  });

  it('ignores messages about an earlier run', () => {
    const { slot, messages } = open();
    const second = run('second');
    slot.begin(second);
    slot.trainer.emit('message', { type: 'done', groupId: 'first' });
    expect(messages).toEqual([]);
    expect(slot.run).toBe(second);
  });

  it('releases its run when the trainer exits', () => {
    const { slot, exits } = open();
    const lost = run();
    slot.begin(lost);
    slot.trainer.emit('exit', 'killed', 'last lines');
    slot.trainer.emit('exit', 'again', '');
    expect(exits).toEqual([
      [lost, { state: 'failed', message: 'killed', log: 'last lines' }],
      [undefined, { state: 'failed', message: 'again', log: '' }],
    ]);
    expect(slot.run).toBeUndefined();
  });

  it.each([
    ['FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory', 8, 'released', 4],
    ['terminate called after throwing an instance of std::bad_alloc', 3, 'released', 1],
    ['Error: OOM when allocating tensor with shape[4]', 1, 'failed', undefined],
  ])(
    'halves the lanes when memory ran out (%s), and counts a crash if there was one lane',
    (log, lanes, state, mostLanes) => {
      const { slot, exits } = open();
      slot.begin(run('g', lanes));
      slot.trainer.emit('exit', 'the trainer was killed by SIGABRT', log);
      const message = `the trainer was killed by SIGABRT: out of memory with ${lanes} ${lanes === 1 ? 'lane' : 'lanes'}`;
      expect(exits[0]![1]).toEqual({ state, message, log, ...(mostLanes ? { mostLanes } : {}) });
    },
  );

  it('ends its run the way that kill() says, once', () => {
    const { slot, exits } = open();
    slot.begin(run());
    slot.kill({ state: 'released', message: 'the spool is full' });
    slot.trainer.emit('exit', 'the trainer was killed by SIGKILL', '');
    slot.begin(run());
    slot.trainer.emit('exit', 'the trainer was killed by SIGKILL', '');
    expect(exits.map(([, { state, message }]) => [state, message])).toEqual([
      ['released', 'the spool is full'],
      ['failed', 'the trainer was killed by SIGKILL, as the system does when memory is short'],
    ]);
  });

  it('is stalled after so many seconds without progress, or three times as many before the first update', () => {
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

  it('waits as long for the first update after messages that precede it', () => {
    const { slot } = open();
    slot.begin(run());
    const baseline = { name: 'mean', metrics: {} };
    const early: FromTrainer[] = [
      { type: 'baseline', groupId: 'g', baseline },
      { type: 'opened', groupId: 'g', lanes: 2, evenBatches: true },
      { type: 'progress', groupId: 'g', updates: 0, memory: 1 },
    ];
    for (const message of early) {
      jest.advanceTimersByTime(20_000);
      slot.trainer.emit('message', message);
    }
    expect(slot.pace.rate(performance.now())).toBeNull();
    jest.advanceTimersByTime(30_000);
    expect(slot.stalled(10)).toBe(false);
    jest.advanceTimersByTime(1);
    expect(slot.stalled(10)).toBe(true);
  });

  it('restarts the stall timer with each run', () => {
    const { slot } = open();
    slot.begin(run());
    slot.trainer.emit('message', { type: 'done', groupId: 'g' });
    jest.advanceTimersByTime(100_000);
    slot.begin(run('next'));
    jest.advanceTimersByTime(30_000);
    expect(slot.stalled(10)).toBe(false);
  });
});
