// npm run fuzz, npm run bench:kernels: builds tests/fuzz.cc or tests/benchmark.cc over the kernels, without Node, and runs it. What
// follows the name goes to the program: --rounds N --seed N, or --isa NAME --threads N.
import { buildProgram, fail, run } from '../toolchain.mjs';

const [program, ...args] = process.argv.slice(2);
await buildProgram(program, { name: 'native' })
  .then((executable) => run(executable, args))
  .catch(fail);
