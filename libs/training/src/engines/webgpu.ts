import { createRequire } from 'node:module';
import { recurrentGradientKernel, recurrentKernel, registerRecurrentKernels } from '../layers/recurrent-kernels';
import type { Engine, EngineLoader } from './engine';
import { describeAdapter, openDevice, type Adapter } from './webgpu-device';
import { Programs, type WebGpuBackend } from './webgpu-programs';
import { webGpuRecurrent } from './webgpu-recurrent';
import { webGpuTraining } from './webgpu-training';
import { tf } from './tfjs';

/** Loaded only where there is a GPU. */
const require = createRequire(__filename);

let opened: { adapter: Adapter; backend: WebGpuBackend } | undefined;

/** Operations recorded before they are submitted: an update is one submission, if it fits. */
const operationsOfSubmission = 2000;

async function start(): Promise<{ adapter: Adapter; backend: WebGpuBackend }> {
  const { adapter, device } = await openDevice(process.env.UNROLL_GPU);
  const { WebGPUBackend } =
    require('@tensorflow/tfjs-backend-webgpu') as typeof import('@tensorflow/tfjs-backend-webgpu');
  tf.env().set('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE', operationsOfSubmission);
  // Small tensors would be computed by the processor, and wait for what the GPU has yet to do.
  tf.env().set('WEBGPU_CPU_FORWARD', false);
  const backend = new WebGPUBackend(device as never, adapter.info as never);
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => backend);
  return { adapter, backend: backend as unknown as WebGpuBackend };
}

/** Registers our kernels for the backend, with the composite where a shader does not serve. */
function registerKernels(backend: WebGpuBackend): void {
  const programs = new Programs(backend);
  registerRecurrentKernels('webgpu');
  const { forward, backward } = webGpuRecurrent(backend, programs);
  for (const [kernelName, ours] of [
    [recurrentKernel, forward],
    [recurrentGradientKernel, backward],
  ] as const) {
    const composite = tf.getKernel(kernelName, 'webgpu').kernelFunc;
    tf.unregisterKernel(kernelName, 'webgpu');
    tf.registerKernel({
      kernelName,
      backendName: 'webgpu',
      kernelFunc: (given) => tf.tidy(() => ours(given as never) as never) ?? composite(given),
    });
  }
  for (const [kernelName, compute] of Object.entries(webGpuTraining(programs)))
    tf.registerKernel({
      kernelName,
      backendName: 'webgpu',
      kernelFunc: (given) => compute(given as never),
    });
}

async function open(): Promise<Engine> {
  if (!opened) {
    opened = await start();
    registerKernels(opened.backend);
  }
  const { adapter } = opened;
  if (!(await tf.setBackend('webgpu'))) throw new Error('the webgpu backend of TensorFlow.js did not start');
  return {
    name: 'webgpu',
    device: `GPU, WebGPU (${describeAdapter(adapter)})`,
    codePath: 'wgsl',
    synchronous: false,
    memory: () => ({ tensors: tf.memory().numTensors, bytes: tf.memory().numBytes }),
  };
}

export const webgpu: EngineLoader = {
  name: 'webgpu',
  open,
  remedy:
    'install the driver of a GPU for Vulkan, Metal or Direct3D 12 (with UNROLL_GPU=software a processor plays one, slowly)',
};
