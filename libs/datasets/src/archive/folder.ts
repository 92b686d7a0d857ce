import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { DatasetError } from '../prepared/data';
import { byName, isVisible, type NamedFile } from './named-file';

/** The files of a folder, recursively, sorted by name. @throws DatasetError for an unreadable folder */
export function filesInFolder(folder: string): NamedFile[] {
  const here = (path: string): string => relative(folder, path).split(sep).join('/');
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() || (entry.isSymbolicLink() && isFile(join(entry.parentPath, entry.name))))
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => isVisible(here(path)))
    .map((path) => ({ name: here(path), bytes: () => read(path) }))
    .sort(byName);
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

function read(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new DatasetError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
