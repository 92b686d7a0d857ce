import { recurrentGradientKernel, recurrentKernel, registerRecurrentKernels } from '../../nn/recurrent-kernels';
import { gpuMemory } from '../engine/device-memory';
import type { Engine, EngineLoader } from '../engine/engine';
import { describeAdapter, hasHalf, isSoftware, openDevice, watchDevice, type Adapter } from './device';
import { webGpuAttention } from './attention';
import { countSubmissions, guardReadings, Programs, submit, trimBuffers, type WebGpuBackend } from './programs';
import { webGpuLayers } from './layers';
import { webGpuProducts } from './products';
import { webGpuRecurrent } from './recurrent';
import { webGpuScan } from './scan';
import { webGpuSums } from './sums';
import { webGpuTraining } from './training';
import { webGpuTrees } from './trees';
import { webGpuWholeNumbers } from './whole-numbers';
import {
  backendAs,
  findKernel,
  replaceKernels,
  tf,
  type KernelBackend,
  type Tensor,
  type KernelConfig,
} from '../../tensor/tfjs';

interface Opened {
  adapter: Adapter;
  backend: WebGpuBackend;
  programs: Programs;
  room: Engine['room'];
  submissions: () => number;
  broken: Promise<string>;
}

let opened: Opened | undefined;

/** Operations recorded before they are submitted: an update is one submission, if it fits. */
const operationsOfSubmission = 2000;

async function start(): Promise<Omit<Opened, 'programs'>> {
  const { adapter, device } = await openDevice(process.env.UNROLL_GPU);
  const health = watchDevice(device);
  // The next caller gets another device.
  void health.broken.then(() => (opened = undefined));
  // Loaded only where there is a GPU, and in a way that a bundler finds and Jest can follow: an import() is neither.
  const { WebGPUBackend } =
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    require('@tensorflow/tfjs-backend-webgpu') as typeof import('@tensorflow/tfjs-backend-webgpu');
  tf.env().set('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE', operationsOfSubmission);
  // Small tensors would be computed by the processor, and wait for the GPU's queue.
  tf.env().set('WEBGPU_CPU_FORWARD', false);
  // The types of WebGPU belong to browsers, not to Node.
  const backend = new (WebGPUBackend as new (device: object, info: object) => KernelBackend)(device, adapter.info);
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => backend);
  const { vendor, device: name, description } = adapter.info;
  const room = {
    ...(await gpuMemory(vendor, `${name} ${description}`, isSoftware(adapter))),
    one: Math.min(device.limits.maxStorageBufferBindingSize!, device.limits.maxBufferSize!),
  };
  const ours = backendAs<WebGpuBackend>(backend);
  guardReadings(ours, health);
  return { adapter, backend: ours, submissions: countSubmissions(ours), room, broken: health.broken };
}

/** The kernels that ours replace, by name; undefined where TensorFlow.js has none. */
const plainOnes = new Map<string, KernelConfig['kernelFunc'] | undefined>();

/** Registers our kernels for the backend; the replaced ones still run where no shader applies. */
function registerKernels(backend: WebGpuBackend): Programs {
  const programs = new Programs(backend);
  registerRecurrentKernels('webgpu');
  const { multiply, kernels } = webGpuProducts(programs);
  const { forward, backward } = webGpuRecurrent(programs, multiply);
  const inTidy =
    <Given>(compute: (given: Given) => Tensor[] | undefined) =>
    (given: Given) =>
      tf.tidy(() => compute(given)!);
  const ours = {
    [recurrentKernel]: inTidy(forward),
    [recurrentGradientKernel]: inTidy(backward),
    ...webGpuTraining(programs),
    ...webGpuAttention(programs),
    ...webGpuLayers(programs),
    ...webGpuWholeNumbers(programs),
    ...webGpuScan(programs),
    ...webGpuSums(programs),
    ...webGpuTrees(programs),
    ...kernels,
  };
  // After a device was lost, our kernels for that device are still registered.
  for (const kernelName of Object.keys(ours))
    if (!plainOnes.has(kernelName)) plainOnes.set(kernelName, findKernel(kernelName, 'webgpu')?.kernelFunc);
  replaceKernels('webgpu', ours, (kernelName) => plainOnes.get(kernelName));
  return programs;
}

async function open(): Promise<Engine> {
  if (!opened) {
    const started = await start();
    opened = { ...started, programs: registerKernels(started.backend) };
  }
  const { adapter, backend, programs, submissions, room, broken } = opened;
  if (!(await tf.setBackend('webgpu'))) throw new Error('the webgpu backend of TensorFlow.js did not start');
  return {
    name: 'webgpu',
    device: `GPU, WebGPU (${describeAdapter(adapter)})`,
    codePath: 'wgsl',
    synchronous: false,
    // Float32 first, which `auto` takes: no GPU was there to measure whether float16 is faster.
    precisions: () => (hasHalf(adapter) ? ['float32', 'float16'] : ['float32']),
    usePrecision: (precision) => void (programs.half = precision === 'float16'),
    ...{ room, broken, submissions },
    submit: () => submit(backend),
    trim: () => trimBuffers(backend),
    memory: () => ({ tensors: tf.memory().numTensors, bytes: backend.bufferManager.numBytesAllocated }),
  };
}

export const webgpu: EngineLoader = {
  name: 'webgpu',
  open,
  remedy: 'install the driver of a GPU for Vulkan, Metal or Direct3D 12 (--gpu software emulates one, slowly)',
};
