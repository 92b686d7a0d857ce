import { datasetKindDefinitions, type RegisteredKind, type DatasetView } from '@unroll/contracts';
import { createHash } from 'node:crypto';
import { createReadStream, openAsBlob } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { call } from '../api/client';
import { CommandFailed } from '../errors/command-failed';
import { packFolder } from './pack-folder';

/** A file to upload: the file itself, or a folder packed as an archive, which exists while `use` runs. @throws CommandFailed */
async function withUpload<Result>(
  path: string,
  kind: RegisteredKind,
  use: (file: string) => Promise<Result>,
): Promise<Result> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailed(
      `${path}: ${error.code === 'ENOENT' ? 'no such file' : `cannot be read (${error.code})`}`,
      2,
    );
  });
  if (!found.isDirectory()) return use(path);
  if (datasetKindDefinitions[kind].archive === 'never')
    throw new CommandFailed(`${path}: is a folder, but data of the kind ${kind} must be a file`, 2);
  const draft = await mkdtemp(join(tmpdir(), 'unroll-pack-'));
  try {
    return await use(await packFolder(path, join(draft, `${basename(path)}.tar`)));
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Registers a file, or a folder as an archive, as a data set, streamed. Returns its registered name. @throws CommandFailed */
export const addDataset = (name: string, path: string, kind: RegisteredKind): Promise<string> =>
  withUpload(path, kind, (file) => upload(name, file, kind));

/** The name that a file is registered under by itself: its own, and a hash of its content, so that an edited file gets a new one. */
export const nameOf = (path: string, kind: RegisteredKind): Promise<string> =>
  withUpload(path, kind, async (file) => {
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    const plain = basename(path, extname(path))
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '')
      .slice(0, 40);
    return `${plain || kind}-${hash.digest('hex').slice(0, 6)}`;
  });

async function upload(name: string, path: string, kind: string): Promise<string> {
  const body = new FormData();
  body.set('name', name);
  body.set('kind', kind);
  body.set('file', await openAsBlob(path), basename(path));
  const { name: registered } = await call<DatasetView>('/v1/datasets', { method: 'POST', body });
  return registered;
}
