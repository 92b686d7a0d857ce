import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { ModernFakeTimers } from '@jest/fake-timers';
import { ModuleMocker } from 'jest-mock';

const { remember } = createRequire(import.meta.url)('./one-realm.cjs');

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

/**
 * The realm of Node.js itself: runtime.cjs says why. Undoes what a file changed of the globals, and fails a file that leaves a thread, a
 * process or a server running: it would slow down or disturb the files after it.
 */
export default class OneRealmEnvironment {
  global = globalThis;
  fakeTimers = null;
  restore = remember();
  moduleMocker = new ModuleMocker(globalThis);
  before = running();

  constructor({ projectConfig }) {
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
  }

  async setup() {}

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return null;
  }

  /** A test that failed is reported as such, not as what it left behind. */
  handleTestEvent({ name }) {
    if (name === 'test_fn_failure' || name === 'hook_failure') this.failed = true;
  }

  async teardown() {
    this.fakeTimersModern.dispose();
    const deadline = performance.now() + grace;
    const leaks = () => Object.entries(running()).filter(([kind, count]) => count > this.before[kind]);
    while (leaks().length > 0 && performance.now() < deadline) await pause(20);
    // `expect` has defined its matchers for good.
    const matchers = globalThis[Symbol.for('$$jest-matchers-object')];
    if (matchers) matchers.customEqualityTesters.length = 0;
    this.restore();
    this.global = null;
    const left = leaks().map(([kind, count]) => `${count - this.before[kind]} ${kind}`);
    if (left.length > 0 && !this.failed) throw new Error(`this file left ${left.join(' and ')} running`);
  }
}
