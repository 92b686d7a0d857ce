// Collects the garbage of a process at SIGWINCH (Nest ends it at most others), and says so: what is in memory then is in use.
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');
const { isMainThread } = require('node:worker_threads');

if (isMainThread) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  process.on('SIGWINCH', () => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    process.stdout.write(`garbage collected\n${heapUsed + external} bytes are in use\n`);
  });
}
