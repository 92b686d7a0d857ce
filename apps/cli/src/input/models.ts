import { readModel, type Model } from '@unroll/training';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { download } from '../api/client';
import { CommandFailed } from '../errors/command-failed';

/** What a command says of the argument that names a model. */
export const modelArgument = 'a trial of the stack that runs, or a .safetensors file';

/** Whether an argument names a file, rather than a trial. */
const isFile = (name: string): boolean => /\.safetensors$/.test(name) || existsSync(name);

/** The bytes of a model's file, or of a trial's. @throws CommandFailed */
async function bytesOf(name: string): Promise<Uint8Array> {
  if (!isFile(name)) return trialFile(name);
  return readFile(name).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'there is no such file' : `cannot be read (${error.code})`;
    throw new CommandFailed(`${name}: ${why}`, 2);
  });
}

async function trialFile(id: string): Promise<Uint8Array> {
  const content = await download(`/v1/trials/${encodeURIComponent(id)}/model`);
  return new Uint8Array(await new Response(content).arrayBuffer());
}

/** The model of a file or a trial. @throws CommandFailed for one that is not there, or cannot be read */
export async function openModel(name: string): Promise<Model & { bytes: Uint8Array }> {
  const bytes = await bytesOf(name);
  try {
    return { ...readModel(bytes), bytes };
  } catch (error) {
    throw new CommandFailed(`${name}: ${(error as Error).message}`, 2);
  }
}

/** Writes what a command made. @throws CommandFailed where it cannot */
export async function writeOutput(path: string, content: Uint8Array): Promise<void> {
  await writeFile(path, content).catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailed(`${path}: cannot be written (${error.code ?? error.message})`);
  });
}
