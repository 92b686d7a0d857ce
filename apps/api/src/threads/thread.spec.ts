import { ValidationError } from '@unroll/contracts';
import { existsSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { Thread, ThreadLost, within, type Limit } from './thread';

type Methods = {
  count: () => number;
  echo: (value: unknown) => unknown;
  refuse: (path: string) => never;
  fail: (message: string) => never;
  hang: () => never;
  compute: (seconds: number) => string;
  wait: (seconds: number) => string;
  isLate: (seconds: number) => boolean;
  isLateComputing: (seconds: number) => boolean;
  fill: () => never;
  exit: (code: number) => never;
  niceness: () => number;
};

/** Only Linux has a priority for each thread. */
const itOnLinux = existsSync('/proc/thread-self') ? it : it.skip;

const file = join(__dirname, '..', '..', '..', '..', 'tests', 'support', 'test-thread.cjs');
const thread = new Thread<Methods>(file, 32);
afterAll(() => thread.close());

const lost = async (call: Promise<unknown>): Promise<ThreadLost> => {
  const error = await call.catch((error: unknown) => error);
  expect(error).toBeInstanceOf(ThreadLost);
  return error as ThreadLost;
};

describe('a thread', () => {
  it('answers calls in their order', async () => {
    const values = [{ parameters: { 'model.cell': 'gru' } }, [1, NaN, null], 'text'];
    const order: unknown[] = [];
    await Promise.all(
      values.map((value) => thread.call('echo', value, within(10)).then((answer) => order.push(answer))),
    );
    expect(order).toEqual(values);
  });

  it('refuses invalid input with the path and the message of each mistake', async () => {
    const error = await thread.call('refuse', 'search.trials', within(10)).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ errors: [{ path: 'search.trials', message: 'is refused' }] });
  });

  it('passes other errors on, and goes on', async () => {
    const calls = await thread.call('count', undefined, within(10));
    await expect(thread.call('fail', 'out of range', within(10))).rejects.toMatchObject({
      name: 'RangeError',
      message: 'out of range',
    });
    expect(await thread.call('count', undefined, within(10))).toBe(calls + 1);
  });

  it.each([
    ['takes too long', 'hang', { cpu: 0.2, wall: 60 }, 'overdue', 'it took longer than 0.2 s'],
    ['is held up', 'wait', { cpu: 10, wall: 0.5 }, 'busy', 'the machine is busy: no answer within 0.5 s'],
    ['runs out of memory', 'fill', within(60), 'crashed', 'it needs more than 32 MB of memory'],
    ['exits', 'exit', within(10), 'crashed', 'its thread exited with code 7'],
  ] satisfies [string, string, Limit, string, string][])(
    'is replaced if it %s; the calls after that are answered',
    async (_, method, limit, reason, message) => {
      await thread.call('count', undefined, within(10));
      const call = thread.call(method as 'exit', 7, limit);
      const next = thread.call('count', undefined, within(10));
      expect(await lost(call)).toMatchObject({ reason, message });
      // A new thread counts from one.
      expect(await next).toBe(1);
    },
  );

  it('counts neither its start nor the time in which it does not run', async () => {
    const cold = new Thread<Methods>(file, 32);
    // Loading the file takes more than this.
    expect(await cold.call('echo', 'loaded', { cpu: 0.05, wall: 100 })).toBe('loaded');
    expect(await cold.call('wait', 0.6, { cpu: 0.3, wall: 100 })).toBe('waited');
    expect(await cold.call('compute', 0.2, { cpu: 2, wall: 100 })).toBe('computed');
    expect((await lost(cold.call('compute', 1, { cpu: 0.3, wall: 100 }))).reason).toBe('overdue');
    await cold.close();
  });

  it('goes on starting where the machine is too busy for it within the limit, and answers a later call', async () => {
    const cold = new Thread<Methods>(file, 32, { idleSeconds: 0 });
    const started = jest.fn();
    process.on('worker', started);
    const held = { cpu: 10, wall: 0.001 };
    for (let time = 0; time < 3; time += 1)
      expect(await lost(cold.call('count', undefined, held))).toMatchObject({ reason: 'busy' });
    // None of those was passed on.
    expect(await cold.call('count', undefined, within(60))).toBe(1);
    process.off('worker', started);
    expect(started).toHaveBeenCalledTimes(1);
    await cold.close();
  });

  it('ends when it is idle also if nobody waits any more for its start', async () => {
    const cold = new Thread<Methods>(file, 32, { idleSeconds: 0 });
    expect(await lost(cold.call('count', undefined, { cpu: 10, wall: 0.001 }))).toMatchObject({ reason: 'busy' });
    expect(cold.isRunning).toBe(true);
    while (cold.isRunning) await new Promise(setImmediate);
    await cold.close();
  });

  it('does not count what other threads compute', async () => {
    const other = new Thread<Methods>(file, 32);
    await Promise.all([thread, other].map((each) => each.call('count', undefined, within(10))));
    const computing = other.call('compute', 1, within(10));
    expect(await thread.call('wait', 1.5, { cpu: 0.5, wall: 100 })).toBe('waited');
    expect(await computing).toBe('computed');
    await other.close();
  });

  itOnLinux('is late by what it computes itself, not by what others do meanwhile', async () => {
    const other = new Thread<Methods>(file, 32);
    await Promise.all([thread, other].map((each) => each.call('count', undefined, within(10))));
    const computing = other.call('compute', 1, within(10));
    const isLate = await thread.call('isLate', 0.4, { cpu: 10, wall: 100 });
    await computing;
    await other.close();
    const isLateItself = await thread.call('isLateComputing', 0.2, { cpu: 10, wall: 100 });
    expect({ isLate, isLateItself }).toEqual({ isLate: false, isLateItself: true });
  });

  itOnLinux('gives way to the thread that serves requests, also after it was replaced', async () => {
    const own = getPriority();
    const polite = new Thread<Methods>(file, 32, { niceness: 3 });
    expect(await polite.call('niceness', undefined, within(10))).toBe(own + 3);
    await lost(polite.call('exit', 7, within(10)));
    expect(await polite.call('niceness', undefined, within(10))).toBe(own + 3);
    expect([getPriority(), await thread.call('niceness', undefined, within(10))]).toEqual([own, own]);
    await polite.close();
  });

  it('ends once it is idle, and is started again by the next call', async () => {
    const brief = new Thread<Methods>(file, 32, { idleSeconds: 0 });
    expect(await brief.call('count', undefined, within(10))).toBe(1);
    while (brief.isRunning) await new Promise(setImmediate);
    expect(await brief.call('count', undefined, within(10))).toBe(1);
    await brief.close();
  });

  it('reports a file that cannot be loaded', async () => {
    const missing = new Thread<Methods>(join(__dirname, 'missing.js'), 32);
    expect((await lost(missing.call('count', undefined, within(10)))).message).toMatch(
      /^its thread failed: Cannot find module/,
    );
  });

  it('refuses the calls that wait when it is closed, and later ones', async () => {
    const closing = new Thread<Methods>(file, 32);
    await closing.call('count', undefined, within(10));
    const calls = [closing.call('hang', undefined, within(60)), closing.call('count', undefined, within(10))].map(lost);
    await new Promise(setImmediate);
    await closing.close();
    for (const error of await Promise.all(calls)) expect(error.reason).toBe('closed');
    expect((await lost(closing.call('count', undefined, within(10)))).message).toBe('the API is shutting down');
  });
});
