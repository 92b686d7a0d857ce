import type { DatasetKind } from '@unroll/contracts';
import { readFileSync, statSync } from 'node:fs';
import { DatasetError } from '../prepared/data';

/** The bytes of a data set, and their kind. */
export interface DatasetBytes {
  kind: DatasetKind;
  bytes: Uint8Array;
}

/** A data set on disk: a file or, for labelled data and audio, a folder. A long text is never read at once. */
export interface DatasetPath {
  kind: DatasetKind;
  path: string;
}

export type DataSource = DatasetBytes | DatasetPath;

/** @throws DatasetError for an unreadable path */
const reading = <Result>(path: string, read: () => Result): Result => {
  try {
    return read();
  } catch (error) {
    throw new DatasetError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
};

/** The path of a source that is a folder; otherwise undefined. @throws DatasetError for an unreadable path */
export function folderPath(source: DataSource): string | undefined {
  if ('bytes' in source) return undefined;
  const { path } = source;
  return reading(path, () => statSync(path)).isDirectory() ? path : undefined;
}

/** All bytes of a source. @throws DatasetError for a folder or an unreadable path */
export function readBytes(source: DataSource): Uint8Array {
  if ('bytes' in source) return source.bytes;
  const { path, kind } = source;
  if (folderPath(source) !== undefined)
    throw new DatasetError(`${path} is a folder: data of kind ${kind} must be a file`);
  return reading(path, () => readFileSync(path));
}

/** The size of a source in bytes. */
export const byteLength = (source: DataSource): number =>
  'bytes' in source ? source.bytes.byteLength : reading(source.path, () => statSync(source.path)).size;
