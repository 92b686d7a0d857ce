import type { DatasetBytes } from '@unroll/datasets';

const rate = 8000;
/** Hz of each letter. */
const pitches: Record<string, number> = { a: 400, b: 1500, c: 3000 };

/** 60 ms of a tone for each letter, followed by 20 ms of near silence. */
function synthesise(letters: string): Int16Array {
  const each = 0.08 * rate;
  return Int16Array.from({ length: letters.length * each }, (_, at) => {
    const loudness = at % each < 0.06 * rate ? 8000 : 20;
    return loudness * Math.sin((2 * Math.PI * pitches[letters[Math.floor(at / each)]!]! * at) / rate);
  });
}

/** For specs: a WAV file of 16 bits, of a tone for each letter. */
export function encodeWav(letters: string): Buffer {
  const samples = synthesise(letters);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.byteLength, 4);
  head.write('WAVEfmt ', 8);
  [16, 0x0001_0001, rate, 2 * rate, 0x0010_0002].forEach((value, index) => head.writeUInt32LE(value, 16 + 4 * index));
  head.write('data', 36);
  head.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([head, Buffer.from(samples.buffer)]);
}

function tarred(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('        ', 148);
  header.write('0', 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

/** For specs: an archive of recordings, each a sequence of tones for its letters, and named after them. */
export const makeRecordings = (texts: readonly string[]): DatasetBytes => ({
  kind: 'audio',
  bytes: Buffer.concat([
    ...texts.map((text, index) => tarred(`${text}_${index}.wav`, encodeWav(text))),
    Buffer.alloc(1024),
  ]),
});
