import type { DatasetKind, DatasetSpec, DatasetView } from '@unroll/contracts';
import { builtIns, type DataSource } from '@unroll/datasets';
import { access } from 'node:fs/promises';
import { call, download } from '../api/client';
import { CommandFailed } from '../errors/command-failed';

/** A file, whose place in the input is called `what`. @throws CommandFailed for one that cannot be read */
export async function fileSource(path: string, kind: DatasetKind, what: string): Promise<DataSource> {
  await access(path).catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailed(`${what}: ${path} cannot be read (${error.code})`, 2);
  });
  return { kind, path };
}

/** A data set by its name: a built-in one, or one that the stack which runs knows. @throws CommandFailed */
export async function namedSource(dataset: DatasetSpec): Promise<DataSource> {
  const builtIn = builtIns.find(({ name }) => name === dataset.name);
  return builtIn ? { kind: builtIn.kind, bytes: builtIn.read(dataset) } : registered(dataset.name);
}

/** Training itself needs no stack. */
async function registered(name: string): Promise<DataSource> {
  try {
    const path = `/v1/datasets/${encodeURIComponent(name)}`;
    const { kind } = await call<DatasetView>(path);
    const bytes = new Uint8Array(await new Response(await download(`${path}/content`)).arrayBuffer());
    return { kind: kind as DatasetKind, bytes };
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    throw new CommandFailed(
      `dataset: ${name} is no built-in data set (${builtIns.map((each) => each.name).join(', ')}), and no stack that runs here has it (${error.message}); for a file write dataset: {path: FILE, kind: text}`,
      2,
    );
  }
}
