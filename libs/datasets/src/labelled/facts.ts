import { tasks, type TaskKind } from '@unroll/contracts';
import type { LabelledRow } from './row';

const mostListed = 6;

/** What labelled rows are: how many, of which lengths and classes. A class of few rows is a warning. */
export function labelledFacts(
  rows: readonly LabelledRow[],
  read: readonly string[],
  task: TaskKind,
): { facts: string[]; warnings: string[] } {
  const lengths = rows.map(({ text, symbols, frames }) => text?.length ?? symbols?.length ?? frames!.length);
  const [least, most] = [Math.min(...extremes(lengths)), Math.max(...extremes(lengths))];
  const unit = rows[0]!.text === undefined ? 'steps' : 'characters';
  const classes = tasks[task].loss === 'cross-entropy' ? classFacts(rows) : undefined;
  const facts = [...read, `${least} to ${most} ${unit}`, ...(classes ? [classes.text] : [])];
  return {
    facts: [`read ${rows.length.toLocaleString('en-US')} rows: ${facts.join('; ')}`],
    warnings: classes?.warnings ?? [],
  };
}

/** The least and the most of many numbers, without spreading them all. */
const extremes = (values: readonly number[]): [number, number] =>
  values.reduce<[number, number]>(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);

function classFacts(rows: readonly LabelledRow[]): { text: string; warnings: string[] } | undefined {
  const counts = new Map<string, number>();
  for (const { label } of rows) if (label !== undefined) counts.set(label, (counts.get(label) ?? 0) + 1);
  if (counts.size === 0) return undefined;
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  const listed = sorted.slice(0, mostListed).map(([label, count]) => `${label} ${count}`);
  const more = sorted.length > mostListed ? ', ...' : '';
  const [rare, fewest] = sorted.at(-1)!;
  const isRare = sorted.length > 1 && fewest * sorted.length < 0.2 * rows.length;
  return {
    text: `${counts.size} classes (${listed.join(', ')}${more})`,
    warnings: [
      ...(isRare
        ? [
            `the class ${rare} has ${((100 * fewest) / rows.length).toFixed(1)} % of the rows: compare validation.balancedAccuracy or ` +
              'validation.f1, and consider training.classWeights: balanced',
          ]
        : []),
      ...neverTrained(rows),
      ...sameButForCase([...counts.keys()]),
    ],
  };
}

/** Classes that the parts given by the data have only where a network is measured. */
function neverTrained(rows: readonly LabelledRow[]): string[] {
  const trained = new Set(rows.flatMap(({ part, label }) => (part === undefined || part === 'train' ? [label] : [])));
  const missing = [...new Set(rows.map(({ label }) => label))].filter((label) => !trained.has(label));
  if (missing.length === 0) return [];
  const named = missing.slice(0, mostListed).join(', ') + (missing.length > mostListed ? ', ...' : '');
  return [
    missing.length === 1
      ? `no row to train on has the class ${named}: a network cannot learn it`
      : `no row to train on has the classes ${named}: a network cannot learn them`,
  ];
}

/** Classes that are likely one, written in two ways. */
function sameButForCase(labels: readonly string[]): string[] {
  const first = new Map<string, string>();
  for (const label of labels) {
    const plain = label.normalize().toLowerCase();
    const other = first.get(plain);
    if (other !== undefined) {
      const how = other.normalize() === label.normalize() ? ' by their form in Unicode (NFC, NFD)' : '';
      return [
        `${JSON.stringify(other)} and ${JSON.stringify(label)} are two classes${how}: if they are one, write it in one way`,
      ];
    }
    first.set(plain, label);
  }
  return [];
}
