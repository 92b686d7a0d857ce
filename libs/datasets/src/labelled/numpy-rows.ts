import { DatasetError } from '../prepared/data';
import type { NumpyArray } from '../tables/numpy';
import { cellOf, requireText } from '../tables/typed-table';
import type { LabelledColumns } from './columns';
import type { LabelledRow } from './row';
import type { LabelledTable } from './table';

/** Usual names of arrays with inputs and with answers, and how those of a part are marked: x_train, y_test. */
const inputNames = ['x', 'data', 'inputs', 'features', 'sequences'];
const answerNames = ['y', 'label', 'labels', 'target', 'targets'];
const parts = [
  ['', undefined],
  ['_train', 'train'],
  ['_val', 'validation'],
  ['_valid', 'validation'],
  ['_validation', 'validation'],
  ['_test', 'test'],
] as const;

interface Found {
  inputs: NumpyArray;
  answers: NumpyArray | undefined;
  part: string | undefined;
}

/** The arrays with sequences, and those with their answers, each by name. */
function pairsIn(arrays: readonly NumpyArray[], { text, label }: LabelledColumns): Found[] {
  const named = (names: readonly string[], ending: string): NumpyArray | undefined =>
    arrays.find(({ name }) => names.some((each) => `${each}${ending}` === name.toLowerCase()));
  return parts.flatMap(([ending, part]): Found[] => {
    const inputs = named(text === undefined ? inputNames : [text.toLowerCase()], ending);
    const answers = named(label === undefined ? answerNames : [label.toLowerCase()], ending);
    return inputs && !inputs.fields ? [{ inputs, answers, part }] : [];
  });
}

/**
 * Sequences in arrays of NumPy: inputs [rows, steps] or [rows, steps, numbers], or texts [rows], and answers [rows]; undefined for arrays
 * of other names, which may be columns of a table.
 * @throws DatasetError for other shapes
 */
export function numpyRows(arrays: readonly NumpyArray[], wanted: LabelledColumns): LabelledTable | undefined {
  const found = pairsIn(arrays, wanted);
  if (found.length === 0 || found.some(({ answers }) => answers === undefined)) return undefined;
  const rows = found.flatMap(({ inputs, answers, part }) => {
    const { shape, name, values } = answers!;
    if (shape[0] !== inputs.shape[0])
      throw new DatasetError(`${name} has ${shape[0]} rows, but ${inputs.name} has ${inputs.shape[0]}`);
    if (values.length !== shape[0])
      throw new DatasetError(
        `${name} has ${shape.join(' × ')} values: give one answer for each row, as one number or text`,
      );
    return rowsOf(inputs).map((row, index) => ({
      ...row,
      label: labelAt(values[index], `${name}[${index}]`),
      ...(part === undefined ? {} : { part }),
    }));
  });
  const used = found.flatMap(({ inputs, answers }) => [inputs, answers]);
  const rest = arrays.filter((each) => !used.includes(each)).map(({ name }) => name);
  return { rows, facts: ['NumPy', ...(rest.length > 0 ? [`left out ${rest.join(', ')}`] : [])] };
}

/** @throws DatasetError for NaN, NaT and blank texts, which are no class of their own */
function labelAt(value: unknown, place: string): string {
  const label = cellOf(value);
  if (label === '') throw new DatasetError(`${place}: has no label`);
  return label;
}

/** The same without answers: the only array, or those with usual names, of all parts; undefined for others. */
export function numpyInputs(arrays: readonly NumpyArray[], wanted: LabelledColumns): LabelledRow[] | undefined {
  const found = pairsIn(arrays, wanted).map(({ inputs }) => inputs);
  const inputs = found.length > 0 ? found : arrays.filter(({ fields }) => arrays.length === 1 && !fields);
  return inputs.length > 0 ? inputs.flatMap(rowsOf) : undefined;
}

/** @throws DatasetError for a number of dimensions that is none of sequences */
function rowsOf({ name, shape, values }: NumpyArray): LabelledRow[] {
  const [rows = 0, steps = 1, width = 1] = shape;
  const placeOf = (row: number): string => `${name}[${row}]`;
  if (shape.length === 1 && values.every((value) => typeof value === 'string' || value instanceof Uint8Array))
    return values.map((text, row) => ({ text: String(requireText(text, placeOf(row))), place: placeOf(row) }));
  if (shape.length < 2 || shape.length > 3)
    throw new DatasetError(
      `${name} has ${shape.length} ${shape.length === 1 ? 'dimension' : 'dimensions'}: sequences have rows and steps, and perhaps several numbers a step`,
    );
  return Array.from({ length: rows }, (_, row) => ({
    frames: Array.from({ length: steps }, (__, step) =>
      Array.from({ length: width }, (___, index) =>
        numberAt(values[(row * steps + step) * width + index], placeOf(row)),
      ),
    ),
    place: placeOf(row),
  }));
}

function numberAt(value: unknown, place: string): number {
  const number = typeof value === 'string' ? NaN : Number(value);
  if (!Number.isFinite(number))
    throw new DatasetError(`${place}: has ${String(value)} where a number belongs; fill it in, or leave the row out`);
  return number;
}
