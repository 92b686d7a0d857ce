import { openKernels, type InstructionSet } from '@unroll/kernels';
import type { Engine, EngineName } from '../backends/engine/engine';
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

/** For the specs: wasm, cpu, and native with each instruction set if it is built. */
export const everyEngine: Way[] = [
  ...(['wasm', 'cpu'] as const).map((name) => ({ label: name, name, open: () => openEngine(name) })),
  ...instructionSets().map((isa) => ({
    label: `native, ${isa}`,
    name: 'native' as const,
    async open(): Promise<Engine> {
      const engine = await openEngine('native');
      openKernels(isa);
      return { ...engine, codePath: isa };
    },
  })),
];

/** The same without the slow `cpu`. */
export const everyFastEngine = everyEngine.filter(({ name }) => name !== 'cpu');
