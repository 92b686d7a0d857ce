import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { InstructionSet, Kernels } from './addon';
import { checkNativeRules } from './update-rules';

/**
 * Where libs/kernels/build.mjs builds to, seen from this source file and from its compiled copy in dist/. The variable
 * UNROLL_KERNELS names another folder, for sanitize.mjs.
 */
const folders = [
  ...(process.env.UNROLL_KERNELS ? [process.env.UNROLL_KERNELS] : []),
  join(__dirname, '..', 'build'),
  join(__dirname, '..', '..', '..', '..', 'libs', 'kernels', 'build'),
];

let opened: Kernels | undefined;

/** The addon is not built. Any other error is a defect of what was built. */
export class KernelsNotBuilt extends Error {}

function load(): Kernels {
  const folder = folders.find((each) => existsSync(join(each, 'Release', 'unroll_kernels.node')));
  if (!folder) {
    const reason = folders.map((each) => join(each, 'absent.txt')).find((each) => existsSync(each));
    throw new KernelsNotBuilt(
      reason ? `absent: not built, ${readFileSync(reason, 'utf8').trim()}` : 'absent: its kernels are not built',
    );
  }
  const kernels = createRequire(__filename)(join(folder, 'Release', 'unroll_kernels.node')) as Kernels;
  checkNativeRules(kernels.updateRules?.());
  return kernels;
}

/**
 * The kernels, with the best instruction set of this processor or the one that `isa` (default: the variable UNROLL_ISA) names, on
 * UNROLL_THREADS threads (default 1: a sweep runs a process for each core). Throws Error with one line where they are not built
 * (KernelsNotBuilt), do not load, were built from other sources, or where this processor lacks the instruction set.
 */
export function openKernels(isa = process.env.UNROLL_ISA): Kernels {
  opened ??= load();
  const available = opened.instructionSets();
  if (isa && !available.includes(isa as InstructionSet))
    throw new Error(`UNROLL_ISA is ${JSON.stringify(isa)}, but this processor has only ${available.join(', ')}`);
  opened.choose((isa as InstructionSet | undefined) || available[0]!);
  opened.useThreads(parseThreads(process.env.UNROLL_THREADS));
  return opened;
}

function parseThreads(text: string | undefined): number {
  const count = Number(text || 1);
  if (!Number.isInteger(count) || count < 1 || count > 256)
    throw new Error(`UNROLL_THREADS is ${JSON.stringify(text)}, but must be an integer from 1 to 256`);
  return count;
}
