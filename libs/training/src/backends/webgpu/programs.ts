import { asFloatsShader, grid, shaderSource, type Shader } from '@unroll/kernels';
import type { Device, DeviceHealth } from './device';
import { backendAs, tf, type Tensor, type TensorInfo } from '../../tensor/tfjs';

/** Buffers by size and usage; those not in use by a tensor are in `freeBuffers`. */
interface BufferManager {
  freeBuffers: Map<string, { size: number; destroy(): void }[]>;
  numFreeBuffers: number;
  numBytesAllocated: number;
}

/** The internals of TensorFlow.js' WebGPU backend that are used here. */
export interface WebGpuBackend {
  device: Device;
  bufferManager: BufferManager;
  tensorMap: { get(dataId: object): { resource: object | null; values?: ArrayLike<number> | null; dtype: string } };
  commandEncoder: null | { beginComputePass(descriptor: object): ComputePass };
  computePassEncoder: ComputePass | null;
  commandQueueOwnedIds: WeakSet<object>;
  dispatchCountInPass: number;
  uploadToGPU(dataId: object): void;
  read(dataId: object): Promise<ArrayLike<number>>;
  makeTensorInfo(shape: number[], dtype: 'float32' | 'int32' | 'bool'): TensorInfo;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  disposeData(dataId: object): boolean;
}

interface ComputePass {
  setPipeline(pipeline: object): void;
  setBindGroup(index: number, group: object): void;
  dispatchWorkgroups(x: number, y: number, z: number): void;
}

/** A program's output as a tensor of the surrounding tidy. */
export const owned = (info: unknown): Tensor =>
  backendAs<{ makeTensorFromTensorInfo(info: unknown): Tensor }>(tf.engine()).makeTensorFromTensorInfo(info);

export interface Dispatch {
  shader: Shader;
  inputs: readonly TensorInfo[];
  /** Shapes of the outputs. */
  outputs: readonly (readonly number[])[];
  /** The outputs, where they already exist. */
  into?: TensorInfo[] | undefined;
  /** The type of the outputs, where it is not that of the shader: on the device, truth values are whole numbers. */
  type?: 'bool' | undefined;
  numbers: readonly number[];
  /** How many side by side, and one above the other. */
  workgroups: readonly [x: number, y: number];
}

/** The most workgroups along one dimension: every device supports this many. */
const mostAcross = 32_768;

/** This many workgroups, over two dimensions of a dispatch. */
export function over(count: number): { across: number; workgroups: readonly [number, number] } {
  const across = Math.min(count, mostAcross);
  return { across, workgroups: [across, Math.ceil(count / across)] };
}

/**
 * Destroys unused buffers: TensorFlow.js keeps each for another tensor of its size, and after a change of shapes there is
 * none.
 */
export function trimBuffers({ bufferManager }: WebGpuBackend): void {
  for (const buffers of bufferManager.freeBuffers.values())
    for (const buffer of buffers.splice(0)) {
      buffer.destroy();
      bufferManager.numFreeBuffers--;
      bufferManager.numBytesAllocated -= buffer.size;
    }
}

/** Submits recorded work to the device. */
export function submit(backend: WebGpuBackend): void {
  if (!backend.commandEncoder) return;
  backend.endComputePassEncoder();
  backend.submitQueue();
}

/** Counts submissions from now on, including TensorFlow.js' own for reading back. */
export function countSubmissions(backend: WebGpuBackend): () => number {
  let count = 0;
  const plain = backend.submitQueue.bind(backend);
  backend.submitQueue = () => {
    count++;
    plain();
  };
  return () => count;
}

/**
 * Refuses to read values of a device that broke. A command that it refuses leaves its output as it was, mostly zeros: since every result is
 * read back, none that follows from such an output reaches a caller. Dawn reports a refusal before the command returns.
 */
export function guardReadings(backend: WebGpuBackend, { fault }: DeviceHealth): void {
  const plain = backend.read.bind(backend);
  backend.read = async (dataId) => {
    try {
      const values = await plain(dataId);
      if (fault() === undefined) return values;
    } catch (error) {
      // A buffer of a lost device is refused before the loss is known.
      await new Promise((resolve) => setImmediate(resolve));
      if (fault() === undefined) throw error;
    }
    throw new Error(fault());
  };
}

interface Pipeline {
  itself: object;
  layout: object;
  number: number;
}

/** The most sizes of zero buffers that are kept. */
const mostZeros = 16;

function isZero(values: ArrayLike<number>): boolean {
  for (let index = 0; index < values.length; index++) if (values[index] !== 0) return false;
  return true;
}

/** The most bind groups that are kept. */
const mostGroups = 4096;

/** Runs our shaders among TensorFlow.js' own, in the pass that it is recording, without extra submissions. */
export class Programs {
  private readonly pipelines = new Map<string, Pipeline>();
  private readonly uniforms = new Map<string, object>();
  /** Buffers recur in the same places update after update, so their bind groups are found again by number. */
  private readonly groups = new Map<string, object>();
  private readonly zeros = new Map<number, object>();
  private readonly numbers = new WeakMap<object, number>();
  private numbered = 0;
  /** Whether operands of products are rounded to float16, from now on. */
  half = false;
  /** Read once: each access to a device's limits creates an object of all. */
  readonly limits: Readonly<Record<'maxStorageBuffersPerShaderStage' | 'maxComputeWorkgroupStorageSize', number>>;

  constructor(private readonly backend: WebGpuBackend) {
    const { maxStorageBuffersPerShaderStage, maxComputeWorkgroupStorageSize } = backend.device.limits;
    this.limits = {
      maxStorageBuffersPerShaderStage: maxStorageBuffersPerShaderStage!,
      maxComputeWorkgroupStorageSize: maxComputeWorkgroupStorageSize!,
    };
  }

  /** Whether the device can bind this many buffers at once. */
  fits({ outputs, inputs }: Shader): boolean {
    return outputs.length + inputs.length <= this.limits.maxStorageBuffersPerShaderStage;
  }

  /** Records one dispatch. The outputs are the caller's. */
  run(dispatch: Dispatch): TensorInfo[] {
    const { shader, inputs: given } = dispatch;
    const inputs = given.map((info, index) => (shader.inputs[index]![1] === 'f32' ? this.asFloats(info) : info));
    const outputs = this.record({ ...dispatch, inputs });
    inputs.forEach((info, index) => {
      if (info !== given[index]) this.forget(info);
    });
    return outputs;
  }

  /** TensorFlow.js' cast of whole numbers or truth values to floats leaves them on the device as they are: only its own shaders know. */
  private asFloats(info: TensorInfo): TensorInfo {
    if (this.backend.tensorMap.get(info.dataId).dtype === 'float32') return info;
    const count = info.shape.reduce((product, size) => product * size, 1);
    const { across, workgroups } = over(Math.ceil(count / 256));
    const numbers = [count, across];
    return this.record({ shader: asFloatsShader, inputs: [info], outputs: [info.shape], numbers, workgroups })[0]!;
  }

  private record({ shader, inputs, outputs, into, type, numbers, workgroups }: Dispatch): TensorInfo[] {
    const { backend } = this;
    const dtype = type ?? (shader.outputType === 'i32' ? 'int32' : 'float32');
    const infos = into ?? outputs.map((shape) => backend.makeTensorInfo([...shape], dtype));
    const pipeline = this.getPipeline(shader);
    const buffers = [...infos, ...inputs].map((info) => this.getBuffer(info));
    const { dispatched, numbers: ofGrid } = grid(workgroups);
    const group = this.getBindGroup(pipeline, [...buffers, this.getUniform([...numbers, ...ofGrid])]);
    backend.ensureCommandEncoderReady();
    backend.computePassEncoder ??= backend.commandEncoder!.beginComputePass({});
    const pass = backend.computePassEncoder;
    pass.setPipeline(pipeline.itself);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(...dispatched, 1);
    backend.dispatchCountInPass++;
    if (backend.dispatchCountInPass >= tf.env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE')) submit(backend);
    return infos;
  }

  /** Disposes an output of `run` that was not handed out. */
  forget({ dataId }: TensorInfo): void {
    this.backend.disposeData(dataId);
  }

  /**
   * A tensor's buffer on the device. Zeros that are not on the device, such as the gradient of an unused output, are not
   * uploaded: all of a size share a buffer.
   */
  private getBuffer({ dataId }: TensorInfo): object {
    const { backend } = this;
    const { resource, values } = backend.tensorMap.get(dataId);
    if (!resource && values && isZero(values)) return this.getZeros(values.length);
    backend.uploadToGPU(dataId);
    backend.commandQueueOwnedIds.add(dataId);
    return backend.tensorMap.get(dataId).resource!;
  }

  private getZeros(count: number): object {
    const known = this.zeros.get(count);
    if (known) return known;
    const { STORAGE } = bufferUsages();
    const buffer = this.backend.device.createBuffer({ size: 4 * count, usage: STORAGE! });
    if (this.zeros.size >= mostZeros) this.zeros.clear();
    this.zeros.set(count, buffer);
    return buffer;
  }

  private getPipeline(shader: Shader): Pipeline {
    const known = this.pipelines.get(shader.key);
    if (known) return known;
    const { device } = this.backend;
    const module = device.createShaderModule({ code: shaderSource(shader), label: shader.key });
    const itself = device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'main' } });
    const pipeline = { itself, layout: itself.getBindGroupLayout(0), number: this.pipelines.size };
    this.pipelines.set(shader.key, pipeline);
    return pipeline;
  }

  private getBindGroup({ layout, number }: Pipeline, buffers: readonly object[]): object {
    const key = `${number} ${buffers.map((buffer) => this.bufferNumber(buffer)).join(' ')}`;
    const known = this.groups.get(key);
    if (known) return known;
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    const group = this.backend.device.createBindGroup({ layout, entries });
    // Those of destroyed buffers are never looked up again.
    if (this.groups.size >= mostGroups) this.groups.clear();
    this.groups.set(key, group);
    return group;
  }

  private bufferNumber(buffer: object): number {
    const known = this.numbers.get(buffer);
    if (known !== undefined) return known;
    this.numbers.set(buffer, this.numbered);
    return this.numbered++;
  }

  /** A uniform buffer with these numbers. There are few distinct ones: the shapes of batches. */
  private getUniform(numbers: readonly number[]): object {
    const key = numbers.join(' ');
    const known = this.uniforms.get(key);
    if (known) return known;
    const { device } = this.backend;
    const { UNIFORM, COPY_DST } = bufferUsages();
    const size = Math.ceil(numbers.length / 4) * 16;
    const buffer = device.createBuffer({ size, usage: UNIFORM! | COPY_DST! });
    const words = new Uint32Array(size / 4);
    words.set(numbers);
    device.queue.writeBuffer(buffer, 0, words);
    this.uniforms.set(key, buffer);
    return buffer;
  }
}

/** Dawn's constants, global once it is loaded. */
const bufferUsages = (): Record<string, number> =>
  (globalThis as typeof globalThis & { GPUBufferUsage: Record<string, number> }).GPUBufferUsage;
