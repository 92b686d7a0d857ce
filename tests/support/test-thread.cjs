// The file of a thread with methods that fail in every way.
require('./typescript.cjs');
const { ValidationError } = require('../../libs/contracts/src/index.ts');
const { getPriority } = require('node:os');
const { cpuClock, deadline, ownThread } = require('../../apps/api/src/threads/clock.ts');
const { serve } = require('../../apps/api/src/threads/serve.ts');

let calls = 0;
const kept = [];
serve({
  count: () => (calls += 1),
  echo: (value) => value,
  refuse: (path) => {
    throw new ValidationError([{ path, message: 'is refused' }]);
  },
  fail: (message) => {
    throw new RangeError(message);
  },
  hang: () => {
    for (;;);
  },
  compute: (seconds) => {
    const clock = cpuClock(ownThread());
    const end = clock() + seconds;
    while (clock() < end);
    return 'computed';
  },
  wait: (seconds) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000);
    return 'waited';
  },
  // Whether it is late once another thread has computed for longer than that.
  isLate: (seconds) => {
    const isLate = deadline(seconds);
    const before = process.cpuUsage();
    while (process.cpuUsage(before).user < 1.5e6 * seconds)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    return isLate();
  },
  isLateComputing: (seconds) => {
    const isLate = deadline(seconds);
    const clock = cpuClock(ownThread());
    const end = clock() + 1.5 * seconds;
    while (clock() < end);
    return isLate();
  },
  fill: () => {
    for (;;) kept.push(Array.from({ length: 1000 }, () => ({})));
  },
  exit: (code) => process.exit(code),
  niceness: () => getPriority(ownThread()),
});
