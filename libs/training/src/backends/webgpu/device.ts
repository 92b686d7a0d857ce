import { createRequire } from 'node:module';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { gpuMemory } from '../engine/device-memory';

const packageName = 'webgpu';

/** What is used of Dawn's WebGPU, whose types a browser would have. */
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

/** Limits that the kernels use more of than a device has by default. */
const raised = [
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
];

/** Dawn itself, past the package's own module, which is ESM only. */
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
      const instance = loaded.create(options);
      // Kept for as long as the process lives: Dawn ends it where an instance is collected while a device of it lives.
      (loaded.instances ??= []).push(instance);
      return instance;
    },
  };
  Object.assign(globalThis, loaded.globals);
  // TensorFlow.js takes this for a sign that there is WebGPU; the device it is handed comes from here all the same.
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: dawn.create([]) }, configurable: true });
  return dawn;
}

/** Where the Vulkan loader looks for drivers. */
const driverFolders = [
  '/etc/vulkan/icd.d',
  '/usr/share/vulkan/icd.d',
  '/usr/local/share/vulkan/icd.d',
  '/usr/local/etc/vulkan/icd.d',
];

/** Whether there is a driver to be found: Dawn writes warnings of its own where there is none. */
function hasDriver(): boolean {
  if (process.platform !== 'linux' || process.env.VK_DRIVER_FILES || process.env.VK_ICD_FILENAMES) return true;
  const folders = [...driverFolders, join(homedir(), '.local/share/vulkan/icd.d')];
  return folders.some((folder) => existsSync(folder) && readdirSync(folder).length > 0);
}

/** Whether an adapter is a processor that plays a GPU. */
export const isSoftware = ({ info }: Adapter): boolean =>
  /swiftshader|llvmpipe|lavapipe|software|microsoft basic render/i.test(
    [info.vendor, info.architecture, info.device, info.description].join(' '),
  );

/**
 * The names of all adapters, in the order in which UNROLL_GPU counts them. Dawn tells them where it is asked for one that it has not.
 * Throws Error where the package is not there.
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

/** What `unroll doctor` prints of an adapter. */
export interface AdapterDescription {
  /** What --gpu and UNROLL_GPU take. */
  index: number;
  name: string;
  kind: 'GPU' | 'processor that plays a GPU';
  /** Bytes: of all its memory, as far as that can be found out, and of the largest tensor that it holds. */
  memory: number;
  largestTensor: number;
}

/** Every adapter, in the order in which --gpu counts them; none where there is no driver or no WebGPU. */
export async function describeAdapters(): Promise<AdapterDescription[]> {
  if (!hasDriver()) return [];
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
      kind: isGpu ? 'GPU' : 'processor that plays a GPU',
      memory: await gpuMemory(info.vendor, `${info.device} ${info.description}`, !isGpu),
      largestTensor: Math.min(limits.maxStorageBufferBindingSize!, limits.maxBufferSize!),
    };
  });
  return (await Promise.all(described)).filter((each) => each !== undefined);
}

/** One line for an adapter. */
export const describeAdapter = ({ info }: Adapter): string =>
  [info.vendor, info.description || info.device || info.architecture].filter(Boolean).join(', ');

/**
 * An adapter and its device, with the limits that the adapter has. `choice`: 'software' for a processor that plays a GPU, else the index or a part of the
 * name of an adapter; undefined for the fastest GPU. Throws Error with one line where there is none.
 */
export async function openDevice(choice: string | undefined): Promise<{ adapter: Adapter; device: Device }> {
  if (!hasDriver()) throw new Error('there is no Vulkan driver');
  const { create } = loadDawn();
  const wantsSoftware = choice === 'software';
  const adapter = await adapterOf(create, wantsSoftware ? undefined : choice);
  if (!adapter) throw new Error('there is no GPU that Vulkan, Metal or Direct3D 12 knows');
  if (isSoftware(adapter) && !wantsSoftware)
    throw new Error(`there is only a processor that plays a GPU (${describeAdapter(adapter)})`);
  if (!isSoftware(adapter) && wantsSoftware) throw new Error(`${describeAdapter(adapter)} is no software`);
  const device = await adapter.requestDevice({
    requiredLimits: Object.fromEntries(raised.map((name) => [name, adapter.limits[name]])),
    requiredFeatures: adapter.features.has('timestamp-query') ? ['timestamp-query'] : [],
  });
  return { adapter, device };
}

/** Resolves with the reason, one line, when a device can no longer be used: it is lost, or it refused something, memory above all. */
export function failureOf(device: Device): Promise<string> {
  const refused = new Promise<string>((resolve) =>
    device.addEventListener('uncapturederror', ({ error }) => {
      const [first] = error.message.split('\n');
      const isMemory = error.constructor.name === 'GPUOutOfMemoryError';
      resolve(isMemory ? `the GPU is out of memory: ${first}` : `the GPU refused a command: ${first}`);
    }),
  );
  const lost = device.lost.then(({ reason, message }) => `the GPU was lost (${reason}): ${message.split('\n')[0]}`);
  return Promise.race([refused, lost]);
}

async function adapterOf(create: Dawn['create'], choice: string | undefined): Promise<Adapter | null> {
  if (choice === undefined) return create([]).requestAdapter({ powerPreference: 'high-performance' });
  const names = await adapterNames();
  const name = /^\d+$/.test(choice) ? names[Number(choice)] : names.find((each) => each.includes(choice));
  if (name === undefined)
    throw new Error(
      `there is no GPU ${JSON.stringify(choice)}; there ${names.length === 1 ? 'is' : 'are'} ${names.map((each, index) => `${index}: ${each}`).join(', ') || 'none'}`,
    );
  return create([`adapter=${name}`]).requestAdapter();
}
