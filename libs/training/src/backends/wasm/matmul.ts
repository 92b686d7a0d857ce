import { getHeap, type WasmBackend } from './heap';
import { tf, type TensorInfo } from '../../tensor/tfjs';

export interface MatMulArguments {
  inputs: { a: TensorInfo; b: TensorInfo };
  attrs: { transposeA: boolean; transposeB: boolean };
}

/** The single matrices of an operand: their ids in the backend, and how to release them. */
interface Matrices {
  ids: readonly number[];
  release: () => void;
}

const nothing = (): void => undefined;

/**
 * BatchMatMul for wasm, one lane after the other. TensorFlow.js uses its fast product (XNNPACK) only for a single matrix
 * that is not transposed: 28 GFLOP/s against 2.2 for the rest. So transposed operands are copied, and every lane goes
 * through the fast product on its own, so a lane's bits never depend on the others.
 */
export const laneByLaneMatMul = (backend: WasmBackend): ((args: MatMulArguments) => TensorInfo) => {
  const product = new LaneByLane(backend);
  return (args) => product.multiply(args);
};

class LaneByLane {
  /** Where the shapes of a product's operands are written. */
  private readonly shapes: number;
  private readonly keptViews: Map<number, number[]>;

  constructor(private readonly backend: WasmBackend) {
    this.shapes = backend.wasm._malloc(6 * 4);
    this.keptViews = keepViewsWithTensors(backend);
  }

  multiply({ inputs: { a, b }, attrs: { transposeA, transposeB } }: MatMulArguments): TensorInfo {
    const { backend, shapes } = this;
    const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
    const [bRows, bColumns] = b.shape.slice(-2) as [number, number];
    const [m, k, n] = [transposeA ? aColumns : aRows, transposeA ? aRows : aColumns, transposeB ? bRows : bColumns];
    const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const [aLanes, bLanes] = [a, b].map(({ shape }) => tf.util.sizeFromShape(shape.slice(0, -2))) as [number, number];
    const lanes = tf.util.sizeFromShape(batch);
    if (k !== (transposeB ? bColumns : bRows) || ![1, lanes].includes(aLanes) || ![1, lanes].includes(bLanes))
      throw new Error(`cannot multiply [${a.shape.join(', ')}] by [${b.shape.join(', ')}]`);
    const out = backend.makeOutput([...batch, m, n], 'float32');

    if (transposeA && !transposeB && n > m) {
      // As (Bᵀ·A)ᵀ: packing the right operand is most of the work, so it should be the narrower one.
      const flipped = this.multiply({ inputs: { a: b, b: a }, attrs: { transposeA: true, transposeB: false } });
      const [to, from] = [out, flipped].map(({ dataId }) => backend.dataIdMap.get(dataId).memoryOffset);
      transposeInto(getHeap(backend), to!, from!, lanes, n, m);
      backend.disposeData(flipped.dataId);
      return out;
    }

    const left = transposeA ? this.transposed(a, aLanes) : this.untransposed(a, aLanes, m * k, false);
    const right = transposeB ? this.transposed(b, bLanes) : this.untransposed(b, bLanes, k * n, true);
    const into = this.untransposed(out, lanes, m * n, false);
    new Int32Array(backend.wasm.HEAPU8.buffer, shapes, 6).set([1, m, k, 1, k, n]);
    for (let lane = 0; lane < lanes; lane++) {
      const [leftId, rightId] = [left.ids[aLanes === 1 ? 0 : lane]!, right.ids[bLanes === 1 ? 0 : lane]!];
      backend.wasm._BatchMatMul(leftId, shapes, 3, rightId, shapes + 12, 3, 0, 0, into.ids[lane]!);
    }
    [left, right, into].forEach(({ release }) => release());
    return out;
  }

  /** `count` matrices of `size` values each, stored one after the other in a tensor. */
  private untransposed(info: TensorInfo, count: number, size: number, packed: boolean): Matrices {
    const { id, memoryOffset } = this.backend.dataIdMap.get(info.dataId);
    if (count === 1) return { ids: [id], release: nothing };
    // XNNPACK packs a right operand once for each id: its views live as long as their tensor.
    const kept = packed ? this.keptViews.get(id) : undefined;
    const ids = kept ?? Array.from({ length: count }, (_, lane) => this.view(memoryOffset + lane * size * 4, size));
    if (packed) this.keptViews.set(id, ids);
    return { ids, release: packed ? nothing : () => this.forget(ids) };
  }

  /** The same for a tensor of rows × columns matrices, each transposed into memory of its own. */
  private transposed(info: TensorInfo, count: number): Matrices {
    const { dataIdMap, wasm } = this.backend;
    const [rows, columns] = info.shape.slice(-2) as [number, number];
    const size = rows * columns;
    const pointer = wasm._malloc(count * size * 4) >>> 0;
    transposeInto(getHeap(this.backend), pointer, dataIdMap.get(info.dataId).memoryOffset, count, rows, columns);
    const ids = Array.from({ length: count }, (_, lane) => this.view(pointer + lane * size * 4, size));
    const release = (): void => {
      this.forget(ids);
      wasm._free(pointer);
    };
    return { ids, release };
  }

  private view(pointer: number, size: number): number {
    const id = this.backend.dataIdNextNumber++;
    this.backend.wasm.tfjs.registerTensor(id, size, pointer);
    return id;
  }

  private forget(ids: readonly number[]): void {
    ids.forEach((id) => this.backend.wasm.tfjs.disposeData(id));
  }
}

/** Transposes `count` matrices of rows × columns from one pointer to another. */
function transposeInto(
  heap: Float32Array,
  to: number,
  from: number,
  count: number,
  rows: number,
  columns: number,
): void {
  for (let lane = 0; lane < count; lane++) {
    const [source, target] = [from / 4 + lane * rows * columns, to / 4 + lane * rows * columns];
    for (let column = 0; column < columns; column++) {
      const line = target + column * rows;
      for (let row = 0, at = source + column; row < rows; row++, at += columns) heap[line + row] = heap[at]!;
    }
  }
}

/** A map from a tensor's id to ids of views into it, which are disposed with the tensor. */
function keepViewsWithTensors(backend: WasmBackend): Map<number, number[]> {
  const views = new Map<number, number[]>();
  const disposeData = backend.disposeData.bind(backend);
  backend.disposeData = (dataId, force) => {
    const id = backend.dataIdMap.get(dataId)?.id;
    const gone = disposeData(dataId, force);
    if (gone && id !== undefined && views.has(id)) {
      views.get(id)!.forEach((view) => backend.wasm.tfjs.disposeData(view));
      views.delete(id);
    }
    return gone;
  };
  return views;
}
