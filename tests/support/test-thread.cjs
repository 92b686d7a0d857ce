// The file of a thread with methods that fail in every way.
require('./typescript.cjs');
const { ValidationError } = require('../../libs/contracts/src/index.ts');
const { readlinkSync } = require('node:fs');
const { getPriority } = require('node:os');
const { cpuClock } = require('../../apps/api/src/threads/clock.ts');
const { serve } = require('../../apps/api/src/threads/serve.ts');

/** The id of this thread, as the operating system knows it. */
const ownId = () => Number(readlinkSync('/proc/thread-self').split('/').at(-1));

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
    const clock = cpuClock(ownId());
    const end = clock() + seconds;
    while (clock() < end);
    return 'computed';
  },
  wait: (seconds) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000);
    return 'waited';
  },
  fill: () => {
    for (;;) kept.push(Array.from({ length: 1000 }, () => ({})));
  },
  exit: (code) => process.exit(code),
  niceness: () => getPriority(ownId()),
});
