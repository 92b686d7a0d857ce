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
/** A decimal number, and no code such as 007. */
const isNumber = (label: string): boolean => /^-?(0|[1-9]\d*)(\.\d+)?$/.test(label);
const areValues = (labels: readonly string[]): boolean => labels.every(isTruth) || labels.every(isNumber);

/** As JSON has it: pandas writes whole numbers of a column with missing values as 1.0, SQL decimals as 1.50, Python truth as True. */
const plainValue = (label: string): string =>
  isTruth(label)
    ? label.toLowerCase()
    : label.replace(/\.?0+$/, (zeros) => (label.includes('.') ? '' : zeros)).replace(/^-0$/, '0');

/**
 * A function that gives the number of the class that a name stands for, −1 for none: the one that is written so, or else the one that is
 * so without blanks around it and, where all classes are truth values or all are numbers, of the same value. Models of version 0.1 may have
 * learned the class 1.0, which is 1 now, or True.
 */
export function classNumberer(names: readonly string[]): (name: string) => number {
  const trimmed = names.map((name) => name.trim());
  const plain = areValues(trimmed) ? plainValue : String;
  const [exact, alike] = [numberer(names, -1), numberer(trimmed.map(plain), -1)];
  return (name) => {
    const found = exact(name);
    return found < 0 ? alike(plain(name.trim())) : found;
  };
}

/**
 * Rows with labels that are the same in every format: without blanks around them and, where all are truth values or all are numbers, as
 * JSON has these, so that 1 of one file and 1.0 or 1.00 of another are one class. `known`: the classes of a trained network, whose names
 * for them the labels then have, so that a file with some of them is read as all of them were.
 */
export function sameLabels<Row extends { label?: string }>(rows: readonly Row[], known?: readonly string[]): Row[] {
  const labels = rows.flatMap(({ label }) => label?.trim() ?? []);
  const number = classNumberer(known ?? []);
  const plain = areValues(labels) ? plainValue : String;
  const nameOf = (label: string): string => known?.[number(label)] ?? (known ? label.trim() : plain(label.trim()));
  return rows.map((row) => (row.label === undefined ? row : { ...row, label: nameOf(row.label) }));
}

/** The IDs of classes or tags, by their exact names. @throws DatasetError for an unknown one */
export const namedNumberer = (names: readonly string[]): ((name: string, place: string) => number) => {
  const number = numberer(names, -1);
  return (name, place) => {
    const found = number(name);
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
