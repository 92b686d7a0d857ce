// The file of a thread with methods that fail in every way.
require('./typescript.cjs');
const { ValidationError } = require('../../libs/contracts/src/index.ts');
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
  fill: () => {
    for (;;) kept.push(Array.from({ length: 1000 }, () => ({})));
  },
  exit: (code) => process.exit(code),
});
