import { hasGpuDriver, mayHaveGpu } from '@unroll/kernels';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gpuMemory } from '../engine/device-memory';

const packageName = 'webgpu';

/** The parts of Dawn's WebGPU that are used here; its types exist only for browsers. */
export interface Adapter {
  readonly info: { vendor: string; architecture: string; device: string; description: string };
  readonly limits: Record<string, number>;
  readonly features: Iterable<string> & { has(name: string): boolean };
  requestDevice(descriptor: object): Promise<Device>;
}

export interface Device {
  readonly limits: Record<string, number>;
  destroy(): void;
  readonly lost: Promise<{ reason: string; message: string }>;
  readonly queue: { writeBuffer(buffer: object, offset: number, data: ArrayBufferView): void };
  createBuffer(descriptor: object): object;
  createShaderModule(descriptor: object): object;
  createComputePipeline(descriptor: object): { getBindGroupLayout(index: number): object };
  createBindGroup(descriptor: object): object;
  addEventListener(type: 'uncapturederror', listener: (event: { error: Error }) => void): void;
}

interface Dawn {
  create: (options: string[]) => { requestAdapter(options?: object): Promise<Adapter | null> };
  globals: Record<string, unknown>;
}

/** Limits that the kernels need raised above a device's defaults. */
const raised = [
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
];

/** Float16 in shaders; `hasHalf` of an adapter. */
const half = 'shader-f16';
/** Features that are used where an adapter has them. */
const used = ['timestamp-query', half];

/**
 * Dawn withholds float16 of NVIDIA's GPUs under Vulkan, because not all of its conformance tests pass there (crbug.com/42251215; webgpu
 * 0.6.2). This asks for it all the same: only `training.precision: float16` uses it, and `unroll verify` checks its products.
 */
const toggles = 'enable-dawn-features=vulkan_enable_f16_on_nvidia';

/** Dawn itself, bypassing the package's own module, which is ESM only. */
let dawn: Dawn | undefined;
function loadDawn(): Dawn {
  if (dawn) return dawn;
  const require = createRequire(__filename);
  const architecture = process.platform === 'darwin' ? 'universal' : process.arch;
  const folder = join(dirname(require.resolve(packageName)), 'dist', `${process.platform}-${architecture}`);
  const loaded = require(join(folder, 'dawn.node')) as Dawn & { instances?: object[] };
  dawn = {
    globals: loaded.globals,
    create(options) {
      const instance = loaded.create([toggles, ...options]);
      // Kept for the life of the process: Dawn crashes if an instance is collected while one of its devices is alive.
      (loaded.instances ??= []).push(instance);
      return instance;
    },
  };
  Object.assign(globalThis, loaded.globals);
  // TensorFlow.js detects WebGPU by this; the device it gets still comes from here.
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: dawn.create([]) }, configurable: true });
  return dawn;
}

/** Whether products of float16 can be computed on an adapter. */
export const hasHalf = ({ features }: Adapter): boolean => features.has(half);

/** Whether an adapter is a software GPU. */
export const isSoftware = ({ info }: Adapter): boolean =>
  /swiftshader|llvmpipe|lavapipe|software|microsoft basic render/i.test(
    [info.vendor, info.architecture, info.device, info.description].join(' '),
  );

/**
 * The names of all adapters, in the order in which UNROLL_GPU counts them. Dawn lists them when it is asked for an unknown
 * one. Throws Error if the package is not installed.
 */
export async function adapterNames(): Promise<string[]> {
  const { create } = loadDawn();
  try {
    await create(['adapter=\u0000']).requestAdapter();
    return [];
  } catch (error) {
    return [...String((error as Error).message).matchAll(/name: '([^']*)'/g)].map(([, name]) => name!);
  }
}

/** What `unroll doctor` prints about an adapter. */
export interface AdapterDescription {
  /** The value for --gpu and UNROLL_GPU. */
  index: number;
  name: string;
  kind: 'GPU' | 'software GPU';
  /** Bytes of its memory, as far as known, and of the largest tensor that it can hold. */
  memory: number;
  largestTensor: number;
  /** Whether `training.precision: float16` runs on it. */
  hasHalf: boolean;
}

/** Every adapter, in the order in which --gpu counts them; none where there is no driver or no WebGPU. */
export async function describeAdapters(): Promise<AdapterDescription[]> {
  if (!hasGpuDriver()) return [];
  const names = await adapterNames().catch(() => []);
  const described = names.map(async (name, index): Promise<AdapterDescription | undefined> => {
    const adapter = await loadDawn()
      .create([`adapter=${name}`])
      .requestAdapter();
    if (!adapter) return undefined;
    const { info, limits } = adapter;
    const isGpu = !isSoftware(adapter);
    return {
      ...{ index, name },
      kind: isGpu ? 'GPU' : 'software GPU',
      memory: (await gpuMemory(info.vendor, `${info.device} ${info.description}`, !isGpu)).all,
      largestTensor: Math.min(limits.maxStorageBufferBindingSize!, limits.maxBufferSize!),
      hasHalf: hasHalf(adapter),
    };
  });
  return (await Promise.all(described)).filter((each) => each !== undefined);
}

const noGpu = 'there is no GPU known to Vulkan, Metal or Direct3D 12';

/** One line for an adapter. */
export const describeAdapter = ({ info }: Adapter): string =>
  [info.vendor, info.description || info.device || info.architecture].filter(Boolean).join(', ');

/**
 * An adapter and its device, with the limits that the adapter has. `choice`: 'software' for a software GPU, else the index
 * or a part of the name of an adapter; undefined for the fastest GPU. Throws Error with one line where there is none.
 */
export async function openDevice(choice: string | undefined): Promise<{ adapter: Adapter; device: Device }> {
  if (!hasGpuDriver()) throw new Error('there is no Vulkan driver');
  if (!mayHaveGpu()) throw new Error(noGpu);
  const { create } = loadDawn();
  const wantsSoftware = choice === 'software';
  const adapter = await findAdapter(create, wantsSoftware ? undefined : choice);
  if (!adapter) throw new Error(noGpu);
  if (isSoftware(adapter) && !wantsSoftware)
    throw new Error(`there is only a software GPU (${describeAdapter(adapter)})`);
  if (!isSoftware(adapter) && wantsSoftware) throw new Error(`${describeAdapter(adapter)} is not a software GPU`);
  const device = await adapter.requestDevice({
    requiredLimits: Object.fromEntries(raised.map((name) => [name, adapter.limits[name]])),
    requiredFeatures: used.filter((name) => adapter.features.has(name)),
  });
  return { adapter, device };
}

/** Whether a device can still be trusted. */
export interface DeviceHealth {
  /** Resolves with the reason, one line, when the device can no longer be used. */
  readonly broken: Promise<string>;
  /** The reason, from the moment at which it is known; undefined of a device in order. */
  readonly fault: () => string | undefined;
}

/** Watches a device, which breaks when it is lost, or refuses a command: a shader, or a buffer for which there is no memory. */
export function watchDevice(device: Pick<Device, 'addEventListener' | 'lost'>): DeviceHealth {
  let first: string | undefined;
  const broken = new Promise<string>((resolve) => {
    const breaks = (reason: string): void => resolve((first ??= reason));
    device.addEventListener('uncapturederror', ({ error }) => {
      const [line] = error.message.split('\n');
      const isMemory = error.constructor.name === 'GPUOutOfMemoryError';
      breaks(isMemory ? `the GPU is out of memory: ${line}` : `the GPU refused a command: ${line}`);
    });
    void device.lost.then(({ reason, message }) => breaks(`the GPU was lost (${reason}): ${message.split('\n')[0]}`));
  });
  return { broken, fault: () => first };
}

async function findAdapter(create: Dawn['create'], choice: string | undefined): Promise<Adapter | null> {
  if (choice === undefined) return create([]).requestAdapter({ powerPreference: 'high-performance' });
  const names = await adapterNames();
  const name = /^\d+$/.test(choice) ? names[Number(choice)] : names.find((each) => each.includes(choice));
  if (name === undefined) {
    const known = names.map((each, index) => `${index}: ${each}`).join(', ') || 'none';
    throw new Error(`there is no GPU ${JSON.stringify(choice)}; there ${names.length === 1 ? 'is' : 'are'} ${known}`);
  }
  return create([`adapter=${name}`]).requestAdapter();
}
