import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { readFileSync } from 'node:fs';

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
 * Logs when a computation has held up all requests: it should run in a thread. What other programs took from the processor meanwhile does
 * not count.
 */
@Injectable()
export class LoopWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(LoopWatch.name);
  private timer: NodeJS.Timeout | undefined;

  onApplicationBootstrap(): void {
    let [last, used] = [performance.now(), processorTime()];
    this.timer = setInterval(() => {
      const [now, usedNow] = [performance.now(), processorTime()];
      const late = now - last - interval;
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
