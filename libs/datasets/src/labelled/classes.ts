import { DatasetError, type Targets } from '../prepared/data';
import { numberer } from '../text/symbols';

interface Labelled {
  label: string;
  /** Where it stands, for messages. */
  place: string;
}

/** Classes, numbered by their sorted names. @throws DatasetError where all are one, or one has a single row */
export function classesOf(rows: readonly Labelled[]): { targets: Targets; targetVocabulary: string[] } {
  const targetVocabulary = namesOf(rows.map(({ label }) => label));
  if (targetVocabulary.length < 2)
    throw new DatasetError(
      `all rows have the label ${JSON.stringify(targetVocabulary[0])}: there is nothing to tell apart`,
    );
  requireSeveral(rows);
  const number = numberer(targetVocabulary);
  return {
    targets: { kind: 'classes', classes: Int32Array.from(rows, ({ label }) => number(label)) },
    targetVocabulary,
  };
}

/** The names of the classes, sorted. @throws DatasetError for more than 65,536 */
export function namesOf(labels: readonly string[]): string[] {
  const names = [...new Set(labels)].sort();
  if (names.length > 65_536)
    throw new DatasetError(`there are ${names.length} classes, more than 65536: is this a number?`);
  return names;
}

/** A class with one row can be learned or measured, not both. @throws DatasetError */
function requireSeveral(rows: readonly Labelled[]): void {
  const last = new Map<string, string | undefined>();
  for (const { label, place } of rows) last.set(label, last.has(label) ? undefined : place);
  for (const [label, place] of last)
    if (place !== undefined)
      throw new DatasetError(
        `${place}: the label ${JSON.stringify(label)} has this row alone; give more, or leave it out`,
      );
}
