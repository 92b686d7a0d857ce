import type { Precision } from '@unroll/contracts';
import { openKernels, type Kernels, type ProductPrecision } from '@unroll/kernels';
import { cpus } from 'node:os';
import { recurrentGradientKernel, recurrentKernel, registerRecurrentKernels } from '../../nn/recurrent-kernels';
import type { VisibleMemory } from '../../functional/embedding-gradient';
import { registerCtc } from '../engine/ctc';
import { registerDensity } from '../engine/density';
import { processorRoom } from '../engine/device-memory';
import type { Engine, EngineLoader } from '../engine/engine';
import { elementwiseKernels } from './elementwise';
import { layerKernels } from './layers';
import { layoutKernels } from './layout';
import { NativeMemory } from './memory';
import { mlstmKernels } from './mlstm';
import { movingKernels } from './moves';
import { plainKernels } from './products';
import { isFused, recurrentKernels } from './recurrent';
import { scanKernels, selectiveKernels } from './scan';
import { selectingKernels } from './selection';
import { trainingKernels } from './training';
import { treeKernels } from './trees';
import { registerPackedKernels } from '../../tensor/packed-kernels';
import { backendAs, replaceKernels, tf } from '../../tensor/tfjs';

let memory: NativeMemory | undefined;

/** The backend `native`: the cpu backend with all its kernels, the hot ones replaced by ours. */
function prepare(kernels: Kernels): NativeMemory {
  tf.registerBackend('native', tf.findBackendFactory('cpu'));
  tf.copyRegisteredKernels('cpu', 'native');
  for (const name of [recurrentKernel, recurrentGradientKernel])
    if (tf.getKernel(name, 'native') !== undefined) forget(name);
  registerRecurrentKernels('native');
  const memory = new NativeMemory(backendAs(tf.findBackend('native')), (bytes) => kernels.memory(bytes));
  const visible: VisibleMemory = {
    readValues: (info) => (info.dtype === 'int32' ? memory.integers(info) : memory.floats(info)),
    allocate: (shape) => memory.allocate(shape),
  };
  registerCtc('native', visible);
  registerDensity('native', visible);
  registerPackedKernels('native', kernels);
  const recurrent = recurrentKernels(kernels, memory);
  replaceKernels('native', {
    ...elementwiseKernels(memory),
    ...layoutKernels(kernels, memory),
    ...plainKernels(kernels, memory),
    ...trainingKernels(kernels, memory),
    ...layerKernels(kernels, memory),
    ...treeKernels(kernels, memory),
    ...scanKernels(kernels, memory),
    ...selectiveKernels(kernels, memory),
    ...mlstmKernels(kernels, memory),
    ...selectingKernels(memory),
    ...movingKernels(memory),
    [recurrentKernel]: (given: never) => (isFused(given) ? recurrent.forward(given) : undefined),
    [recurrentGradientKernel]: (given: never) => (isFused(given) ? recurrent.backward(given) : undefined),
  });
  return memory;
}

const forget = (kernelName: string): void => tf.unregisterKernel(kernelName, 'native');

/**
 * The precisions of a processor, the fastest first. bfloat16 is slower than float32 in plain code, and by the AVX512_BF16 of Intel's
 * processors: docs/precision.md.
 */
export function precisionsOf(kernels: Pick<Kernels, 'precisions' | 'instructionSet'>, processor: string): Precision[] {
  const all = kernels.precisions();
  const set = kernels.instructionSet();
  return set === 'portable' || (set === 'avx512' && /intel/i.test(processor)) ? all : all.toReversed();
}

async function open(): Promise<Engine> {
  const kernels = openKernels();
  memory ??= prepare(kernels);
  await tf.setBackend('native');
  // Asking for it takes a millisecond.
  const processor = cpus()[0]?.model ?? '';
  return {
    name: 'native',
    device: 'CPU, C++',
    codePath: kernels.instructionSet(),
    synchronous: true,
    precisions: () => precisionsOf(kernels, processor),
    // One of `precisions`, which float16 is not.
    usePrecision: (precision) => kernels.usePrecision(precision as ProductPrecision),
    useThreads: (count) => kernels.useThreads(count),
    room: processorRoom(),
    trim: () => memory?.beginRun(),
    memory: () => ({ tensors: tf.memory().numTensors, bytes: tf.memory().numBytes }),
  };
}

export const native: EngineLoader = {
  name: 'native',
  open,
  remedy: 'install a C++ compiler, make and Python 3, and run node libs/kernels/build.mjs',
};
