import { tasks, type TaskKind } from '@unroll/contracts';
import { open } from '../archive/open';
import { DatasetError } from '../prepared/data';
import type { DataSource } from '../source/data-source';
import { decodeText } from '../source/decode';
import { isJsonLines } from '../source/json-lines';
import type { LabelledColumns } from './columns';
import { conllRows } from './conll';
import { folderRows } from './folder';
import { objectRows } from './objects';
import type { LabelledRow } from './row';
import { tableRows, type LabelledTable } from './table';

/**
 * Labelled sequences in the format detected from the content: JSON lines; a folder or archive of texts; a table; or, for a task that
 * answers at each step, CoNLL columns. `wanted`: the columns of a table.
 * @throws DatasetError for an empty file, a single row, or an unreadable row, with its place
 */
export function labelledRows(source: DataSource, task: TaskKind, wanted: LabelledColumns = {}): LabelledRow[] {
  return labelledTable(source, task, wanted).rows;
}

/** The same, with what was read, for people. */
export function labelledTable(source: DataSource, task: TaskKind, wanted: LabelledColumns = {}): LabelledTable {
  const opened = open(source);
  const table =
    'files' in opened ? inFolders(folderRows(opened.files), wanted) : textRows(decodeText(opened.bytes), task, wanted);
  if (table.rows.length < 2)
    throw new DatasetError(`the data set has ${table.rows.length} labelled rows: give at least two`);
  return table;
}

/** @throws DatasetError for options of tables, where nothing has columns */
function inFolders(rows: LabelledRow[], wanted: LabelledColumns, what = 'files in folders'): LabelledTable {
  const [option] = (['text', 'label'] as const).filter((key) => wanted[key] !== undefined);
  if (option)
    throw new DatasetError(
      `dataset.${option}: names a column, but these are ${what}; leave it out`,
      `dataset.${option}`,
    );
  return { rows, facts: [what] };
}

function textRows(text: string, task: TaskKind, wanted: LabelledColumns): LabelledTable {
  if (isJsonLines(text)) return { rows: objectRows(text, wanted), facts: ['JSON lines'] };
  if (tasks[task].answers === 'each step') return inFolders(conllRows(text), wanted, 'CoNLL columns');
  return tableRows(text, wanted);
}
