import type { TensorInfo } from '../../tensor/tfjs';

/** The internals of TensorFlow.js' wasm backend that are used here (4.22, its last release). */
export interface WasmBackend {
  wasm: {
    HEAPU8: Uint8Array;
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    _BatchMatMul(
      aId: number,
      aShape: number,
      aRank: number,
      bId: number,
      bShape: number,
      bRank: number,
      transposeA: number,
      transposeB: number,
      outId: number,
    ): void;
    tfjs: { registerTensor(id: number, size: number, pointer: number): void; disposeData(id: number): void };
  };
  dataIdMap: { get(dataId: object): { id: number; memoryOffset: number } };
  dataIdNextNumber: number;
  incRef(dataId: object): void;
  makeOutput(shape: number[], dtype: string): TensorInfo;
  disposeData(dataId: object, force?: boolean): boolean;
}

let cached: Float32Array = new Float32Array(0);

/** The whole heap as float32 (a word of any 4-byte type can be moved through it). Valid until the next allocation. */
export function getHeap(backend: WasmBackend): Float32Array {
  const { buffer } = backend.wasm.HEAPU8;
  if (cached.buffer !== buffer) cached = new Float32Array(buffer);
  return cached;
}

/** The start of a tensor's values, as an index into `getHeap`. */
export const wordIndex = (backend: WasmBackend, { dataId }: { dataId: object }): number =>
  backend.dataIdMap.get(dataId).memoryOffset / 4;

/** Copies `count` words within the heap. A very short run is copied by hand, which is faster than the call. */
export function copyWords(heap: Float32Array, to: number, from: number, count: number): void {
  if (count > 8) heap.copyWithin(to, from, from + count);
  else for (let index = 0; index < count; index++) heap[to + index] = heap[from + index]!;
}
