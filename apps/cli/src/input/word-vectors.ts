import { datasetName, type TrialSpec } from '@unroll/contracts';
import { fingerprintFile, readWordVectors, type PreparedData, type WordVectors } from '@unroll/datasets';
import { embeddedSymbols } from '@unroll/training';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { download } from '../api/client';
import { CommandFailed } from '../errors/command-failed';
import { note } from '../show/text';
import { resolveFrom } from './data-sources';

const refusal = (message: string): CommandFailed => new CommandFailed(`training.initFrom.embedding: ${message}`, 2);

/**
 * Reads the word vectors that a trial names, in a file or registered with the running stack, and says how many it found. `file`: the one
 * that the trial is in. @throws CommandFailed for some that are not there, or do not fit the trial
 */
export async function openWordVectors(
  { model, training: { initFrom } }: TrialSpec,
  file: string,
  data: PreparedData,
): Promise<WordVectors> {
  const name = initFrom!.embedding!;
  const symbols = embeddedSymbols(data);
  const found = await withFile(name, file, async (path) => {
    const wanted = initFrom!.fingerprint;
    if (wanted !== undefined && fingerprintFile('vectors', path) !== wanted)
      throw refusal(`${name} is not the file with the fingerprint that training.initFrom.fingerprint gives`);
    return readWordVectors(path, symbols, model.embeddingSize);
  }).catch((error: Error) => {
    throw error instanceof CommandFailed ? error : refusal(`${name} ${error.message}`);
  });
  const lower = found.inLowerCase > 0 ? `, ${found.inLowerCase} of them in lower case` : '';
  note(`${name} has vectors of ${found.vectors.size} of ${symbols.length} symbols${lower}; others are drawn.`);
  return found;
}

/** Uses the file of this name, or downloads what is registered under it meanwhile. @throws CommandFailed */
async function withFile<Result>(name: string, file: string, use: (path: string) => Promise<Result>): Promise<Result> {
  const own = resolveFrom(file, name);
  if (existsSync(own)) return use(own);
  if (!datasetName.safeParse(name).success) throw refusal(`${own} does not exist`);
  const folder = await mkdtemp(join(tmpdir(), 'unroll-vectors-'));
  try {
    const path = join(folder, name);
    const content = await download(`/v1/datasets/${encodeURIComponent(name)}/content`).catch((error: Error) => {
      throw refusal(`${own} does not exist, and ${name} could not be loaded from a running stack (${error.message})`);
    });
    await writeFile(path, content);
    return await use(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
