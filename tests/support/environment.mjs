import { TestEnvironment } from 'jest-environment-node';
import { setTimeout as pause } from 'node:timers/promises';

/** Milliseconds that what a file has stopped may take to end. */
const grace = 5_000;

const threads = new Set();
process.on('worker', (thread) => {
  threads.add(thread);
  thread.once('exit', () => threads.delete(thread));
});

/** What this process keeps running beside itself. */
function running() {
  const resources = process.getActiveResourcesInfo();
  const count = (kind) => resources.filter((each) => each === kind).length;
  return { threads: threads.size, processes: count('ProcessWrap'), servers: count('TCPServerWrap') };
}

/** Fails a file that leaves a thread, a process or a server running: it would slow down or disturb the files after it. */
export default class LeakCheckedEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    this.before = running();
  }

  /** A test that failed is reported as such, not as what it left behind. */
  handleTestEvent({ name }) {
    if (name === 'test_fn_failure' || name === 'hook_failure') this.failed = true;
  }

  async teardown() {
    await super.teardown();
    const deadline = performance.now() + grace;
    const leaks = () => Object.entries(running()).filter(([kind, count]) => count > this.before[kind]);
    while (leaks().length > 0 && performance.now() < deadline) await pause(20);
    const left = leaks().map(([kind, count]) => `${count - this.before[kind]} ${kind}`);
    if (left.length > 0 && !this.failed) throw new Error(`this file left ${left.join(' and ')} running`);
  }
}
