import { Logger } from '@nestjs/common';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { LoopWatch } from './loop-watch';

/** Processor time of a thread is known on Linux only. */
const itOnLinux = existsSync('/proc/self/task') ? it : it.skip;

describe('the watch over the event loop', () => {
  const said: unknown[] = [];
  const registry = new Registry();
  const watch = new LoopWatch(registry);

  beforeAll(() => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((about: unknown) => void said.push(about));
    watch.onApplicationBootstrap();
  });
  beforeEach(async () => {
    await pause(120);
    said.length = 0;
  });
  afterAll(() => {
    watch.beforeApplicationShutdown();
    jest.restoreAllMocks();
  });

  it('tells of a computation that holds up requests', async () => {
    const before = process.cpuUsage();
    while (process.cpuUsage(before).user < 400_000);
    await pause(120);
    expect(said).toEqual([{ milliseconds: expect.any(Number) }]);
    expect((said[0] as { milliseconds: number }).milliseconds).toBeGreaterThan(200);
    const text = await registry.metrics();
    const count = (name: string): number =>
      Number(
        text
          .split('\n')
          .find((line) => line.includes(name))!
          .split(' ')
          .at(-1),
      );
    expect(count('_count') - count('_bucket{le="0.2"}')).toBeGreaterThanOrEqual(1);
  });

  itOnLinux('says nothing about time that other programs took', async () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
    await pause(120);
    expect(said).toEqual([]);
  });
});
