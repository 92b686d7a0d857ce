import { isVisible } from '@unroll/datasets';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { create } from 'tar';
import { CommandFailed } from '../errors/command-failed';

/**
 * Packs the files of a folder, recursively, into a tar archive at `file` and returns that path. Reproducible: entries are sorted
 * and carry no owner or time, so the same files give the same bytes. @throws CommandFailed if the folder is empty or unreadable
 */
export async function packFolder(folder: string, file: string): Promise<string> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const names = entries
      .filter((entry) => !entry.isDirectory())
      .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).split(sep).join('/'))
      .filter(isVisible)
      .sort();
    if (names.length === 0) throw new CommandFailed(`${folder}: has no files`, 2);
    // The packer reads a name that begins with @ as an archive to include.
    const plain = names.map((name) => (name.startsWith('@') ? `./${name}` : name));
    await create({ file, cwd: folder, portable: true, noMtime: true, follow: true, strict: true }, plain);
    return file;
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    throw new CommandFailed(`${folder}: cannot be packed (${(error as Error).message})`, 2);
  }
}
