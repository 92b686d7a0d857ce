import { recurrentGradientKernel, recurrentKernel, registerRecurrentKernels } from '../../nn/recurrent-kernels';
import { gpuMemory } from '../engine/device-memory';
import type { Engine, EngineLoader } from '../engine/engine';
import { describeAdapter, failureOf, isSoftware, openDevice, type Adapter } from './device';
import { countSubmissions, Programs, submit, trimBuffers, type WebGpuBackend } from './programs';
import { webGpuProducts } from './products';
import { webGpuRecurrent } from './recurrent';
import { webGpuTraining } from './training';
import { tf, type TensorInfo } from '../../tensor/tfjs';

interface Opened {
  adapter: Adapter;
  backend: WebGpuBackend;
  room: Engine['room'];
  submissions: () => number;
  broken: Promise<string>;
}

let opened: Opened | undefined;

/** Operations recorded before they are submitted: an update is one submission, if it fits. */
const operationsOfSubmission = 2000;

async function start(): Promise<Opened> {
  const { adapter, device } = await openDevice(process.env.UNROLL_GPU);
  const broken = failureOf(device);
  // The next one who asks gets another device.
  void broken.then(() => (opened = undefined));
  // Loaded only where there is a GPU, and in a way that a bundler finds and Jest can follow: an import() is neither.
  const { WebGPUBackend } =
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    require('@tensorflow/tfjs-backend-webgpu') as typeof import('@tensorflow/tfjs-backend-webgpu');
  tf.env().set('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE', operationsOfSubmission);
  // Small tensors would be computed by the processor, and wait for what the GPU has yet to do.
  tf.env().set('WEBGPU_CPU_FORWARD', false);
  const backend = new WebGPUBackend(device as never, adapter.info as never);
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => backend);
  const { vendor, device: name, description } = adapter.info;
  const room = {
    all: await gpuMemory(vendor, `${name} ${description}`, isSoftware(adapter)),
    one: Math.min(device.limits.maxStorageBufferBindingSize!, device.limits.maxBufferSize!),
  };
  const ours = backend as unknown as WebGpuBackend;
  return { adapter, backend: ours, submissions: countSubmissions(ours), room, broken };
}

/** What ours take the place of, by kernel; undefined for what TensorFlow.js has not. */
const plainOnes = new Map<string, tf.KernelConfig['kernelFunc'] | undefined>();

/** Registers our kernels for the backend, with what was there before where a shader does not serve. */
function registerKernels(backend: WebGpuBackend): void {
  const programs = new Programs(backend);
  registerRecurrentKernels('webgpu');
  const { multiply, kernels } = webGpuProducts(programs);
  const { forward, backward } = webGpuRecurrent(programs, multiply);
  const inTidy = (compute: (given: never) => unknown) => (given: never) => tf.tidy(() => compute(given) as never);
  const ours: Record<string, (given: never) => unknown> = {
    [recurrentKernel]: inTidy(forward),
    [recurrentGradientKernel]: inTidy(backward),
    ...webGpuTraining(programs),
    ...kernels,
  };
  for (const [kernelName, compute] of Object.entries(ours)) {
    const there = tf.getKernel(kernelName, 'webgpu') as tf.KernelConfig | undefined;
    if (!plainOnes.has(kernelName)) plainOnes.set(kernelName, there?.kernelFunc);
    // Of a device that was lost too.
    if (there) tf.unregisterKernel(kernelName, 'webgpu');
    const plain = plainOnes.get(kernelName);
    tf.registerKernel({
      kernelName,
      backendName: 'webgpu',
      kernelFunc: (given) => (compute(given as never) ?? plain!(given)) as TensorInfo,
    });
  }
}

async function open(): Promise<Engine> {
  if (!opened) {
    opened = await start();
    registerKernels(opened.backend);
  }
  const { adapter, backend, submissions, room, broken } = opened;
  if (!(await tf.setBackend('webgpu'))) throw new Error('the webgpu backend of TensorFlow.js did not start');
  return {
    name: 'webgpu',
    device: `GPU, WebGPU (${describeAdapter(adapter)})`,
    codePath: 'wgsl',
    synchronous: false,
    ...{ room, broken, submissions },
    submit: () => submit(backend),
    trim: () => trimBuffers(backend),
    memory: () => ({ tensors: tf.memory().numTensors, bytes: backend.bufferManager.numBytesAllocated }),
  };
}

export const webgpu: EngineLoader = {
  name: 'webgpu',
  open,
  remedy:
    'install the driver of a GPU for Vulkan, Metal or Direct3D 12 (with --gpu software a processor plays one, slowly)',
};
