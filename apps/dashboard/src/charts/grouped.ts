import { between, type Curves, type Points } from '@unroll/contracts';
import { mark } from '../format/number';
import { parameterText } from '../format/parameters';

/** Most groups of a parameter with many values: quarters of its range. */
const mostGroups = 6;
const quarters = 4;

export interface Group {
  label: string;
  trials: number;
  updates: number[];
  median: number[];
  /** The lower and the upper quartile. */
  low: number[];
  high: number[];
}

/** The name of the group of each trial: its value of a parameter, or the quarter of all values in which a number is. */
function groupNames({ parameters, items }: Points, index: number): Map<string, string> {
  const value = new Map(items.map(({ trialId, at }) => [trialId, at[index]] as const));
  const numbers = [...value.values()].filter((each): each is number => typeof each === 'number').sort((a, b) => a - b);
  const isSplit = parameters[index]!.scale !== 'category' && new Set(numbers).size > mostGroups;
  if (!isSplit) return new Map([...value].map(([id, each]) => [id, parameterText(each)]));
  const edge = (part: number): number =>
    numbers[Math.min(numbers.length - 1, Math.floor((numbers.length * part) / quarters))]!;
  const edges = Array.from({ length: quarters + 1 }, (_, part) => edge(part));
  return new Map(
    [...value].map(([id, each]) => {
      if (typeof each !== 'number') return [id, parameterText(each)];
      const part = Math.max(
        0,
        Math.min(
          quarters - 1,
          edges.findLastIndex((low) => each >= low),
        ),
      );
      return [id, `${mark(edges[part])} to ${mark(edges[part + 1])}`];
    }),
  );
}

/**
 * The curves of trials with the same value of a parameter as one: their median at each update that at least half of them have reached, and
 * their quartiles, which a few large values at the start do not move as they do a mean. Trials that diverged are left out.
 */
export function groupedCurves(curves: Curves, points: Points, index: number): Group[] {
  const names = groupNames(points, index);
  const groups = new Map<string, Curves['items']>();
  for (const curve of curves.items) {
    const name = names.get(curve.trialId);
    if (name !== undefined && curve.state !== 'diverged') groups.set(name, [...(groups.get(name) ?? []), curve]);
  }
  return [...groups]
    .map(([label, members]) => ({ label, trials: members.length, ...middleCurve(members) }))
    .sort((a, b) => a.label.localeCompare(b.label, 'en', { numeric: true }));
}

function middleCurve(members: Curves['items']): Omit<Group, 'label' | 'trials'> {
  const at = new Map<number, number[]>();
  for (const { updates, values } of members)
    updates.forEach((update, place) => {
      const value = values[place];
      if (typeof value === 'number') at.set(update, [...(at.get(update) ?? []), value]);
    });
  const kept = [...at].filter(([, values]) => values.length * 2 >= members.length).sort(([a], [b]) => a - b);
  const sorted = kept.map(([, values]) => values.sort((a, b) => a - b));
  return {
    updates: kept.map(([update]) => update),
    median: sorted.map((values) => quantile(values, 0.5)),
    low: sorted.map((values) => quantile(values, 0.25)),
    high: sorted.map((values) => quantile(values, 0.75)),
  };
}

/** By linear interpolation between the two nearest of sorted values. */
function quantile(values: readonly number[], share: number): number {
  const place = (values.length - 1) * share;
  return between(values[Math.floor(place)]!, values[Math.ceil(place)]!, place % 1);
}
