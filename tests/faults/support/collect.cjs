// Loaded into a process by --require: on SIGUSR2 it frees what nothing refers to, in its main thread, so that its memory can be compared.
const v8 = require('node:v8');
const { runInNewContext } = require('node:vm');
const { isMainThread } = require('node:worker_threads');

if (isMainThread) {
  v8.setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  process.on('SIGUSR2', () => {
    for (let time = 0; time < 2; time += 1) collect();
    process.send?.({ type: 'collected' });
  });
}
