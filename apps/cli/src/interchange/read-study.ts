import { parseDocument } from '@unroll/contracts';
import { statSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { CommandFailed } from '../errors/command-failed';
import { readText } from '../input/documents';
import type { ImportedStudy, ImportOptions } from './imported-study';
import { isKatib, readKatib } from './katib';
import { isOptuna, readOptuna } from './optuna';
import { isSqlite, readOptunaDatabase } from './optuna-database';
import { isRay, readRay } from './ray';
import { isWandb, readWandb } from './wandb';

/** The first bytes of a file. */
async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The tool that wrote a file or folder, and what it says as a study. @throws CommandFailed for one that no known tool wrote */
export async function readStudy(path: string, options: ImportOptions): Promise<{ tool: string; study: ImportedStudy }> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) {
    if (!isRay(path)) throw new CommandFailed(`${path}: is no folder of an experiment of Ray Tune`, 2);
    return { tool: 'Ray Tune', study: readRay(path, options) };
  }
  if (found?.isFile() && isSqlite(await headOf(path))) {
    const log = `${path}-wal`;
    if (statSync(log, { throwIfNoEntry: false })?.size)
      throw new CommandFailed(`${path}: has newer changes in ${log}: end the programs that write it first`, 2);
    return { tool: 'Optuna', study: await readOptunaDatabase(await readFile(path), options) };
  }
  const text = await readText(path);
  if (isOptuna(text)) return { tool: 'Optuna', study: readOptuna(text, options) };
  const document = parseDocument(text);
  if (isKatib(document)) return { tool: 'Katib', study: readKatib(text, options) };
  if (isWandb(document)) return { tool: 'W&B', study: readWandb(text, options) };
  throw new CommandFailed(
    `${path}: is none of: a W&B sweep in YAML, a Katib experiment in YAML, a journal or database of Optuna, a folder of Ray Tune`,
    2,
  );
}
