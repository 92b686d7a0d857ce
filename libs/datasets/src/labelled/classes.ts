import { DatasetError, type Targets } from '../prepared/data';
import { numberer } from '../text/symbols';

interface Labelled {
  label: string;
  /** Its place in the file, for messages. */
  place: string;
}

/** Class targets, numbered by sorted name. @throws DatasetError for a single class, or a class with a single row */
export function classTargets(rows: readonly Labelled[]): { targets: Targets; targetVocabulary: string[] } {
  const targetVocabulary = classNames(rows.map(({ label }) => label));
  if (targetVocabulary.length < 2)
    throw new DatasetError(
      `all rows have the label ${JSON.stringify(targetVocabulary[0])}: there is nothing to classify`,
    );
  requireSeveral(rows);
  const number = numberer(targetVocabulary);
  return {
    targets: { kind: 'classes', classes: Int32Array.from(rows, ({ label }) => number(label)) },
    targetVocabulary,
  };
}

/** The same, or with the classes of a trained network. @throws DatasetError also for one that it does not know */
export function namedClasses(
  rows: readonly Labelled[],
  known: readonly string[] | undefined,
): { targets: Targets; targetVocabulary: string[] } {
  if (!known) return classTargets(rows);
  const number = namedNumberer(known);
  const classes = Int32Array.from(rows, ({ label, place }) => number(label, place));
  return { targets: { kind: 'classes', classes }, targetVocabulary: [...known] };
}

const isTruth = (label: string): boolean => /^(true|false)$/i.test(label);
const isNumber = (label: string): boolean => /^-?\d+(\.\d+)?$/.test(label);
/** As JSON has it: pandas writes the whole numbers of a column with missing values as 1.0, and Python a truth value as True. */
const withoutFraction = (label: string): string => label.replace(/^(-?\d+)\.0$/, '$1');
const plainLabel = (label: string): string => (isTruth(label) ? label.toLowerCase() : withoutFraction(label));

/**
 * Rows with labels that are the same in every format: without blanks around them and, where all are truth values or all are numbers, as
 * JSON has these, so that 1 of one file and 1.0 of another are one class.
 */
export function sameLabels<Row extends { label?: string }>(rows: readonly Row[]): Row[] {
  const trimmed = rows.map((row) => (row.label === undefined ? row : { ...row, label: row.label.trim() }));
  const labels = trimmed.flatMap(({ label }) => label ?? []);
  const areValues = labels.every(isTruth) || labels.every(isNumber);
  return areValues ? trimmed.map((row) => (row.label ? { ...row, label: plainLabel(row.label) } : row)) : trimmed;
}

/**
 * The IDs of classes or tags. Models of version 0.1 may have learned the class 1.0, which is 1 now, or True.
 * @throws DatasetError for an unknown one
 */
export const namedNumberer = (names: readonly string[]): ((name: string, place: string) => number) => {
  const [number, plain] = [numberer(names, -1), numberer(names.map(plainLabel), -1)];
  return (name, place) => {
    const exact = number(name);
    const found = exact < 0 ? plain(plainLabel(name)) : exact;
    if (found < 0)
      throw new DatasetError(
        `${place}: the model does not know the label ${JSON.stringify(name)}; ` +
          'set training.initFrom.replaceHead: true to learn new ones',
      );
    return found;
  };
};

/** The sorted names of the classes. @throws DatasetError for more than 65,536 */
export function classNames(labels: readonly string[]): string[] {
  const names = [...new Set(labels)].sort();
  if (names.length > 65_536)
    throw new DatasetError(`there are ${names.length} classes, more than 65536: are the labels numbers?`);
  return names;
}

/** Refuses a class with a single row, which can be trained on or validated on, but not both. @throws DatasetError */
function requireSeveral(rows: readonly Labelled[]): void {
  const last = new Map<string, string | undefined>();
  for (const { label, place } of rows) last.set(label, last.has(label) ? undefined : place);
  for (const [label, place] of last)
    if (place !== undefined)
      throw new DatasetError(
        `${place}: the label ${JSON.stringify(label)} has only this row; give more, or leave it out`,
      );
}
