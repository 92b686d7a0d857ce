import type { PackedShape } from '@unroll/kernels';
import type { PackedKernels } from '../tensor/packed-kernels';

/** Rows up to which a product over 8-bit weights is faster. */
const fewRows = 4;

/** A matrix [k, gates·units] that rows are multiplied with. */
export class PackedMatrix {
  /** What the kernels take; not to be changed. */
  readonly packed: Uint8Array;
  readonly columns: number;
  /** For many rows, beside 8-bit weights. */
  private readonly matrix: Float32Array | undefined;

  constructor(
    private readonly kernels: PackedKernels,
    matrix: Float32Array,
    readonly shape: PackedShape,
  ) {
    if (shape.packing === 'int8') this.matrix = matrix;
    this.columns = shape.gates * shape.units;
    this.packed = new Uint8Array(kernels.packedSize(shape));
    kernels.pack({ ...shape, matrix, packed: this.packed });
  }

  /** What the kernels take for a product of one row. */
  ofOne(x: Float32Array, bias: Float32Array, out: Float32Array): Parameters<PackedKernels['multiplyPacked']>[0] {
    return { ...this.shape, rows: 1, x, packed: this.packed, bias, out };
  }

  /** out = x·matrix + bias: x [rows, k], bias [columns], out [rows, columns]. */
  multiply(rows: number, x: Float32Array, bias: Float32Array, out: Float32Array): void {
    const { kernels, matrix, packed, columns, shape } = this;
    const { k, gates, units, packing } = shape;
    if (!matrix || (rows <= fewRows && gates === 1))
      kernels.multiplyPacked({ k, gates, units, packing, rows, x, packed, bias, out });
    else
      kernels.multiply({
        ...{ a: x, b: matrix, bias, c: out, lanes: 1, lanesA: 1, lanesB: 1 },
        ...{ m: rows, n: columns, k, transposeA: false, transposeB: false },
      });
  }
}
