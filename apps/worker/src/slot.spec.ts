import type { Claim } from '@unroll/database';
import { GroupRun } from './group-run';
import { Slot } from './slot';
import type { FromTrainer } from './trainer/protocol';

const run = (groupId = 'g'): GroupRun =>
  new GroupRun({
    groupId,
    trials: [],
    objective: { metric: 'train.loss', goal: 'minimize', use: 'best' },
  } as unknown as Claim);

/** A slot whose trainer says what the test says; no process is started. */
function open(): { slot: Slot; heard: FromTrainer[]; deaths: [GroupRun | undefined, string][] } {
  const heard: FromTrainer[] = [];
  const deaths: [GroupRun | undefined, string][] = [];
  const slot = new Slot('cpu', 'file:///nowhere', {
    heard: (_, message) => void heard.push(message),
    died: (_, lost, reason) => void deaths.push([lost, reason]),
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
    slot.trainer.emit('message', { type: 'progress', groupId: 'g', updates: 1 });
    slot.trainer.emit('message', { type: 'done', groupId: 'g' });
    slot.trainer.emit('message', { type: 'progress', groupId: 'g', updates: 2 });
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
    slot.trainer.emit('exit', 'killed');
    slot.trainer.emit('exit', 'again');
    expect(deaths).toEqual([
      [lost, 'killed'],
      [undefined, 'again'],
    ]);
    expect(slot.run).toBeUndefined();
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
    slot.trainer.emit('message', { type: 'progress', groupId: 'g', updates: 1 });
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
