import type { DatasetKind, DatasetSpec, DatasetView } from '@unroll/contracts';
import { builtIns, type DataSource } from '@unroll/datasets';
import { existsSync, statSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { call, download } from '../api/client';
import { CommandFailed } from '../errors/command-failed';

/** Resolves a path named in a file: relative to that file, else to the working directory. */
export function resolveFrom(file: string, path: string): string {
  const near = resolve(dirname(file), path);
  return existsSync(near) ? near : resolve(path);
}

/**
 * The regular file that a path named in a file is, found as `resolveFrom` does; undefined if there is none. What may be the name of a
 * registered one is read as a path only so: a folder that happens to have the name is passed over.
 */
export const regularFile = (file: string, path: string): string | undefined =>
  [resolve(dirname(file), path), resolve(path)].find((each) => existsSync(each) && statSync(each).isFile());

/** Why there is no regular file at a path. */
export const noFile = (path: string): string => `${path} ${existsSync(path) ? 'is not a file' : 'does not exist'}`;

/** A file as a data source; `what` names the option or key that gave it. @throws CommandFailed if it cannot be read */
export async function fileSource(path: string, kind: DatasetKind, what: string): Promise<DataSource> {
  await access(path).catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailed(`${what}: ${path} cannot be read (${error.code})`, 2);
  });
  return { kind, path };
}

/** A data set by name: a built-in one, or one registered with the running stack. @throws CommandFailed */
export async function namedSource(dataset: DatasetSpec): Promise<DataSource> {
  const builtIn = builtIns.find(({ name }) => name === dataset.name);
  return builtIn ? { kind: builtIn.kind, bytes: builtIn.read(dataset) } : registered(dataset.name);
}

/** Downloads a registered data set. Only this needs a running stack: built-in data and files do not. */
async function registered(name: string): Promise<DataSource> {
  try {
    const path = `/v1/datasets/${encodeURIComponent(name)}`;
    const { kind } = await call<DatasetView>(path);
    const bytes = new Uint8Array(await new Response(await download(`${path}/content`)).arrayBuffer());
    return { kind: kind as DatasetKind, bytes };
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    throw new CommandFailed(
      `dataset: ${name} is not a built-in data set (${builtIns.map((each) => each.name).join(', ')}) ` +
        `and could not be loaded from a running stack (${error.message}); for a file, write dataset: {path: FILE, kind: text}`,
      2,
    );
  }
}
