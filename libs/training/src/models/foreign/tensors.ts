/** A tensor of another library's file, whose values are decoded when they are asked for. */
export interface ForeignTensor {
  shape: readonly number[];
  /** Row-major, as float32. Throws Error with one line where values are missing or are no real numbers. */
  values: () => Float32Array;
}

export type ForeignTensors = ReadonlyMap<string, ForeignTensor>;

type Decode = (view: DataView, at: number) => number;

interface NumberType {
  bytes: number;
  decode: Decode;
}

/** IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits. */
function float16(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const word = new DataView(new ArrayBuffer(4));
/** The upper half of a float32. */
function bfloat16(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}

/** The types of number that weights have, by their name in a safetensors file. All are little-endian. */
const numberTypes: Readonly<Record<string, NumberType>> = {
  F64: { bytes: 8, decode: (view, at) => view.getFloat64(at, true) },
  F32: { bytes: 4, decode: (view, at) => view.getFloat32(at, true) },
  F16: { bytes: 2, decode: (view, at) => float16(view.getUint16(at, true)) },
  BF16: { bytes: 2, decode: (view, at) => bfloat16(view.getUint16(at, true)) },
};

/** Where the values of a tensor are: `offset` and `strides` in numbers, as in PyTorch. */
export interface Place {
  dtype: string;
  bytes: Uint8Array;
  shape: readonly number[];
  offset: number;
  strides: readonly number[];
}

/** The strides of a tensor that lies row by row. */
export function rowMajor(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

export const countOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** The values of a tensor, row by row, which may be a view of a larger storage. Throws Error for a type that weights do not have. */
export function valuesAt(name: string, { dtype, bytes, shape, offset, strides }: Place): Float32Array {
  const type = numberTypes[dtype];
  if (!type) throw new Error(`${name}: holds ${dtype}; weights are ${Object.keys(numberTypes).join(', ')}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, offset);
  if (countOf(shape) > 0 && (offset < 0 || (last + 1) * type.bytes > bytes.length))
    throw new Error(`${name}: some of its values are missing`);
  return Float32Array.from({ length: countOf(shape) }, (_, index) => {
    let at = offset;
    for (let axis = shape.length - 1, rest = index; axis >= 0; axis--) {
      at += (rest % shape[axis]!) * strides[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return type.decode(view, at * type.bytes);
  });
}
