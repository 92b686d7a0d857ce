import { DatasetError } from '../prepared/data';

/** Sound as samples in [−1, 1], averaged over channels. */
export interface Sound {
  /** Samples per second. */
  rate: number;
  samples: Float32Array;
}

const [pcm, float, extensible] = [1, 3, 0xfffe];

interface Format {
  format: number;
  channels: number;
  rate: number;
  bits: number;
}

/**
 * A WAV file (RIFF, Microsoft & IBM 1991): PCM of 8, 16, 24 or 32 bits, or floating point of 32 or 64.
 * @throws DatasetError, with the file's name, for another format or a truncated file
 */
export function readWav(bytes: Uint8Array, name: string): Sound {
  const { view, format } = samplesIn(bytes, name);
  return { rate: format.rate, samples: decodeSamples(view, format, name) };
}

/** Checks everything that `readWav` does, except sample values. @throws DatasetError with the file's name */
export const requireWav = (bytes: Uint8Array, name: string): void => void samplesIn(bytes, name);

function samplesIn(bytes: Uint8Array, name: string): { view: DataView; format: Format } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const textAt = (at: number): string => Buffer.from(bytes.subarray(at, at + 4)).toString('latin1');
  if (textAt(0) !== 'RIFF' || textAt(8) !== 'WAVE') throw new DatasetError(`${name}: is not a WAV file`);
  let format: Format | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const [chunk, declared] = [textAt(at), view.getUint32(at + 4, true)];
    const start = at + 8;
    // A file written to a pipe has no valid length field.
    const size = chunk === 'data' && declared === 0xffffffff ? bytes.length - start : declared;
    if (start + size > bytes.length) throw cutShort(name, `${bytes.length} of ${start + size} bytes`);
    if (chunk === 'fmt ') {
      if (size < 16) throw new DatasetError(`${name}: does not specify its sample format`);
      format = formatAt(view, start, size);
    }
    if (chunk === 'data') {
      if (!format) throw new DatasetError(`${name}: does not specify its sample format`);
      requireReadable(format, name);
      return { view: new DataView(view.buffer, view.byteOffset + start, size), format };
    }
    at = start + size + (size % 2);
  }
  throw cutShort(name, 'no samples');
}

const cutShort = (name: string, what: string): DatasetError =>
  new DatasetError(`${name}: the WAV file is cut short (${what}): fetch it again, or leave it out`);

function formatAt(view: DataView, at: number, size: number): Format {
  const [channels, rate, bits] = [
    view.getUint16(at + 2, true),
    view.getUint32(at + 4, true),
    view.getUint16(at + 14, true),
  ];
  const format = view.getUint16(at, true);
  // The extensible format names the actual format at its end.
  return { format: format === extensible && size >= 26 ? view.getUint16(at + 24, true) : format, channels, rate, bits };
}

/** The reader of one sample, by sample format. */
const readers: Record<string, (view: DataView, at: number) => number> = {
  [`${pcm} 8`]: (view, at) => (view.getUint8(at) - 128) / 2 ** 7,
  [`${pcm} 16`]: (view, at) => view.getInt16(at, true) / 2 ** 15,
  [`${pcm} 24`]: (view, at) => ((view.getInt8(at + 2) << 16) | view.getUint16(at, true)) / 2 ** 23,
  [`${pcm} 32`]: (view, at) => view.getInt32(at, true) / 2 ** 31,
  [`${float} 32`]: (view, at) => view.getFloat32(at, true),
  [`${float} 64`]: (view, at) => view.getFloat64(at, true),
};

function requireReadable({ format, channels, rate, bits }: Format, name: string): void {
  if (!readers[`${format} ${bits}`] || channels === 0 || rate === 0)
    throw new DatasetError(
      `${name}: format ${format} with ${bits} bits, ${channels} channels and ${rate} Hz is not supported; ` +
        'convert it to 16-bit PCM',
    );
}

function decodeSamples(view: DataView, { format, channels, bits }: Format, name: string): Float32Array {
  const read = readers[`${format} ${bits}`]!;
  const bytes = bits / 8;
  const samples = new Float32Array(Math.floor(view.byteLength / (bytes * channels)));
  for (let index = 0; index < samples.length; index++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += read(view, (index * channels + channel) * bytes);
    samples[index] = sum / channels;
  }
  if (samples.length === 0) throw new DatasetError(`${name}: has no samples`);
  if (samples.some((value) => !Number.isFinite(value)))
    throw new DatasetError(`${name}: has samples that are not finite`);
  return samples;
}
