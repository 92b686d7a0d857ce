import type { AttemptWork, BoardBaseline } from '@unroll/database';
import { open, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** A batch that waits for the database. */
export interface Spooled {
  work: AttemptWork[];
  baselines: BoardBaseline[];
}

/** The spool has no room left. The message is one line. */
export class SpoolFull extends Error {
  override readonly name = 'SpoolFull';
}

/** Most bytes on disk. */
const mostBytes = 256 * 2 ** 20;

/**
 * Batches on disk while the database is unavailable: a file per batch, oldest first, written atomically. A spool belongs to one process,
 * which adopts the batches of crashed processes of this machine; the fence decides which of them still count.
 */
export class Spool {
  private readonly folder: string;
  private files: { name: string; bytes: number }[] = [];
  private written = 0;

  constructor(
    private readonly root: string,
    private readonly limit = mostBytes,
  ) {
    this.folder = join(root, `${hostname()}.${process.pid}`);
  }

  get isEmpty(): boolean {
    return this.files.length === 0;
  }

  /** Batches on disk, and their bytes. */
  get waiting(): { batches: number; bytes: number } {
    return { batches: this.files.length, bytes: this.files.reduce((sum, { bytes }) => sum + bytes, 0) };
  }

  /** Adopts the batches of crashed processes. Returns how many there are. */
  async adopt(): Promise<number> {
    for (const entry of await readdir(this.root).catch(() => [])) {
      const pid = Number(entry.slice(hostname().length + 1));
      const own = join(this.root, entry);
      if (!entry.startsWith(`${hostname()}.`) || !Number.isInteger(pid)) continue;
      if (own !== this.folder && isRunning(pid)) continue;
      for (const name of (await readdir(own)).filter((file) => file.endsWith('.json')).sort()) {
        const place = this.nextName();
        await mkdir(this.folder, { recursive: true });
        await rename(join(own, name), join(this.folder, place));
        this.files.push({ name: place, bytes: (await stat(join(this.folder, place))).size });
      }
      if (own !== this.folder) await rm(own, { recursive: true, force: true });
    }
    return this.files.length;
  }

  /** Appends a batch. @throws SpoolFull if there is no room on disk or within the limit */
  async append(batch: Spooled): Promise<void> {
    const text = JSON.stringify(batch, (_, value: unknown) =>
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
    );
    const bytes = Buffer.byteLength(text);
    const { bytes: waiting } = this.waiting;
    if (waiting + bytes > this.limit) throw new SpoolFull(`the spool in ${this.folder} is full: ${waiting} bytes`);
    const name = this.nextName();
    const path = join(this.folder, name);
    try {
      await mkdir(this.folder, { recursive: true });
      const file = await open(`${path}.draft`, 'w', 0o600);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.draft`, path);
    } catch (error) {
      await rm(`${path}.draft`, { force: true }).catch(() => undefined);
      throw new SpoolFull(`the spool in ${this.folder} cannot be written: ${String(error)}`);
    }
    this.files.push({ name, bytes });
  }

  /** The oldest batch. A file that cannot be read is renamed and skipped. */
  async oldest(): Promise<Spooled | undefined> {
    for (;;) {
      const [first] = this.files;
      if (!first) return undefined;
      const path = join(this.folder, first.name);
      try {
        const batch = currentNames(JSON.parse(await readFile(path, 'utf8')) as Spooled);
        for (const { curves } of batch.work) for (const curve of curves) curve.values = curve.values.map(Number);
        return batch;
      } catch {
        await rename(path, `${path}.unreadable`).catch(() => undefined);
        this.files.shift();
      }
    }
  }

  /** Removes the oldest batch, which is in the database. */
  async remove(): Promise<void> {
    const first = this.files.shift();
    if (first) await rm(join(this.folder, first.name), { force: true });
    if (this.isEmpty) await rm(this.folder, { recursive: true, force: true });
  }

  private nextName(): string {
    this.written += 1;
    return `${String(Date.now()).padStart(15, '0')}-${String(this.written).padStart(9, '0')}.json`;
  }
}

/** Renames keys of batches that version 0.1.0 wrote: `end.checkpoint`, `end.pictures` and `board`. */
function currentNames(batch: Spooled): Spooled {
  for (const { end } of batch.work) if (end) renameKeys(end, { checkpoint: 'model', pictures: 'snapshots' });
  for (const baseline of batch.baselines) renameKeys(baseline, { board: 'comparisonKey' });
  return batch;

  function renameKeys(of: object, names: Record<string, string>): void {
    const own = of as Record<string, unknown>;
    for (const [before, after] of Object.entries(names)) {
      if (!(before in own)) continue;
      own[after] = own[before];
      delete own[before];
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
