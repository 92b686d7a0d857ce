// Long windows of an LSTM with dense inputs: milliseconds of a step and memory beside PyTorch, with and without recomputation of gates.
// Each measurement is a process of its own, which cannot use what an earlier one left. Started by itself, it is one of ours: arguments
// steps, whether to recompute, updates.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { median } from '../median.mjs';
import { milliseconds, openGroup, openPeer, ours } from './group.mjs';

const [cell, batch, hidden] = ['lstm', 8, 256];
const script = fileURLToPath(import.meta.url);
const updatesOf = (steps) => Math.max(3, Math.ceil(512 / steps));

/** Bytes of this process: now, and at its most so far. */
const resident = () => {
  const status = readFileSync('/proc/self/status', 'utf8');
  return ['VmRSS', 'VmHWM'].map((name) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)[1]));
};

async function measureOurs(steps, recompute, updates) {
  await ours('index').openEngine('native');
  const [before] = resident();
  const group = openGroup({ cell, batch, steps, hidden, dense: true, recompute });
  const time = milliseconds(group, updates);
  console.log(JSON.stringify({ milliseconds: time, bytes: resident()[1] - before }));
}

function inOwnProcess(steps, recompute) {
  const args = [script, steps, recompute, updatesOf(steps)].map(String);
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

async function ofPeer(steps) {
  const peer = await openPeer();
  const measured = await peer?.measure(cell, batch, steps, hidden, updatesOf(steps), 'float32');
  peer?.close();
  return measured;
}

export async function printLongWindows(rounds) {
  console.log(
    `\nlong windows: ${cell}, batch ${batch}, hidden ${hidden}, dense inputs, float32; medians of ${rounds} rounds, in turn.`,
  );
  console.log('Memory: by how much a process grew at most, JavaScript included.\n');
  console.log('| steps | PyTorch ms | MiB | ours ms | MiB | ratio | recomputed ms | MiB | to ours |');
  console.log('| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const steps of [64, 512, 2048]) {
    const sides = [[], [], []];
    for (let round = 0; round < rounds; round++)
      for (const [side, measure] of [
        () => ofPeer(steps),
        () => inOwnProcess(steps, false),
        () => inOwnProcess(steps, true),
      ].entries())
        sides[side].push(await measure());
    const [theirs, plain, again] = sides.map(
      (all) =>
        all[0] && {
          time: median(all.map((each) => each.milliseconds)),
          memory: median(all.map(({ bytes }) => bytes)) / 2 ** 20,
        },
    );
    const shown = (side) => (side ? `${side.time.toFixed(1)} | ${side.memory.toFixed(0)}` : '- | -');
    const ratio = theirs ? `${(theirs.time / plain.time).toFixed(2)}x` : '-';
    console.log(
      `| ${steps} | ${shown(theirs)} | ${shown(plain)} | ${ratio} | ${shown(again)} | ${(again.time / plain.time).toFixed(2)} |`,
    );
  }
}

if (process.argv[1] === script) {
  const [steps, recompute, updates] = process.argv.slice(2);
  await measureOurs(Number(steps), recompute === 'true', Number(updates));
}
