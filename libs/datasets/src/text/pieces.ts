import { closeSync, openSync, readSync } from 'node:fs';
import { DatasetError } from '../prepared/data';
import { folderOf, type DataSource } from '../source/data-source';

/** Bytes that are read at once: few, so that what is made of a piece is soon forgotten. */
export const usualPiece = 2 ** 18;

/**
 * A text in pieces, of which no character is divided, without a byte order mark. Of a file one piece is in memory at a time.
 * @throws DatasetError where the bytes are not UTF-8, wherever that is
 */
export function* piecesOf(source: DataSource, pieceBytes = usualPiece): Generator<string> {
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
  if (folderOf(source) !== undefined) throw new DatasetError(`${source.path} is a folder: a text lies in a file`);
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
