export interface WavFormat {
  rate?: number;
  channels?: number;
  bits?: 8 | 16 | 24 | 32 | 64;
  float?: boolean;
  /** Whether to write the extensible format, which names the sample format at its end. */
  extensible?: boolean;
}

/** A WAV file for a spec, from samples in [−1, 1]; channels are interleaved. */
export function encodeWav(
  samples: readonly number[],
  { rate = 8000, channels = 1, bits = 16, float = false, extensible = false }: WavFormat = {},
): Buffer {
  const data = Buffer.alloc((samples.length * bits) / 8);
  samples.forEach((sample, index) => {
    const at = (index * bits) / 8;
    const whole = Math.round(sample * 2 ** (bits - 1));
    if (float) {
      if (bits === 64) data.writeDoubleLE(sample, at);
      else data.writeFloatLE(sample, at);
    } else if (bits === 8) data.writeUInt8(whole + 128, at);
    else data.writeIntLE(whole, at, bits / 8);
  });
  const format = Buffer.alloc(extensible ? 40 : 16);
  const kind = float ? 3 : 1;
  format.writeUInt16LE(extensible ? 0xfffe : kind, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(rate, 4);
  format.writeUInt16LE(bits, 14);
  if (extensible) format.writeUInt16LE(kind, 24);
  const chunk = (name: string, content: Buffer): Buffer => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(content.length);
    return Buffer.concat([Buffer.from(name), size, content, Buffer.alloc(content.length % 2)]);
  };
  const body = Buffer.concat([
    Buffer.from('WAVE'),
    chunk('LIST', Buffer.from('odd')),
    chunk('fmt ', format),
    chunk('data', data),
  ]);
  return Buffer.concat([chunk('RIFF', body).subarray(0, 8), body]);
}
