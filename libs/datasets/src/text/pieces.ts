import { closeSync, openSync, readSync } from 'node:fs';
import { DatasetError } from '../prepared/data';
import { folderPath, type DataSource } from '../source/data-source';

/** Bytes read at once: few, to keep memory low. */
export const usualPiece = 2 ** 18;

/**
 * A text in chunks, without a byte order mark and without splitting a character. Of a file, one chunk is in memory at a time.
 * @throws DatasetError for invalid UTF-8 at any position
 */
export function* readPieces(source: DataSource, pieceBytes = usualPiece): Generator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (const bytes of 'bytes' in source ? cut(source.bytes, pieceBytes) : read(source, pieceBytes))
    yield decoded(() => decoder.decode(bytes, { stream: true }));
  yield decoded(() => decoder.decode());
}

function decoded(decode: () => string): string {
  try {
    return decode();
  } catch {
    throw new DatasetError('the text is not valid UTF-8: convert it, for example with iconv');
  }
}

function* cut(bytes: Uint8Array, pieceBytes: number): Generator<Uint8Array> {
  for (let begin = 0; begin < bytes.length; begin += pieceBytes) yield bytes.subarray(begin, begin + pieceBytes);
}

function* read(source: { kind: DataSource['kind']; path: string }, pieceBytes: number): Generator<Uint8Array> {
  if (folderPath(source) !== undefined) throw new DatasetError(`${source.path} is a folder: a text must be a file`);
  const file = openSync(source.path, 'r');
  const buffer = new Uint8Array(pieceBytes);
  try {
    for (;;) {
      const count = readSync(file, buffer);
      if (count === 0) return;
      yield buffer.subarray(0, count);
    }
  } finally {
    closeSync(file);
  }
}
