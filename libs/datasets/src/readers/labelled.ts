import { constantAnswer } from '../baseline';
import { columnsOf } from '../labelled/columns';
import { inputRows } from '../labelled/encode';
import { encodeInputs, prepareRows, type LabelledTask } from '../labelled/labelled';
import { labelledFacts } from '../labelled/facts';
import { labelledTable } from '../labelled/rows';
import { DatasetError } from '../prepared/data';
import { encodeRows } from '../prepared/row-by-row';
import type { DataReader } from './reader';

/** Sequences with a target for each, or for each step. */
export const labelled: DataReader<LabelledTask['kind']> = {
  dataset: 'labelled',
  prepare(source, preparation) {
    const { dataset, reading, task } = preparation;
    const { rows, facts, textColumn } = labelledTable(source, task.kind, columnsOf(dataset, reading));
    const data = { ...prepareRows(rows, preparation), textColumn: textColumn ?? reading?.textColumn };
    return { data, baselines: [constantAnswer(data)], ...labelledFacts(rows, facts, task.kind) };
  },
  encode(source, reader) {
    const rows = inputRows(source, reader);
    if (rows.length === 0) throw new DatasetError('the input is empty');
    return encodeRows(rows, (some) => encodeInputs(some, Int32Array.of(), reader).inputs);
  },
};
