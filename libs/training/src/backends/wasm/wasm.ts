import { dirname, sep } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { registerRecurrentKernels } from '../../nn/recurrent-kernels';
import { registerCtc } from '../engine/ctc';
import { processorRoom } from '../engine/device-memory';
import type { Engine, EngineLoader } from '../engine/engine';
import { registerLookupGradient, type VisibleMemory } from '../../functional/embedding-gradient';
import { tf, type TensorInfo } from '../../tensor/tfjs';
import { sumKernel, tanhKernel } from './arithmetic';
import { heapOf, wordOf, type WasmBackend } from './heap';
import { laneByLaneMatMul } from './matmul';
import { movingKernels } from './moves';

let prepared = false;

/** Puts our kernels in the place of those of TensorFlow.js that are slow or that treat one lane unlike several. */
function replaceKernels(backend: WasmBackend): void {
  const kernels: Record<string, (args: never) => TensorInfo | TensorInfo[] | undefined> = {
    BatchMatMul: laneByLaneMatMul(backend),
    Tanh: tanhKernel(backend),
    Sum: sumKernel(backend),
    ...movingKernels(backend),
  };
  for (const [kernelName, ours] of Object.entries(kernels)) {
    const original = tf.getKernel(kernelName, 'wasm').kernelFunc;
    tf.unregisterKernel(kernelName, 'wasm');
    tf.registerKernel({
      kernelName,
      backendName: 'wasm',
      kernelFunc: (args) => (isOurs(args) ? ours(args as never) : undefined) ?? original(args),
    });
  }
  const byteWords = 4;
  const memory: VisibleMemory = {
    valuesOf: (info) => {
      const begin = wordOf(backend, info);
      const end = begin + tf.util.sizeFromShape(info.shape);
      if (info.dtype === 'float32') return heapOf(backend).subarray(begin, end);
      return new Int32Array(backend.wasm.HEAPU8.buffer, begin * byteWords, end - begin);
    },
    allocate: (shape) => backend.makeOutput(shape, 'float32'),
  };
  registerLookupGradient('wasm', memory);
  registerCtc('wasm', memory);
}

/** Whether ours serve: they move words of four bytes, and gather without batch dimensions. */
const isOurs = ({ inputs, attrs }: { inputs: object; attrs?: object | undefined }): boolean =>
  !(attrs as { batchDims?: number } | undefined)?.batchDims &&
  Object.values(inputs).every(({ dtype }: { dtype: string }) => dtype === 'float32' || dtype === 'int32');

/**
 * The module's glue code listens for uncaught errors of the whole process, to abort on them: that is not its business.
 * Takes away what was added to the process while `start` ran.
 */
async function withoutNewListeners<Result>(start: () => Promise<Result>): Promise<Result> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.listeners(event as 'uncaughtException'));
  const result = await start();
  events.forEach((event, index) => {
    for (const listener of process.listeners(event as 'uncaughtException'))
      if (!before[index]!.includes(listener)) process.off(event, listener as never);
  });
  return result;
}

async function open(): Promise<Engine> {
  setWasmPaths(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm')) + sep, false);
  if (!(await withoutNewListeners(() => tf.setBackend('wasm'))))
    throw new Error('the wasm backend of TensorFlow.js did not start');
  if (!prepared) replaceKernels(tf.backend() as unknown as WasmBackend);
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
