import { parseDocument } from '@unroll/contracts';
import { statSync } from 'node:fs';
import { CommandFailed } from '../errors/command-failed';
import { readText } from '../input/documents';
import type { ImportedStudy, ImportOptions } from './imported-study';
import { isKatib, readKatib } from './katib';
import { isOptuna, readOptuna } from './optuna';
import { isRay, readRay } from './ray';
import { isWandb, readWandb } from './wandb';

const sqlite = 'SQLite format 3\u0000';

/** The tool that wrote a file or folder, and what it says as a study. @throws CommandFailed for one that no known tool wrote */
export async function readStudy(path: string, options: ImportOptions): Promise<{ tool: string; study: ImportedStudy }> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) {
    if (!isRay(path)) throw new CommandFailed(`${path}: is no folder of an experiment of Ray Tune`, 2);
    return { tool: 'Ray Tune', study: readRay(path, options) };
  }
  const text = await readText(path);
  if (isOptuna(text)) return { tool: 'Optuna', study: readOptuna(text, options) };
  if (text.startsWith(sqlite))
    throw new CommandFailed(
      `${path}: is a database of SQLite: copy the study into a journal first, with optuna.copy_study(..., ` +
        'to_storage=JournalStorage(JournalFileBackend("study.log")))',
      2,
    );
  const document = parseDocument(text);
  if (isKatib(document)) return { tool: 'Katib', study: readKatib(text, options) };
  if (isWandb(document)) return { tool: 'W&B', study: readWandb(text, options) };
  throw new CommandFailed(
    `${path}: is none of: a W&B sweep in YAML, a Katib experiment in YAML, a journal of Optuna, a folder of Ray Tune`,
    2,
  );
}
