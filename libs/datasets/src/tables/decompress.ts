import type { Compressors } from 'hyparquet';
import { compressors as libraryCompressors, decompressZstd } from 'hyparquet-compressors';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

/** Decompresses Zstandard data of a known length. @throws Error for damaged data */
export const zstd = (input: Uint8Array, length: number): Uint8Array =>
  exactly(decompressZstd(input, new Uint8Array(length)), length);

/** The same bytes. @throws Error for another length than was announced */
function exactly(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length) throw new Error(`${bytes.length} bytes where ${length} were announced`);
  return bytes;
}

/** Decompressors of Parquet, none of which gives more than the length that is announced. */
export const compressors: Compressors = {
  ...libraryCompressors,
  GZIP: (input, length) => exactly(gunzipSync(input, { maxOutputLength: Math.max(1, length) }), length),
  BROTLI: (input, length) => exactly(brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) }), length),
  ZSTD: zstd,
};

const frameMagic = 0x184d2204;

/**
 * Decompresses one LZ4 frame of a known length, as Arrow has them: its blocks may refer to those before, which the decompressors of single
 * blocks cannot follow. After the LZ4 frame format 1.6.1; checksums are not read. @throws Error for damaged data
 */
export function lz4Frame(input: Uint8Array, length: number): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  if (view.getUint32(0, true) !== frameMagic) throw new Error('no LZ4 frame');
  const flags = view.getUint8(4);
  const [hasBlockSum, hasSize, hasDictionary] = [flags & 0x10, flags & 0x08, flags & 0x01];
  let at = 6 + (hasSize ? 8 : 0) + (hasDictionary ? 4 : 0) + 1;
  const output = new Uint8Array(length);
  let end = 0;
  for (;;) {
    const word = view.getUint32(at, true);
    at += 4;
    if (word === 0) break;
    const size = word & 0x7fffffff;
    const block = input.subarray(at, at + size);
    if (block.length < size) throw new Error('an LZ4 block is cut short');
    if (word >>> 31 === 0) end = lz4Block(block, output, end);
    else {
      output.set(block, end);
      end += size;
    }
    at += size + (hasBlockSum ? 4 : 0);
  }
  if (end !== length) throw new Error(`${end} bytes where ${length} were announced`);
  return output;
}

/** Appends a block to `output` at `start`; returns where it ends. */
function lz4Block(block: Uint8Array, output: Uint8Array, start: number): number {
  let [at, end] = [0, start];
  const longer = (count: number): number => {
    if (count < 15) return count;
    let total = count;
    for (let byte = 255; byte === 255; total += byte) {
      if (at >= block.length) throw new Error('an LZ4 block is cut short');
      byte = block[at++]!;
    }
    return total;
  };
  while (at < block.length) {
    const token = block[at++]!;
    const literals = longer(token >> 4);
    if (at + literals > block.length) throw new Error('an LZ4 block is cut short');
    output.set(block.subarray(at, at + literals), end);
    at += literals;
    end += literals;
    if (at >= block.length) return end;
    const distance = block[at]! | (block[at + 1]! << 8);
    at += 2;
    const count = longer(token & 15) + 4;
    if (distance === 0 || distance > end || end + count > output.length) throw new Error('an LZ4 block is damaged');
    // A match may overlap what it writes.
    for (let index = 0; index < count; index++, end++) output[end] = output[end - distance]!;
  }
  return end;
}
