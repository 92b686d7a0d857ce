import type { DatasetBytes } from '@unroll/datasets';

const rate = 8000;
/** Hz of each letter. */
const pitches: Record<string, number> = { a: 400, b: 1500, c: 3000 };
/** The part of a letter's time in which its tone sounds. */
const loudPart = 0.75;

/** A tone for each letter, followed by near silence. `seconds`: of each letter. */
function synthesise(letters: string, seconds: number): Int16Array {
  const each = Math.round(seconds * rate);
  return Int16Array.from({ length: letters.length * each }, (_, at) => {
    const loudness = at % each < loudPart * each ? 8000 : 20;
    return loudness * Math.sin((2 * Math.PI * pitches[letters[Math.floor(at / each)]!]! * at) / rate);
  });
}

/** A WAV file of 16 bits, of a tone for each of the letters a, b and c. */
export function encodeWav(letters: string, seconds = 0.08): Buffer {
  const samples = synthesise(letters, seconds);
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

/** An archive of recordings, each a sequence of tones for its letters, and named after them. `seconds`: of each letter. */
export const makeRecordings = (texts: readonly string[], seconds?: number): DatasetBytes => ({
  kind: 'audio',
  bytes: Buffer.concat([
    ...texts.map((text, index) => tarred(`${text}_${index}.wav`, encodeWav(text, seconds))),
    Buffer.alloc(1024),
  ]),
});
