import { datasetKindDefinitions, type DatasetKind, type DatasetView } from '@unroll/contracts';
import { openAsBlob } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { call } from '../api/client';
import { CommandFailed } from '../errors/command-failed';
import { packFolder } from './pack-folder';

/** Registers a file, or a folder as an archive, as a data set, streamed. Returns its registered name. @throws CommandFailed */
export async function addDataset(name: string, path: string, kind: DatasetKind): Promise<string> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailed(
      `${path}: ${error.code === 'ENOENT' ? 'no such file' : `cannot be read (${error.code})`}`,
      2,
    );
  });
  if (!found.isDirectory()) return upload(name, path, kind);
  if (datasetKindDefinitions[kind].archive === 'never')
    throw new CommandFailed(`${path}: is a folder, but data of the kind ${kind} must be a file`, 2);
  const draft = await mkdtemp(join(tmpdir(), 'unroll-pack-'));
  try {
    return await upload(name, await packFolder(path, join(draft, `${name}.tar`)), kind);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function upload(name: string, path: string, kind: string): Promise<string> {
  const body = new FormData();
  body.set('name', name);
  body.set('kind', kind);
  body.set('file', await openAsBlob(path), basename(path));
  const { name: registered } = await call<DatasetView>('/v1/datasets', { method: 'POST', body });
  return registered;
}
