import { tasks, type TaskKind } from '@unroll/contracts';
import { open } from '../archive/open';
import { DatasetError } from '../prepared/data';
import type { DataSource } from '../source/data-source';
import { decodeText } from '../source/decode';
import { isJsonLines } from '../source/json-lines';
import { conllRows } from './conll';
import { folderRows } from './folder';
import { objectRows } from './objects';
import type { LabelledRow } from './row';
import { tableRows } from './table';

/**
 * Labelled sequences in the format detected from the content: JSON lines; a folder or archive of texts; CSV; or, for a task that answers at
 * each step, CoNLL columns.
 * @throws DatasetError for an empty file, a single row, or an unreadable row, with its place
 */
export function labelledRows(source: DataSource, task: TaskKind): LabelledRow[] {
  const opened = open(source);
  const rows = 'files' in opened ? folderRows(opened.files) : textRows(decodeText(opened.bytes), task);
  if (rows.length < 2) throw new DatasetError(`the data set has ${rows.length} labelled rows: give at least two`);
  return rows;
}

function textRows(text: string, task: TaskKind): LabelledRow[] {
  if (isJsonLines(text)) return objectRows(text);
  return tasks[task].answers === 'each step' ? conllRows(text) : tableRows(text);
}
