import { heapOf, type WasmBackend } from './wasm-heap';
import { tf, type TensorInfo } from './tfjs';

/**
 * BatchMatMul for wasm, one lane after the other. TensorFlow.js gives its quick product (XNNPACK) only to a single matrix
 * that is not transposed: 28 GFLOP/s against 2.2 for the rest. So transposed operands are copied, and every lane goes
 * through the quick product alone, in the same way whatever the number of lanes: a lane's bits never depend on the others.
 */
export function laneByLaneMatMul(backend: WasmBackend): (args: KernelArguments) => TensorInfo {
  const { wasm } = backend;
  const shapes = wasm._malloc(6 * 4);
  // XNNPACK packs b once for each tensor id, and forgets it with the id: views of one lane live as long as their tensor.
  const viewsOf = new Map<number, number[]>();
  const disposeData = backend.disposeData.bind(backend);
  backend.disposeData = (dataId, force) => {
    const id = backend.dataIdMap.get(dataId)?.id;
    const gone = disposeData(dataId, force);
    if (gone && id !== undefined) {
      viewsOf.get(id)?.forEach((view) => wasm.tfjs.disposeData(view));
      viewsOf.delete(id);
    }
    return gone;
  };

  const view = (pointer: number, size: number): number => {
    const id = backend.dataIdNextNumber++;
    wasm.tfjs.registerTensor(id, size, pointer);
    return id;
  };

  /** Ids of the single matrices of `info`, and how to let go of them. */
  function matrices(
    info: TensorInfo,
    count: number,
    size: number,
    transpose: boolean,
    rows: number,
    reused: boolean,
  ): Matrices {
    const { id, memoryOffset } = backend.dataIdMap.get(info.dataId);
    if (!transpose && count === 1) return { ids: [id], release: () => undefined };
    const known = transpose ? undefined : viewsOf.get(id);
    if (known?.length === count) return { ids: known, release: () => undefined };
    const base = transpose ? transposed(memoryOffset, count, rows, size / rows) : memoryOffset;
    const ids = Array.from({ length: count }, (_, lane) => view(base + lane * size * 4, size));
    if (reused && !transpose && !known) {
      viewsOf.set(id, ids);
      return { ids, release: () => undefined };
    }
    const release = (): void => {
      ids.forEach((each) => wasm.tfjs.disposeData(each));
      if (transpose) wasm._free(base);
    };
    return { ids, release };
  }

  /** A copy of `count` matrices of rows × columns, each transposed. The caller frees it. */
  function transposed(from: number, count: number, rows: number, columns: number): number {
    const pointer = wasm._malloc(count * rows * columns * 4) >>> 0;
    const heap = heapOf(backend);
    for (let lane = 0; lane < count; lane++) {
      const [source, target] = [from / 4 + lane * rows * columns, pointer / 4 + lane * rows * columns];
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++)
          heap[target + column * rows + row] = heap[source + row * columns + column]!;
    }
    return pointer;
  }

  return ({ inputs, attrs }) => {
    const { a, b } = inputs;
    const { transposeA, transposeB } = attrs;
    const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
    const [bRows, bColumns] = b.shape.slice(-2) as [number, number];
    const [m, k, n] = [transposeA ? aColumns : aRows, transposeA ? aRows : aColumns, transposeB ? bRows : bColumns];
    const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const [aLanes, bLanes] = [a, b].map(({ shape }) => tf.util.sizeFromShape(shape.slice(0, -2))) as [number, number];
    const lanes = tf.util.sizeFromShape(batch);
    if (k !== (transposeB ? bColumns : bRows) || ![1, lanes].includes(aLanes) || ![1, lanes].includes(bLanes))
      throw new Error(`cannot multiply [${a.shape.join(', ')}] by [${b.shape.join(', ')}]`);
    const out = backend.makeOutput([...batch, m, n], 'float32');
    const left = matrices(a, aLanes, m * k, transposeA, aRows, false);
    const right = matrices(b, bLanes, k * n, transposeB, bRows, true);
    const into = matrices(out, lanes, m * n, false, m, false);
    new Int32Array(wasm.HEAPU8.buffer, shapes, 6).set([1, m, k, 1, k, n]);
    for (let lane = 0; lane < lanes; lane++)
      wasm._BatchMatMul(
        left.ids[aLanes === 1 ? 0 : lane]!,
        shapes,
        3,
        right.ids[bLanes === 1 ? 0 : lane]!,
        shapes + 12,
        3,
        0,
        0,
        into.ids[lane]!,
      );
    left.release();
    right.release();
    into.release();
    return out;
  };
}

interface Matrices {
  ids: readonly number[];
  release(): void;
}

export interface KernelArguments {
  inputs: { a: TensorInfo; b: TensorInfo };
  attrs: { transposeA: boolean; transposeB: boolean };
}
