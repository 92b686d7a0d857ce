import { readWav } from './wav';
import { encodeWav, type WavFormat } from './wav.fixture';

const samples = [0, 0.5, -0.5, 0.25, -1];

describe('a WAV file', () => {
  it.each<WavFormat>([
    { bits: 8 },
    { bits: 16 },
    { bits: 24 },
    { bits: 32 },
    { bits: 32, float: true },
    { bits: 64, float: true },
    { bits: 24, extensible: true },
  ])('is read as samples in [-1, 1]: %j', (format) => {
    const { rate, samples: read } = readWav(encodeWav(samples, { ...format, rate: 11_025 }), 'a.wav');
    expect(rate).toBe(11_025);
    expect([...read]).toEqual(samples);
  });

  it('with several channels is averaged', () => {
    expect([...readWav(encodeWav([1 / 2, 0, -1, 1 / 2], { channels: 2 }), 'a.wav').samples]).toEqual([0.25, -0.25]);
  });

  it('from a pipe, without a valid length, is read to its end', () => {
    const bytes = encodeWav(samples);
    bytes.writeUInt32LE(0xffffffff, bytes.indexOf('data') + 4);
    expect([...readWav(bytes, 'a.wav').samples]).toEqual(samples);
  });

  const changed = (change: (bytes: Buffer, format: number) => void): Buffer => {
    const bytes = encodeWav(samples);
    change(bytes, bytes.indexOf('fmt ') + 8);
    return bytes;
  };
  it.each([
    ['is not a sound', Buffer.from('text,label'), 'a.wav: is not a WAV file'],
    ['is truncated', encodeWav(samples).subarray(0, -3), /^a\.wav: the WAV file is cut short \(\d+ of \d+ bytes\)/],
    ['has no samples', encodeWav([]), 'a.wav: has no samples'],
    ['ends before its samples', encodeWav(samples).subarray(0, 40), /^a\.wav: the WAV file is cut short/],
    ['has an unknown format', changed((bytes, at) => bytes.writeUInt16LE(2, at)), /^a\.wav: format 2 with 16 bits/],
    ['has no channel', changed((bytes, at) => bytes.writeUInt16LE(0, at + 2)), /0 channels .* is not supported/],
    ['does not say its format', changed((bytes, at) => bytes.write('junk', at - 8)), 'a.wav: does not specify'],
    [
      'has a sample that is not finite',
      encodeWav([NaN], { bits: 32, float: true }),
      'a.wav: has samples that are not finite',
    ],
  ])('that %s is refused with its name', (_, bytes, message) => {
    expect(() => readWav(bytes, 'a.wav')).toThrow(message);
  });
});
