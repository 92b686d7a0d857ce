import { isVisible } from '@unroll/datasets';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { create } from 'tar';
import { CommandFailed } from '../errors/command-failed';

/**
 * Packs the files of a folder and of all folders within into an archive at `file`, which is returned. The same files give the same bytes, wherever
 * and whenever: sorted, without owners and times. @throws CommandFailed for a folder without files, or one that cannot be read
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
    await create({ file, cwd: folder, portable: true, noMtime: true, follow: true, strict: true }, names);
    return file;
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    throw new CommandFailed(`${folder}: cannot be packed (${(error as Error).message})`, 2);
  }
}
