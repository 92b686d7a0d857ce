import { bytesOf, folderOf, type DataSource } from '../source/data-source';
import { filesInFolder } from './folder';
import type { NamedFile } from './named-file';
import { filesInTar, isTar, uncompressed } from './tar';

/** A data set's files, of a folder or an archive; or else its bytes, uncompressed. @throws DatasetError for what cannot be read */
export function open(source: DataSource): { files: NamedFile[] } | { bytes: Uint8Array } {
  const folder = folderOf(source);
  if (folder !== undefined) return { files: filesInFolder(folder) };
  const bytes = uncompressed(bytesOf(source));
  return isTar(bytes) ? { files: filesInTar(bytes) } : { bytes };
}
