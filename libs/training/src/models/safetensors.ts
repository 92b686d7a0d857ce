import { parseJson, ValidationError } from '@unroll/contracts';
import { endianness } from 'node:os';
import type { Weights } from '../nn/parameter';

const lengthBytes = 8;

/** Values in their stored form: float32; or 8-bit integers, each row (output channel) with its scale. */
export type Stored =
  | { dtype: 'F32'; shape: number[]; values: Float32Array }
  | { dtype: 'I8'; shape: number[]; values: Int8Array; scales: Float32Array };

/** The name under which the scales of a quantised tensor are stored. */
const scalesName = (name: string): string => `${name}.scale`;

interface TensorHeader {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/**
 * Weights as a file in the safetensors format (huggingface/safetensors): the header's length as a little-endian 64-bit
 * integer, the header as JSON padded with spaces to 8 bytes, then the values, little-endian. `metadata` holds strings.
 */
export function toSafetensors(weights: Weights, metadata: Record<string, string> = {}): Uint8Array {
  const stored = Object.entries(weights).map(([name, each]) => [name, { dtype: 'F32', ...each } as const] as const);
  return storedToSafetensors(Object.fromEntries(stored), metadata);
}

/** The same for weights of which some are quantised: those as I8, with float32 scales under the name with `.scale`. */
export function storedToSafetensors(
  weights: Record<string, Stored>,
  metadata: Record<string, string> = {},
): Uint8Array {
  const tensors = Object.entries(weights).flatMap(([name, each]): [string, string, number[], Uint8Array][] => {
    if (each.dtype === 'F32') return [[name, 'F32', each.shape, littleEndian(each.values)]];
    return [
      [scalesName(name), 'F32', [each.scales.length], littleEndian(each.scales)],
      [name, 'I8', each.shape, new Uint8Array(each.values.buffer, each.values.byteOffset, each.values.length)],
    ];
  });
  // Float32 first, so that they are aligned to 4 bytes.
  tensors.sort(([, a], [, b]) => Number(a === 'I8') - Number(b === 'I8'));
  let end = 0;
  const headers = tensors.map(([name, dtype, shape, bytes]): [string, TensorHeader] => {
    const begin = end;
    end += bytes.length;
    return [name, { dtype, shape, data_offsets: [begin, end] }];
  });
  const json = JSON.stringify({ __metadata__: metadata, ...(Object.fromEntries(headers) as object) });
  const encoded = new TextEncoder().encode(json);
  const headerLength = Math.ceil(encoded.length / 8) * 8;
  const start = lengthBytes + headerLength;
  const file = new Uint8Array(start + end).fill(0x20, lengthBytes, start);
  file.set(encoded, lengthBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  tensors.forEach(([, , , bytes], index) => file.set(bytes, start + headers[index]![1].data_offsets[0]));
  return file;
}

function littleEndian(values: Float32Array): Uint8Array {
  if (endianness() === 'LE') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => view.setFloat32(4 * index, value, true));
  return bytes;
}

/** The tensors of a safetensors file as its header describes them, with their bytes. Throws Error with one line where it cannot be read. */
export function readTensorEntries(file: Uint8Array): {
  tensors: { name: string; dtype: string; shape: number[]; bytes: Uint8Array }[];
  metadata: Record<string, string>;
} {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerLength = file.length >= lengthBytes ? Number(view.getBigUint64(0, true)) : Infinity;
  const start = lengthBytes + headerLength;
  if (start > file.length) throw new Error('not a safetensors file: it is shorter than its header says');
  const { __metadata__: metadata = {}, ...rest } = parseHeader(file.subarray(lengthBytes, start));
  const tensors = Object.entries(rest as Record<string, TensorHeader>).map(([name, { dtype, shape, data_offsets }]) => {
    const [begin, end] = data_offsets;
    if (start + end > file.length) throw new Error(`${name}: some of its values are missing`);
    return { name, dtype, shape, bytes: file.subarray(start + begin, start + end) };
  });
  return { tensors, metadata: metadata as Record<string, string> };
}

/**
 * Reads what `toSafetensors` and `storedToSafetensors` write, and any safetensors file of float32 values; quantised ones
 * become float32. Throws Error with one line for a file that is truncated, not of this format, or has another type of
 * values.
 */
export function fromSafetensors(file: Uint8Array): { weights: Weights; metadata: Record<string, string> } {
  const { tensors, metadata } = readTensorEntries(file);
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const read = (name: string): Float32Array => {
    const { dtype, shape, bytes } = byName.get(name)!;
    const count = shape.reduce((product, size) => product * size, 1);
    const isInteger = dtype === 'I8';
    if (bytes.length !== (isInteger ? 1 : 4) * count) throw new Error(`${name}: some of its values are missing`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const at = (index: number): number => (isInteger ? view.getInt8(index) : view.getFloat32(4 * index, true));
    return Float32Array.from({ length: count }, (_, index) => at(index));
  };
  const isQuantised = (name: string): boolean => byName.get(name)?.dtype === 'I8' && byName.has(scalesName(name));
  const weights: Weights = {};
  for (const { name, dtype, shape } of tensors) {
    if (dtype !== 'F32' && !isQuantised(name))
      throw new Error(`${name}: only float32 values (F32) can be read, not ${dtype}`);
    if (name.endsWith('.scale') && isQuantised(name.slice(0, -'.scale'.length))) continue;
    const values = read(name);
    weights[name] = { shape, values: isQuantised(name) ? scaled(values, read(scalesName(name))) : values };
  }
  return { weights, metadata };
}

/** Each row of integers times its scale. */
export function scaled(values: ArrayLike<number>, scales: Float32Array): Float32Array {
  const columns = values.length / scales.length;
  return Float32Array.from(values, (value, index) => value * scales[Math.floor(index / columns)]!);
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  try {
    return parseJson(new TextDecoder().decode(bytes)) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof ValidationError) throw new Error(`not a safetensors file: in its header ${error.message}`);
    throw new Error('not a safetensors file: its header is not JSON');
  }
}
