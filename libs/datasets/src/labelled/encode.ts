import { tasks, type DataReading, type DatasetSpec, type TaskSpec } from '@unroll/contracts';
import { readBytes, type DataSource } from '../source/data-source';
import { decodeText } from '../source/decode';
import { isMeantAsJson, parseJsonLines } from '../source/json-lines';
import { linesOf } from '../source/lines';
import { columnsOf } from './columns';
import { columnLines, conllRows } from './conll';
import { inputObjects } from './objects';
import type { LabelledRow } from './row';
import { inputTable } from './table';
import { typedInputs } from './typed-rows';

/**
 * Unlabelled sequences: JSON lines; CSV with a column text or sequence; CoNLL columns, if all lines have the same number and most end in
 * known tags; otherwise one text per line.
 * @throws DatasetError for an unreadable file, with the line
 */
export function inputRows(
  source: DataSource,
  { task, reading, dataset }: { task: TaskSpec; reading: DataReading; dataset: DatasetSpec },
): LabelledRow[] {
  const bytes = readBytes(source);
  const wanted = columnsOf(dataset, reading);
  const typed = typedInputs(bytes, wanted);
  if (typed) return typed;
  const text = decodeText(bytes);
  if (isMeantAsJson(text)) return inputObjects(parseJsonLines(text), wanted);
  if (tasks[task.kind].answers === 'each step' && isConll(text, reading))
    return conllRows(text, reading.targetVocabulary).rows;
  return inputTable(text, wanted) ?? parseLines(text);
}

const parseLines = (text: string): LabelledRow[] =>
  linesOf(text).flatMap((line, index): LabelledRow[] =>
    line.trim() === '' ? [] : [{ text: line, place: `line ${index + 1}` }],
  );

function isConll(text: string, { targetVocabulary = [] }: DataReading): boolean {
  const rows = columnLines(text, targetVocabulary).flatMap(({ cells }) => (cells ? [cells] : []));
  const columns = rows[0]?.length ?? 0;
  const isColumns = rows.length > 1 && columns > 1 && rows.every(({ length }) => length === columns);
  // The tags are not read: a few that the network does not know make no text of the others.
  const known = rows.filter((cells) => targetVocabulary.includes(cells.at(-1)!));
  return isColumns && 2 * known.length > rows.length;
}
