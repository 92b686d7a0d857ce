import { datasetName, namedFile, type NamedFile, type TrialSpec } from '@unroll/contracts';
import {
  fingerprintFile,
  readTokenizerFile,
  readWordVectors,
  type PreparedData,
  type TokenizerReading,
  type WordVectors,
} from '@unroll/datasets';
import { embeddedSymbols } from '@unroll/training';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { download } from '../api/client';
import { CommandFailed } from '../errors/command-failed';
import { note } from '../show/text';
import { noFile, regularFile, resolveFrom } from './data-sources';

/**
 * Reads the word vectors that a trial names, in a file or registered with the running stack, and says how many it found. `file`: the one
 * that the trial is in. @throws CommandFailed for some that are not there, or do not fit the trial
 */
export async function openWordVectors(spec: TrialSpec, file: string, data: PreparedData): Promise<WordVectors> {
  const vectors = namedFile(spec, 'training.initFrom.embedding')!;
  const symbols = embeddedSymbols(data);
  const found = await withFile(vectors, file, (path) => readWordVectors(path, symbols, spec.model.embeddingSize));
  const lower = found.inLowerCase > 0 ? `, ${found.inLowerCase} of them in lower case` : '';
  note(`${vectors.name} has vectors of ${found.vectors.size} of ${symbols.length} symbols${lower}; others are drawn.`);
  return found;
}

/** How the tokenizer that a trial names reads a text; undefined where it names none. @throws CommandFailed */
export async function openTokenizer(spec: TrialSpec, file: string): Promise<TokenizerReading | undefined> {
  const tokenizer = namedFile(spec, 'task.tokenizer');
  return tokenizer && withFile(tokenizer, file, readTokenizerFile);
}

/**
 * Uses a file that a trial names, or downloads meanwhile what is registered under its name: also where a file that has the name is not the
 * one with the fingerprint that the trial gives. @throws CommandFailed for one that is not there, or of no use
 */
async function withFile<Result>(
  { name, fingerprint, kind, option }: NamedFile,
  file: string,
  use: (path: string) => Result | Promise<Result>,
): Promise<Result> {
  const refusal = (message: string): CommandFailed => new CommandFailed(`${option}: ${message}`, 2);
  const isWanted = (path: string): boolean => fingerprint === undefined || fingerprintFile(kind, path) === fingerprint;
  const used = async (path: string): Promise<Result> => {
    try {
      return await use(path);
    } catch (error) {
      throw refusal(`${name} ${(error as Error).message}`);
    }
  };
  const other = 'is not the file with the fingerprint that the trial gives';
  const own = regularFile(file, name);
  if (own !== undefined && isWanted(own)) return used(own);
  const problem = own === undefined ? noFile(resolveFrom(file, name)) : `${own} ${other}`;
  if (!datasetName.safeParse(name).success) throw refusal(problem);
  const folder = await mkdtemp(join(tmpdir(), 'unroll-file-'));
  try {
    const path = join(folder, name);
    const content = await download(`/v1/datasets/${encodeURIComponent(name)}/content`).catch((error: Error) => {
      throw refusal(`${problem}, and ${name} could not be loaded from a running stack (${error.message})`);
    });
    await writeFile(path, content);
    if (!isWanted(path)) throw refusal(`${name} ${other}`);
    return await used(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
