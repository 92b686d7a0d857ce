import { readdirSync, readFileSync } from 'node:fs';
import { platform } from 'node:os';
import type { Kernels } from './addon';
import { openKernels } from './open-kernels';
import { describeNative, numbers, skipped } from './testing/kernels.fixture';

const tasks = '/proc/self/task';

/** The processors that a thread may use, such as `0-2,5`. */
function processorsOf(thread: string): number[] {
  const [, list] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync(`${thread}/status`, 'utf8'))!;
  return list!.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last! - first! + 1 }, (_, index) => first! + index);
  });
}

/** Where this thread ran a moment ago. */
const processorNow = (): number =>
  Number(readFileSync('/proc/thread-self/stat', 'utf8').split(') ')[1]!.split(' ')[36]);

/** Work for all threads. */
function work(kernels: Kernels): Float32Array {
  const [m, n, k] = [64, 96, 256];
  const c = new Float32Array(m * n);
  const product = { a: numbers(m * k, 1), b: numbers(k * n, 2), c, lanes: 1, lanesA: 1, lanesB: 1, m, n, k };
  kernels.multiply({ ...product, transposeA: false, transposeB: false });
  return c;
}

describeNative(`the threads of the kernels${skipped}`, () => {
  let kernels: Kernels;
  beforeAll(() => (kernels = openKernels('')));
  afterEach(() => kernels.useThreads(1));

  const own = platform() === 'linux' ? processorsOf('/proc/thread-self') : [];
  (own.length > 1 ? it : it.skip)('run beside the one that gives them work, never in its place', () => {
    const before = new Set(readdirSync(tasks));
    kernels.useThreads(3);
    const helpers = readdirSync(tasks).filter((task) => !before.has(task));
    expect(helpers).toHaveLength(2);
    let isApart = false;
    // It may be moved between its work and what it reads.
    for (let tries = 0; tries < 100 && !isApart; tries++) {
      work(kernels);
      const sets = helpers.map((task) => processorsOf(`${tasks}/${task}`));
      const left = own.filter((processor) => !sets.flat().includes(processor));
      expect(left).toHaveLength(1);
      isApart = left[0] === processorNow();
      // Each on any of the others: one that another process has is no place to wait for.
      for (const set of sets) expect(set).toHaveLength(own.length - 1);
    }
    expect(isApart).toBe(true);
  });

  it('give the same bits as one, as often as they are changed', () => {
    const one = work(kernels);
    for (const threads of [2, 3, 1, 4, 2]) {
      kernels.useThreads(threads);
      expect(work(kernels)).toEqual(one);
    }
  });
});
