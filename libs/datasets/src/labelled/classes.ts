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

/** The IDs of classes or tags. @throws DatasetError for an unknown one */
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
