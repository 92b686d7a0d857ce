import { readBytes, folderPath, type DataSource } from '../source/data-source';
import { filesInFolder } from './folder';
import type { NamedFile } from './named-file';
import { filesInTar, isTar, uncompressed } from './tar';

/** The files of a folder or archive, or else the uncompressed bytes. @throws DatasetError if unreadable */
export function open(source: DataSource): { files: NamedFile[] } | { bytes: Uint8Array } {
  const folder = folderPath(source);
  if (folder !== undefined) return { files: filesInFolder(folder) };
  const bytes = uncompressed(readBytes(source));
  return isTar(bytes) ? { files: filesInTar(bytes) } : { bytes };
}
