import { tasks, type TaskKind } from '@unroll/contracts';
import type { NamedFile } from '../archive/named-file';
import { open } from '../archive/open';
import { DatasetError } from '../prepared/data';
import type { DataSource } from '../source/data-source';
import { decodeText } from '../source/decode';
import { parseTable } from '../source/csv';
import { isJsonLines, parseJsonLines } from '../source/json-lines';
import { sameLabels } from './classes';
import { classesInCells, classesInObjects, type CardClasses } from './card-classes';
import type { LabelledColumns } from './columns';
import { classesOfCard } from './dataset-card';
import { conllRows } from './conll';
import { folderRows } from './folder';
import { objectRows } from './objects';
import type { LabelledRow } from './row';
import { describeParts, partsIn } from './parts-in-folder';
import { tableRows, type LabelledTable } from './table';
import { typedRows } from './typed-rows';

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
  const table = 'files' in opened ? filesRows(opened.files, task, wanted) : bytesRows(opened.bytes, task, wanted);
  if (table.rows.length < 2)
    throw new DatasetError(`the data set has ${table.rows.length} labelled rows: give at least two`);
  return tasks[task].loss === 'cross-entropy' ? { ...table, rows: sameLabels(table.rows, wanted.classes) } : table;
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

/** Files by class, or the parts of a data set. */
function filesRows(files: readonly NamedFile[], task: TaskKind, wanted: LabelledColumns): LabelledTable {
  const parts = partsIn(files, { hasColumns: tasks[task].answers === 'each step' });
  if (!parts) {
    const rows = folderRows(files);
    return inFolders(rows, wanted, rows.some(({ part }) => part) ? 'files in folders, by part' : undefined);
  }
  const classes = classesOfCard(files);
  const read = parts.map(({ file, part }) => {
    const { rows, facts, textColumn } = inFile(file.name, () => bytesRows(file.bytes(), task, wanted, classes));
    const placed = rows.map((row) => ({ ...row, place: `${file.name} ${row.place}`, ...(part && { part }) }));
    return { rows: placed, facts, textColumn };
  });
  const [{ textColumn }] = read as [LabelledTable];
  return {
    rows: read.flatMap(({ rows }) => rows),
    textColumn,
    facts: [
      `parts ${describeParts(parts)}`,
      ...read[0]!.facts,
      ...Object.keys(classes).map((column) => `classes of ${column} named by README.md`),
    ],
  };
}

/** What is read of one of several files. @throws DatasetError, which names it */
function inFile<Result>(name: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    throw error instanceof DatasetError ? new DatasetError(`${name}: ${error.message}`, error.option) : error;
  }
}

const bytesRows = (
  bytes: Uint8Array,
  task: TaskKind,
  wanted: LabelledColumns,
  classes: CardClasses = {},
): LabelledTable => typedRows(bytes, wanted, classes) ?? textRows(decodeText(bytes), task, wanted, classes);

function columnRows(text: string, wanted: LabelledColumns): LabelledTable {
  const { rows, facts } = conllRows(text, wanted.classes);
  return { ...inFolders(rows, wanted, 'CoNLL columns'), facts };
}

/** Whether the first of the columns of words is one that begins with a brace, as in code. */
const isWordInBraces = (text: string): boolean => /^\s*\{[^\s"':]*[ \t]+[^\s"'}]/.test(text);

function textRows(text: string, task: TaskKind, wanted: LabelledColumns, classes: CardClasses): LabelledTable {
  const hasColumns = tasks[task].answers === 'each step';
  if (isJsonLines(text) && !(hasColumns && isWordInBraces(text)))
    return { ...objectRows(classesInObjects(parseJsonLines(text), classes), wanted), facts: ['JSON lines'] };
  if (hasColumns) return columnRows(text, wanted);
  return tableRows(classesInCells(parseTable(text), classes), wanted);
}
