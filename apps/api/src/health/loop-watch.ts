import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { readFileSync } from 'node:fs';
import { Histogram, Registry } from 'prom-client';

/** Milliseconds between two looks at the clock. */
const interval = 50;
/** Milliseconds for which nothing may hold up the requests. */
const most = 200;

/** Milliseconds of processor time that this thread has used; undefined where the system does not tell. */
function processorTime(): number | undefined {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return undefined;
  }
}

/**
 * Measures for how long requests wait for the event loop, and logs when a computation has held up all of them: it should run in a thread.
 * What other programs took from the processor meanwhile is in the measurement, but does not count as held up.
 */
@Injectable()
export class LoopWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(LoopWatch.name);
  private readonly delays: Histogram;
  private timer: NodeJS.Timeout | undefined;

  constructor(registry: Registry) {
    this.delays = new Histogram({
      name: 'unroll_event_loop_delay_seconds',
      help: 'How late the event loop of the API was at a timer of 50 ms: as long, a request waits for it.',
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
      registers: [registry],
    });
  }

  onApplicationBootstrap(): void {
    let [last, used] = [performance.now(), processorTime()];
    this.timer = setInterval(() => {
      const [now, usedNow] = [performance.now(), processorTime()];
      const late = now - last - interval;
      this.delays.observe(Math.max(0, late) / 1000);
      const held = usedNow === undefined || used === undefined ? late : Math.min(late, usedNow - used);
      if (held > most) this.logger.warn({ milliseconds: Math.round(held) }, 'requests were held up by a computation');
      [last, used] = [now, usedNow];
    }, interval);
    this.timer.unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
  }
}
