// A training step on one core: the native engine, with token inputs (which gather from the projected table) and with
// dense inputs (every step's product x·W), beside PyTorch on one thread, in turn; in float32, and in bfloat16 (of PyTorch its autocast)
// where this processor has it. CPU milliseconds: others may be at work. Arguments: rounds (default 5), cells (default all three), sizes
// such as 32,64,128 (default all three). Without the latter two, also long windows: time and memory, with and without recomputation. `long`
// as the cell: these alone.
import { createRequire } from 'node:module';
import { counts } from './counts.mjs';
import { median } from './median.mjs';
import { classes, milliseconds, openGroup, openPeer, ours } from './training/group.mjs';
import { printLongWindows } from './training/long-windows.mjs';

const require = createRequire(import.meta.url);
/** The cells that PyTorch has. */
const peerCells = ['rnn', 'lstm', 'gru'];
const sizes = [
  [32, 64, 128],
  [32, 64, 256],
  [64, 128, 512],
];

/** Prints the kernels of a step by their share of the total kernel time, and the time outside kernels. */
async function printProfile(cell, batch, steps, hidden) {
  const { tf } = ours('tensor/tfjs');
  const group = openGroup({ cell, batch, steps, hidden, dense: true });
  const step = milliseconds(group, 15);
  const shares = new Map();
  const rounds = 9;
  for (let round = 0; round < rounds; round++) {
    const { kernels } = await tf.profile(() => {
      group.advance().dispose();
      return tf.scalar(0);
    });
    // What customGrad computes is listed a second time, as "forward".
    for (const { name, kernelTimeMs } of kernels.filter((kernel) => kernel.name !== 'forward')) {
      const before = shares.get(name) ?? { calls: 0, time: 0 };
      shares.set(name, { calls: before.calls + 1 / rounds, time: before.time + (await kernelTimeMs) / rounds });
    }
  }
  group.dispose();
  const rows = [...shares].sort(([, a], [, b]) => b.time - a.time);
  const total = rows.reduce((sum, [, { time }]) => sum + time, 0);
  console.log(`\nkernels of one step, ${cell} ${batch}, ${steps}, ${hidden}, dense inputs: ${step.toFixed(1)} ms\n`);
  console.log('| kernel | calls | ms | of the step |');
  console.log('| --- | ---: | ---: | ---: |');
  const line = (name, calls, time) =>
    console.log(`| ${name} | ${calls} | ${time.toFixed(2)} | ${((100 * time) / step).toFixed(1)} % |`);
  for (const [name, { calls, time }] of rows) line(name, Math.round(calls), time);
  line('between kernels', '', step - total);
}

/** Floating-point operations of a step's matrix products, forward and backward. */
function operations(cell, batch, steps, hidden, dense) {
  const { getCell } = ours('nn/cells/cells');
  const columns = getCell({ cell, nonlinearity: 'tanh' }).gates * hidden;
  const rows = batch * steps;
  return 6 * (rows * hidden * columns + (dense ? rows : classes) * hidden * columns + rows * hidden * classes);
}

/** GFLOP/s of multiplications and additions in registers: the best of a few runs. */
function peak() {
  const kernels = require('../../dist/libs/kernels/src/index.js').openKernels();
  const tries = Array.from({ length: 9 }, () => {
    const began = process.cpuUsage();
    const operations = kernels.multiplyAdds(2_000_000);
    const { user, system } = process.cpuUsage(began); // their sum alone is exact: Linux shares it out by ticks
    return operations / (user + system) / 1e3;
  });
  return Math.max(...tries);
}

/** Rows of one cell and size: the peer and ours in turn, in each precision. */
async function compare({ engine, peer, most, rounds }, cell, size) {
  const [batch, steps, hidden] = size;
  const updates = hidden > 256 ? 3 : 15;
  const groups = [false, true].map((dense) => openGroup({ cell, batch, steps, hidden, dense }));
  const runs = engine
    .precisions()
    .toSorted()
    .toReversed()
    .map((precision) => ({ precision, theirs: [], ours: [[], []] }));
  const inPrecision = (precision, work) => {
    engine.usePrecision(precision);
    return work();
  };
  // Warm-up, until JavaScript is compiled: training takes thousands of updates.
  groups.forEach((group) => milliseconds(group, updates * 10));
  for (let round = 0; round < rounds; round++)
    for (const { precision, theirs, ours: own } of runs) {
      if (peer) theirs.push((await peer.measure(cell, ...size, updates, precision)).milliseconds);
      inPrecision(precision, () => groups.forEach((group, index) => own[index].push(milliseconds(group, updates))));
    }
  engine.usePrecision('float32');
  groups.forEach((group) => group.dispose());
  for (const [index, dense] of [false, true].entries())
    for (const { precision, theirs, ours: own } of runs) {
      const time = median(own[index]);
      const rate = operations(cell, ...size, dense) / time / 1e6;
      const [their, ratio] = peer ? [median(theirs).toFixed(1), `${(median(theirs) / time).toFixed(2)}x`] : ['-', '-'];
      const inFloat32 = median(runs[0].ours[index]);
      console.log(
        `| ${cell} | ${size.join(', ')} | ${dense ? 'dense' : 'tokens'} | ${precision} | ${their} | ${time.toFixed(1)} | ${ratio} ` +
          `| ${(inFloat32 / time).toFixed(2)}x | ${rate.toFixed(0)} | ${((100 * rate) / most).toFixed(0)} % |`,
      );
    }
}

/** The cells and sizes of the arguments; all of them where none is given. Throws Error in one line. */
function chosen(args) {
  const given = args.filter((each) => each.includes(','));
  const cells = args.filter((each) => !each.includes(','));
  const known = require('../../dist/libs/contracts/src/index.js').cellNames;
  const unknown = cells.find((each) => !known.includes(each));
  if (unknown) throw new Error(`"${unknown}" is none of the cells ${known.join(', ')}`);
  const wrong = given.find((each) => !/^[1-9]\d*(,[1-9]\d*){2}$/.test(each));
  if (wrong) throw new Error(`"${wrong}": a size is batch,steps,hidden, such as 32,64,128`);
  return {
    cells: cells.length > 0 ? cells : peerCells,
    sizes: given.length > 0 ? given.map((each) => each.split(',').map(Number)) : sizes,
  };
}

export default async function training(args) {
  const { rounds } = counts(args.slice(0, 1), { rounds: 5 });
  if (args[1] === 'long') return printLongWindows(rounds);
  const wanted = chosen(args.slice(1));
  const engine = await ours('index').openEngine('native');
  const peer = await openPeer();
  const most = peak();
  console.log(
    `native engine (${engine.codePath}), 1 thread; a core's measured peak in float32 is ${most.toFixed(0)} GFLOP/s`,
  );
  console.log(peer ? `peer: ${peer.name}` : 'no peer');
  console.log(`medians of ${rounds} rounds, in turn; CPU milliseconds of a step\n`);
  console.log(
    '| cell | batch, steps, hidden | inputs | precision | PyTorch | ours | ratio | to our float32 | GFLOP/s | of the peak |',
  );
  console.log('| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const cell of wanted.cells)
    for (const size of wanted.sizes)
      await compare({ engine, peer: peerCells.includes(cell) ? peer : undefined, most, rounds }, cell, size);
  peer?.close();
  await printProfile('lstm', 32, 64, 128);
  if (args.length < 2) await printLongWindows(rounds);
}
