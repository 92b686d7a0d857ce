import { randomUUID } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  fsync,
  linkSync,
  mkdirSync,
  openSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { link, mkdir, open, readdir, rm, rmdir, stat, unlink, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { ArtifactMissing, requireArtifactName, unfinishedAge, type ArtifactStore } from './artifact-store';

/** Bytes that are written at once: for less, other threads take longer to be asked than the system takes to do it. */
const mostAtOnce = 2 ** 17;

/** Times that a file is created: its folder is made, or made again where it was removed in between because it was empty. */
const mostCreations = 3;

const flush = promisify(fsync);

/**
 * Artifacts as files under `root`. An object is written to a draft in its folder, flushed, and then linked to its name: readers see all of
 * it or nothing, and the first writer of a name wins.
 */
export class DiskStore implements ArtifactStore {
  constructor(private readonly root: string) {}

  async put(name: string, content: Readable | Uint8Array): Promise<number> {
    const path = this.path(name);
    const draft = join(dirname(path), `.${randomUUID()}.draft`);
    if (content instanceof Uint8Array && content.byteLength <= mostAtOnce) return putSmall(path, draft, content);
    const file = await create(draft);
    let removed: Promise<unknown> | undefined;
    const remove = (): Promise<unknown> => (removed ??= file.close().then(() => unlink(draft)));
    try {
      await writeFile(file, content);
      await file.sync();
      await link(draft, path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
      await Promise.all([syncFolder(dirname(path)), remove()]);
      return (await stat(path)).size;
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

/** The same of a few bytes: only flushing waits for a disk, and so is left to other threads. */
async function putSmall(path: string, draft: string, content: Uint8Array): Promise<number> {
  const file = createSync(draft);
  try {
    for (let at = 0; at < content.byteLength;) at += writeSync(file, content, at);
    await flush(file);
    const isFirst = linkIfNone(draft, path);
    await syncFolder(dirname(path));
    return isFirst ? content.byteLength : (await stat(path)).size;
  } finally {
    closeSync(file);
    unlinkSync(draft);
  }
}

/** Whether the name was free. */
function linkIfNone(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
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
  const folder = openSync(path, 'r');
  try {
    await flush(folder);
  } finally {
    closeSync(folder);
  }
}

/** As `create`, at once. */
function createSync(path: string): number {
  for (let attempt = 1; ; attempt += 1) {
    // A look takes less time than the error of a folder that is there, or is not.
    if (!existsSync(dirname(path))) mkdirSync(dirname(path), { recursive: true });
    try {
      return openSync(path, 'wx');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === mostCreations) throw error;
    }
  }
}
