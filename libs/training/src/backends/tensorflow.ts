import { createRequire } from 'node:module';
import { registerRecurrentKernels } from '../nn/recurrent-kernels';
import { gpuMemory, processorRoom } from './engine/device-memory';
import type { Engine, EngineLoader } from './engine/engine';
import { backendAs, tf } from '../tensor/tfjs';

const packageName = '@tensorflow/tfjs-node-gpu';

/** Why loading the package failed, in one line. Never loads tfjs-node: the two must not share a process. */
function loadFailure(error: unknown): string {
  const message = String((error as Error)?.message ?? error);
  const [first] = message.split('\n');
  const { code } = error as { code?: string };
  if (code === 'MODULE_NOT_FOUND' && message.includes(packageName)) return `absent: ${packageName} is not installed`;
  if (/node-pre-gyp|tfjs_binding|libtensorflow|MODULE_NOT_FOUND/.test(`${code} ${message}`))
    return `without binary: ${packageName} is installed, but its native part is not (${first!.trim()})`;
  return `it does not load: ${first!.trim()}`;
}

/**
 * Defines what Node 23 removed from `util` (DEP0044, DEP0051) and tfjs-node 4.22 calls in every operation: "(0 ,
 * util_1.isNullOrUndefined) is not a function".
 */
export function restoreUtil(util = createRequire(__filename)('node:util') as Record<string, unknown>): void {
  util.isArray ??= Array.isArray;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
}

async function open(): Promise<Engine> {
  // Without its notes of what the library was built for, which nobody asked for.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '1';
  try {
    restoreUtil();
    createRequire(__filename)(packageName);
    if (!(await tf.setBackend('tensorflow'))) throw new Error('its backend did not start');
  } catch (error) {
    throw new Error(loadFailure(error), { cause: error });
  }
  const onGpu = backendAs<{ isUsingGpuDevice?: boolean }>().isUsingGpuDevice === true;
  registerRecurrentKernels('tensorflow');
  return {
    name: 'tensorflow',
    device: onGpu ? 'GPU, CUDA' : 'CPU, TensorFlow (without CUDA)',
    codePath: 'composite',
    synchronous: !onGpu,
    room: onGpu ? { ...processorRoom(), ...(await gpuMemory('nvidia', '', false)) } : processorRoom(),
    memory: () => ({ tensors: tf.memory().numTensors, bytes: tf.memory().numBytes }),
  };
}

export const tensorflow: EngineLoader = {
  name: 'tensorflow',
  open,
  remedy: `npm install ${packageName} where its binary can be downloaded, with CUDA's libraries`,
};
