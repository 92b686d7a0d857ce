import { openKernels, type InstructionSet } from '@unroll/kernels';
import type { EngineName } from '@unroll/contracts';
import type { Engine } from '../backends/engine/engine';
import { openEngine } from '../backends/open-engine';

/** One way to run everything: an engine, and for `native` one of the instruction sets of this processor. */
export interface Way {
  label: string;
  name: EngineName;
  open(): Promise<Engine>;
}

function instructionSets(): InstructionSet[] {
  try {
    return openKernels('').instructionSets();
  } catch {
    return [];
  }
}

const native = (isa: InstructionSet): Way => ({
  label: `native, ${isa}`,
  name: 'native',
  async open() {
    const engine = await openEngine('native');
    openKernels(isa);
    return { ...engine, codePath: isa };
  },
});
const plain = (['wasm', 'cpu'] as const).map((name): Way => ({ label: name, name, open: () => openEngine(name) }));

/** For the specs: wasm, cpu, and native where it is built, with the instructions that a trainer uses. */
export const everyEngine: Way[] = [...plain, ...instructionSets().slice(0, 1).map(native)];

/** The same without the slow `cpu`. */
export const everyFastEngine = everyEngine.filter(({ name }) => name !== 'cpu');

/** The same with native once for each instruction set of this processor: for what the kernels themselves compute. */
export const everyCodePath: Way[] = [...plain, ...instructionSets().map(native)];

/** The engine that a trainer on this machine's processor uses: for what does not depend on the engine. */
export const openFastest = (): Promise<Engine> => everyFastEngine.at(-1)!.open();

/**
 * The cases that run on `way`: each runs on one of `ways`, in turn, so that every case and every engine has its run. For what
 * is the same code on each engine. `turn` gives another property another assignment. With UNROLL_TEST_ALL=1 all run on each.
 */
export const shareOf = <Case>(way: Way, cases: readonly Case[], { ways = everyFastEngine, turn = 0 } = {}): Case[] =>
  process.env.UNROLL_TEST_ALL
    ? [...cases]
    : cases.filter((_, index) => (index + turn) % ways.length === ways.findIndex(({ label }) => label === way.label));
