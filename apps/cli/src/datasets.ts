import type { DatasetView } from '@unroll/contracts';
import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { call } from './api-client';
import { CommandFailed } from './command-failed';

/** Registers a file as a data set, streamed. Returns the name that it got. @throws CommandFailed */
export async function addDataset(name: string, path: string, kind: string): Promise<string> {
  await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailed(
      `${path}: ${error.code === 'ENOENT' ? 'there is no such file' : `cannot be read (${error.code})`}`,
      2,
    );
  });
  const body = new FormData();
  body.set('name', name);
  body.set('kind', kind);
  body.set('file', await openAsBlob(path), basename(path));
  const { name: registered } = await call<DatasetView>('/v1/datasets', { method: 'POST', body });
  return registered;
}
