import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { filesInFolder } from './archive/folder';
import { folderPath, type DataSource } from './source/data-source';

/** A hash for a fingerprint: SHA-256 over the kind and the bytes of a data set. */
export function createFingerprint(kind: string): Hash {
  return createHash('sha256').update(`unroll dataset ${kind}\0`);
}

/** The fingerprint of bytes in memory: 64 hexadecimal digits. */
export function fingerprint(kind: string, bytes: Uint8Array): string {
  return createFingerprint(kind).update(bytes).digest('hex');
}

/** The fingerprint of a source; for a folder, over its files and their names. @throws DatasetError for an unreadable path */
export function fingerprintSource(source: DataSource): string {
  if ('bytes' in source) return fingerprint(source.kind, source.bytes);
  const hash = createFingerprint(source.kind);
  const folder = folderPath(source);
  if (folder === undefined) hashFile(source.path, hash);
  else for (const { name, bytes } of filesInFolder(folder)) hash.update(`${name}\0`).update(bytes());
  return hash.digest('hex');
}

/** The fingerprint of a file of any kind. @throws Error for an unreadable path */
export function fingerprintFile(kind: string, path: string): string {
  const hash = createFingerprint(kind);
  hashFile(path, hash);
  return hash.digest('hex');
}

/** Hashes in chunks: a text may have gigabytes. */
function hashFile(path: string, hash: Hash): void {
  const file = openSync(path, 'r');
  const buffer = new Uint8Array(2 ** 20);
  try {
    for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer))
      hash.update(buffer.subarray(0, count));
  } finally {
    closeSync(file);
  }
}
