import { nodeProblem } from '@unroll/config';
import { mayLoadDriver, runApart } from './process/native-output';

const args = process.argv.slice(2);
const problem = nodeProblem();
if (problem !== undefined) {
  console.error(`unroll: ${problem}`);
  process.exit(2);
} else if (mayLoadDriver(args)) runApart(args);
else {
  // Loaded only in the process that needs it.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { run } = require('./run') as typeof import('./run');
  run();
}
