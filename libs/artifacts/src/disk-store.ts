import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, readdir, rm, rmdir, stat, unlink, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { ArtifactMissing, requireArtifactName, unfinishedAge, type ArtifactStore } from './artifact-store';

/**
 * Artifacts as files under `root`. An object is written to a draft in its folder, flushed, and then linked to its name: readers see all of
 * it or nothing, and the first writer of a name wins.
 */
export class DiskStore implements ArtifactStore {
  constructor(private readonly root: string) {}

  async put(name: string, content: Readable | Uint8Array): Promise<number> {
    const path = this.path(name);
    const draft = join(dirname(path), `.${randomUUID()}.draft`);
    const file = await create(draft);
    let removed: Promise<unknown> | undefined;
    const remove = (): Promise<unknown> => (removed ??= file.close().then(() => unlink(draft)));
    try {
      await writeFile(file, content);
      await file.sync();
      const isFirst = await link(draft, path).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code !== 'EEXIST') throw error;
          return false;
        },
      );
      await Promise.all([syncFolder(dirname(path)), remove()]);
      return isFirst && content instanceof Uint8Array ? content.byteLength : (await stat(path)).size;
    } finally {
      await remove();
    }
  }

  async get(name: string): Promise<Readable> {
    if (!(await this.exists(name))) throw new ArtifactMissing(name);
    return createReadStream(this.path(name));
  }

  async exists(name: string): Promise<boolean> {
    return stat(this.path(name)).then(
      (found) => found.isFile(),
      () => false,
    );
  }

  async list(prefix: string): Promise<string[]> {
    requireArtifactName(prefix);
    const folder = join(this.root, prefix);
    if (!(await stat(folder).catch(() => undefined))?.isDirectory()) return [];
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => relative(this.root, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .sort();
  }

  async remove(name: string): Promise<void> {
    await rm(this.path(name), { force: true });
  }

  /** Drafts, and folders without any file. */
  async removeUnfinished(): Promise<number> {
    const before = Date.now() - unfinishedAge;
    const entries = await readdir(this.root, { recursive: true, withFileTypes: true });
    let removed = 0;
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isDirectory() && !isDraft(entry.name)) continue;
      const age = await stat(path).catch(() => undefined);
      if (!age || age.mtimeMs >= before) continue;
      // A folder that has content is kept.
      await (entry.isDirectory() ? rmdir(path) : unlink(path)).then(
        () => (removed += 1),
        () => undefined,
      );
    }
    return removed;
  }

  private path(name: string): string {
    requireArtifactName(name);
    return join(this.root, name);
  }
}

const isDraft = (name: string): boolean => /^\..*\.draft$/.test(name);

/** Creates a folder and its missing parents. Node's `recursive` option blocks the calling thread several times as long. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await makeFolder(path);
  }
}

/** Opens a new file, and makes its folder: again, where that was removed in between because it was empty. */
async function create(path: string): Promise<FileHandle> {
  await makeFolder(dirname(path));
  return open(path, 'wx').catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    await makeFolder(dirname(path));
    return open(path, 'wx');
  });
}

/** A new name survives a crash only once its folder is flushed. Windows does not support that. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
