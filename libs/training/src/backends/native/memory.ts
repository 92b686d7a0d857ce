import type { TensorInfo } from '../../tensor/tfjs';
import { DataId, StorageOnIds, type DataStorage, type Values } from './storage';

/** The internals of TensorFlow.js' cpu backend that are used here. */
interface CpuBackend {
  data: DataStorage;
  write(values: Values, shape: number[], dtype: string): object;
  move(dataId: object, values: Values, ...rest: unknown[]): void;
  read(dataId: object): Promise<Values>;
  readSync(dataId: object): Values;
  disposeData(dataId: object, force?: boolean): boolean;
}

/** Arrays smaller than this are not worth keeping, in values: they lie among JavaScript's objects. */
const smallest = 17;
/** Arrays smaller than this are not worth memory of the kernels' own. */
const smallestOwn = 4096;
/** The most bytes of free arrays that are kept. */
const mostKept = 2 ** 29;

/**
 * The size of the array for so many values, an eighth larger at most: batches of trees or sentences are never of one size, and
 * should find arrays of earlier ones.
 */
function roomFor(size: number): number {
  if (size < smallest) return size;
  const step = 2 ** (28 - Math.clz32(size));
  return Math.ceil(size / step) * step;
}

interface Free {
  values: Float32Array;
  run: number;
}

/**
 * Memory of our kernels: float32 arrays that are kept when their tensor is disposed and lent again, since fresh ones cost
 * more (pages that the system has to clear) than many a kernel's computation.
 *
 * An array that TensorFlow.js hands out elsewhere, as a view under another tensor or to the user, is never lent again.
 */
export class NativeMemory {
  /** By their length, each with the run after which it was last used. */
  private readonly free = new Map<number, Free[]>();
  private readonly lent = new Set<ArrayBufferLike>();
  private readonly data: StorageOnIds;
  private kept = 0;
  private run = 0;

  /** `fresh`: memory of so many bytes that the kernels like best, undefined where there is none of the kind. */
  constructor(
    backend: CpuBackend,
    private readonly fresh: (bytes: number) => ArrayBuffer | undefined = () => undefined,
  ) {
    this.data = new StorageOnIds(backend.data);
    backend.data = this.data;
    const plain = {
      move: backend.move.bind(backend),
      read: backend.read.bind(backend),
      readSync: backend.readSync.bind(backend),
    };
    backend.write = (values, _shape, dtype) => this.store(this.escapes(values), dtype);
    backend.move = (dataId, values, ...rest) => plain.move(dataId, this.escapes(values), ...rest);
    backend.read = async (dataId) => this.escapes(await plain.read(dataId));
    backend.readSync = (dataId) => this.escapes(plain.readSync(dataId));
    backend.disposeData = (dataId, force = false) => this.dispose(dataId, force);
  }

  /** A tensor with uninitialised values: all of them have to be written. `shape` must not change later. */
  allocate(shape: number[]): TensorInfo & { values: Float32Array } {
    let size = 1;
    for (const length of shape) size *= length;
    const values = this.take(size);
    if (size >= smallest) this.lent.add(values.buffer);
    return { dataId: this.store(values, 'float32'), shape, dtype: 'float32', values };
  }

  /**
   * Whether a tensor's memory is lent from here and nobody outside has seen its values. That is not enough to write over it: tensors of
   * other shapes may share it (`view`), and are not counted, since most are only not disposed yet. Whoever writes over it has to know that
   * nothing reads it any more, in any shape: what `overwrites` promises.
   */
  isOwn({ dataId }: TensorInfo): boolean {
    return this.lent.has(this.data.get(dataId).values.buffer);
  }

  /** Another tensor in the memory of one, of as many values; the memory is free once both are disposed. */
  view({ dataId, dtype }: TensorInfo, shape: number[]): TensorInfo {
    this.data.get(dataId).refCount++;
    return { dataId, shape, dtype };
  }

  /** The same of float32, with the values. */
  share(tensor: TensorInfo, shape: number[]): TensorInfo & { values: Float32Array } {
    return { ...this.view(tensor, shape), values: this.floats(tensor) };
  }

  /** A tensor of integers, all 0. */
  allocateIntegers(shape: readonly number[]): TensorInfo & { values: Int32Array } {
    const values = new Int32Array(shape.reduce((size, length) => size * length, 1));
    return { dataId: this.store(values, 'int32'), shape: [...shape], dtype: 'int32', values };
  }

  /** A tensor of truth values, all false. */
  allocateMask(shape: readonly number[]): TensorInfo & { values: Uint8Array } {
    const values = new Uint8Array(shape.reduce((size, length) => size * length, 1));
    return { dataId: this.store(values, 'bool'), shape: [...shape], dtype: 'bool', values };
  }

  /** The values of a tensor as float32, not copied where they are stored as such. */
  floats({ dataId }: TensorInfo): Float32Array {
    const { values } = this.data.get(dataId);
    return values instanceof Float32Array ? values : Float32Array.from(values);
  }

  integers({ dataId }: TensorInfo): Int32Array {
    const { values } = this.data.get(dataId);
    return values instanceof Int32Array ? values : Int32Array.from(values);
  }

  /** A mask's values, undefined for none. */
  mask(info: TensorInfo | undefined): Uint8Array | undefined {
    if (!info) return undefined;
    const { values } = this.data.get(info.dataId);
    return values instanceof Uint8Array ? values : Uint8Array.from(values, (value) => Number(value !== 0));
  }

  /** Another run begins: what only earlier ones used makes room for what it needs. */
  beginRun(): void {
    this.run++;
  }

  private store(values: Values, dtype: string): object {
    const dataId = new DataId();
    this.data.set(dataId, { values, dtype, refCount: 1 });
    return dataId;
  }

  /** Returns whether the data are gone: the last tensor of them was disposed. */
  private dispose(dataId: object, force: boolean): boolean {
    if (!this.data.has(dataId)) return true;
    const stored = this.data.get(dataId);
    if (--stored.refCount > 0 && !force) return false;
    const { complexTensorInfos: parts, values } = stored;
    if (parts) for (const each of [parts.real, parts.imag]) this.dispose(each.dataId, true);
    this.data.delete(dataId);
    if (values?.length >= smallest && this.lent.delete(values.buffer)) this.keep(values as Float32Array);
    return true;
  }

  private take(size: number): Float32Array {
    const room = roomFor(size);
    const kept = this.free.get(room)?.pop()?.values;
    if (kept) this.kept -= kept.byteLength;
    const values = kept ?? this.own(room);
    return room > size ? values.subarray(0, size) : values;
  }

  private own(room: number): Float32Array {
    if (room < smallestOwn) return new Float32Array(room);
    this.dropEarlier(4 * room);
    const memory = this.fresh(4 * room);
    return memory ? new Float32Array(memory) : new Float32Array(room);
  }

  /** Drops free arrays that this run has not used, until they had so many bytes. */
  private dropEarlier(bytes: number): void {
    let dropped = 0;
    for (const [length, arrays] of this.free) {
      // The one that was used last is at the end.
      while (dropped < bytes && arrays.length > 0 && arrays[0]!.run < this.run) {
        arrays.shift();
        dropped += 4 * length;
      }
      if (arrays.length === 0) this.free.delete(length);
    }
    this.kept -= dropped;
  }

  private keep(lent: Float32Array): void {
    const { buffer } = lent;
    if (buffer.byteLength > mostKept) return;
    const values = lent.byteLength === buffer.byteLength ? lent : new Float32Array(buffer);
    // Sizes that are no longer used must not be kept forever.
    if (this.kept + values.byteLength > mostKept) {
      this.free.clear();
      this.kept = 0;
    }
    const free = { values, run: this.run };
    const same = this.free.get(values.length);
    if (same) same.push(free);
    else this.free.set(values.length, [free]);
    this.kept += values.byteLength;
  }

  private escapes<Any extends Values>(values: Any): Any {
    if (values?.buffer) this.lent.delete(values.buffer);
    return values;
  }
}
