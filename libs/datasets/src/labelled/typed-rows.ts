import { DatasetError } from '../prepared/data';
import { numpyArrays, typedTable } from '../tables/read-table';
import { objectsOf } from '../tables/objects';
import { asCells, requireTexts, type TypedTable } from '../tables/typed-table';
import { classesInTyped, type CardClasses } from './card-classes';
import { textColumn, type LabelledColumns } from './columns';
import { numpyInputs, numpyRows } from './numpy-rows';
import { inputObjects, objectRows } from './objects';
import type { LabelledRow } from './row';
import { namedTexts, tableRows, type LabelledTable } from './table';

/** Labelled rows of a file that has types; undefined for a text. `classes`: names in its data set's card. @throws DatasetError */
export function typedRows(
  bytes: Uint8Array,
  wanted: LabelledColumns,
  classes: CardClasses = {},
): LabelledTable | undefined {
  const arrays = numpyArrays(bytes);
  const sequences = arrays && numpyRows(arrays, wanted);
  if (sequences) return sequences;
  const read = typedTable(bytes);
  if (!read) return undefined;
  const typed = classesInTyped(read, classes);
  if (hasLists(typed)) {
    requireTexts(typed, textName(typed, wanted));
    return { ...objectRows(objectsOf(typed), wanted), facts: [typed.format] };
  }
  const table = tableRows(asCells(typed), wanted);
  requireTexts(typed, table.textColumn);
  return table;
}

/** The same without targets. */
export function typedInputs(bytes: Uint8Array, wanted: LabelledColumns): LabelledRow[] | undefined {
  const arrays = numpyArrays(bytes);
  const sequences = arrays && numpyInputs(arrays, wanted);
  if (sequences) return sequences;
  const typed = typedTable(bytes);
  if (!typed) return undefined;
  requireTexts(typed, textName(typed, wanted));
  if (hasLists(typed)) return inputObjects(objectsOf(typed), wanted);
  const texts = namedTexts(asCells(typed), wanted);
  if (!texts)
    throw new DatasetError(
      `the columns are ${typed.columns.map(({ name }) => name).join(', ')}: name the one with the text "text", or as in dataset.text`,
    );
  return texts;
}

function textName({ columns }: TypedTable, wanted: LabelledColumns): string | undefined {
  const names = columns.map(({ name }) => name);
  return wanted.text ?? names[textColumn(names, wanted) ?? -1];
}

/** Whether a column holds sequences, which no cell of a table of texts does. */
const hasLists = ({ columns }: TypedTable): boolean =>
  columns.some(({ values }) =>
    Array.from({ length: Math.min(values.length, 100) }, (_, row) => values[row]).some(Array.isArray),
  );
