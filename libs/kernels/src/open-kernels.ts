import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { InstructionSet, Kernels } from './addon';

/**
 * Where libs/kernels/build.mjs builds to, seen from this file's source and from its compiled place in dist/. The variable
 * UNROLL_KERNELS names another folder, for sanitize.mjs.
 */
const folders = [
  ...(process.env.UNROLL_KERNELS ? [process.env.UNROLL_KERNELS] : []),
  join(__dirname, '..', 'build'),
  join(__dirname, '..', '..', '..', '..', 'libs', 'kernels', 'build'),
];

let opened: Kernels | undefined;

function load(): Kernels {
  const folder = folders.find((each) => existsSync(join(each, 'Release', 'unroll_kernels.node')));
  if (folder) return createRequire(__filename)(join(folder, 'Release', 'unroll_kernels.node')) as Kernels;
  const reason = folders.map((each) => join(each, 'absent.txt')).find((each) => existsSync(each));
  throw new Error(
    reason ? `absent: not built, ${readFileSync(reason, 'utf8').trim()}` : 'absent: its kernels are not built',
  );
}

/**
 * The kernels, with the best instruction set that this processor has, or with the one that `isa` (default: the variable
 * UNROLL_ISA) names, on as many threads as UNROLL_THREADS says (default 1: sweeps run a process for each core). Throws Error with one line where they are not built, do not load, or this processor lacks what was named.
 */
export function openKernels(isa = process.env.UNROLL_ISA): Kernels {
  opened ??= load();
  const there = opened.instructionSets();
  if (isa && !there.includes(isa as InstructionSet))
    throw new Error(`UNROLL_ISA is ${JSON.stringify(isa)}, but there is only ${there.join(', ')}`);
  opened.choose((isa as InstructionSet | undefined) || there[0]!);
  opened.useThreads(threadsOf(process.env.UNROLL_THREADS));
  return opened;
}

function threadsOf(text: string | undefined): number {
  const count = Number(text || 1);
  if (!Number.isInteger(count) || count < 1 || count > 256)
    throw new Error(`UNROLL_THREADS is ${JSON.stringify(text)}, but must be a whole number from 1 to 256`);
  return count;
}
