import { dirname, sep } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { registerRecurrentKernels } from '../../nn/recurrent-kernels';
import { registerCtc } from '../engine/ctc';
import { registerDensity } from '../engine/density';
import type { Kernels } from '../engine/bind-kernels';
import { processorRoom } from '../engine/device-memory';
import type { Engine, EngineLoader } from '../engine/engine';
import { registerLookupGradient, type VisibleMemory } from '../../functional/embedding-gradient';
import { backendAs, replaceKernels, tf } from '../../tensor/tfjs';
import { sumKernel, tanhKernel } from './arithmetic';
import { getHeap, wordIndex, type WasmBackend } from './heap';
import { laneByLaneMatMul } from './matmul';
import { movingKernels } from './moves';

let prepared = false;

/** Replaces kernels of TensorFlow.js that are slow, or that treat one lane unlike several. */
function prepare(backend: WasmBackend): void {
  const kernels: Kernels = {
    BatchMatMul: laneByLaneMatMul(backend),
    Tanh: tanhKernel(backend),
    Sum: sumKernel(backend),
    ...movingKernels(backend),
  };
  const whereOurs =
    (compute: Kernels[string]) =>
    (given: never): unknown =>
      isOurs(given) ? compute(given) : undefined;
  replaceKernels(
    'wasm',
    Object.fromEntries(Object.entries(kernels).map(([kernelName, compute]) => [kernelName, whereOurs(compute)])),
  );
  const byteWords = 4;
  const memory: VisibleMemory = {
    readValues: (info) => {
      const begin = wordIndex(backend, info);
      const end = begin + tf.util.sizeFromShape(info.shape);
      if (info.dtype === 'float32') return getHeap(backend).subarray(begin, end);
      return new Int32Array(backend.wasm.HEAPU8.buffer, begin * byteWords, end - begin);
    },
    allocate: (shape) => backend.makeOutput(shape, 'float32'),
  };
  registerLookupGradient('wasm', memory);
  registerCtc('wasm', memory);
  registerDensity('wasm', memory);
}

/** Whether ours apply: they move words of four bytes, and gather without batch dimensions. */
const isOurs = ({ inputs, attrs }: { inputs: object; attrs?: { batchDims?: number } | undefined }): boolean =>
  !attrs?.batchDims &&
  Object.values(inputs).every(({ dtype }: { dtype: string }) => dtype === 'float32' || dtype === 'int32');

/**
 * The module's glue code adds listeners that abort on uncaught errors of the whole process. Removes those added while
 * `start` ran.
 */
async function withoutNewListeners<Result>(start: () => Promise<Result>): Promise<Result> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.listeners(event as 'uncaughtException'));
  const result = await start();
  events.forEach((event, index) => {
    for (const listener of process.listeners(event as 'uncaughtException'))
      if (!before[index]!.includes(listener)) process.off(event, listener);
  });
  return result;
}

async function open(): Promise<Engine> {
  setWasmPaths(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm')) + sep, false);
  if (!(await withoutNewListeners(() => tf.setBackend('wasm'))))
    throw new Error('the wasm backend of TensorFlow.js did not start');
  if (!prepared) prepare(backendAs<WasmBackend>());
  prepared = true;
  registerRecurrentKernels('wasm');
  return {
    name: 'wasm',
    device: 'CPU, WebAssembly',
    codePath: 'composite',
    synchronous: true,
    room: processorRoom(),
    memory: () => ({ tensors: tf.memory().numTensors, bytes: tf.memory().numBytes }),
  };
}

export const wasm: EngineLoader = {
  name: 'wasm',
  open,
  remedy: 'run npm install again, so that the .wasm files are there',
};
