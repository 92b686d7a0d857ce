import type { Weights } from './parameter';

const lengthBytes = 8;

/**
 * Weights as a file in the safetensors format (huggingface/safetensors): the header's length as a little-endian 64-bit
 * integer, the header as JSON padded with spaces to 8 bytes, then float32 values, little-endian. `metadata` holds strings.
 */
export function toSafetensors(weights: Weights, metadata: Record<string, string> = {}): Uint8Array {
  let end = 0;
  const tensors = Object.entries(weights).map(([name, { shape, values }]) => {
    const begin = end;
    end += values.byteLength;
    return [name, { dtype: 'F32', shape, data_offsets: [begin, end] }];
  });
  const json = JSON.stringify({ __metadata__: metadata, ...(Object.fromEntries(tensors) as object) });
  const encoded = new TextEncoder().encode(json);
  const headerLength = Math.ceil(encoded.length / 8) * 8;
  const file = new Uint8Array(lengthBytes + headerLength + end).fill(0x20, lengthBytes, lengthBytes + headerLength);
  file.set(encoded, lengthBytes);
  const view = new DataView(file.buffer);
  view.setBigUint64(0, BigInt(headerLength), true);
  let at = lengthBytes + headerLength;
  for (const { values } of Object.values(weights))
    for (const value of values) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  return file;
}

/**
 * Reads what `toSafetensors` writes, and any safetensors file of float32 values. Throws Error with one line for a file that
 * is cut short, that is no such file, or that has another type of values.
 */
export function fromSafetensors(file: Uint8Array): { weights: Weights; metadata: Record<string, string> } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerLength = file.length >= lengthBytes ? Number(view.getBigUint64(0, true)) : Infinity;
  const start = lengthBytes + headerLength;
  if (start > file.length) throw new Error('no safetensors file: it is shorter than its header says');
  const { __metadata__: metadata = {}, ...tensors } = parseHeader(file.subarray(lengthBytes, start));
  const weights: Weights = {};
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(tensors as Record<string, TensorHeader>)) {
    if (dtype !== 'F32') throw new Error(`${name}: only float32 values (F32) can be read, not ${dtype}`);
    const [begin, end] = data_offsets;
    const count = shape.reduce((product, size) => product * size, 1);
    if (end - begin !== 4 * count || start + end > file.length)
      throw new Error(`${name}: its values are not all there`);
    weights[name] = {
      shape,
      values: Float32Array.from({ length: count }, (_, i) => view.getFloat32(start + begin + 4 * i, true)),
    };
  }
  return { weights, metadata: metadata as Record<string, string> };
}

interface TensorHeader {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
  } catch {
    throw new Error('no safetensors file: its header is not JSON');
  }
}
