import { fromWalls } from '../columns/zones';
import type { Keys } from './long-form';
import type { RowTimes } from './cells';
import type { Span } from '../prepared/rows';

/** Rows in order: series by series, each by time. */
export interface Ordered {
  /** Rows of the file. */
  rows: number[];
  spans: Span[];
  /** Their times; undefined for none. */
  times: Float64Array | undefined;
  /** How the file was ordered, where it was not by time. */
  how: string | undefined;
}

/** Puts the rows of each series in the order of their times. `zone`: of times that name none. */
export function inOrder(times: RowTimes | undefined, { names, groups }: Keys, zone: string | undefined): Ordered {
  const sorted = groups.map((group) =>
    times ? bySeries(group, times, zone) : { rows: group, times: [], how: undefined },
  );
  let end = 0;
  const spans = sorted.map(({ rows }, index) => {
    const begin = end;
    end += rows.length;
    return { key: names[index]!, begin, end };
  });
  const hows = new Set(sorted.map(({ how }) => how));
  return {
    rows: sorted.flatMap(({ rows }) => rows),
    spans,
    times: times && Float64Array.from(sorted.flatMap((series) => series.times)),
    how:
      hows.has('not in order') || (hows.size > 1 && hows.has('newest first'))
        ? 'sorted'
        : hows.has('newest first')
          ? 'newest first'
          : undefined,
  };
}

/** Times on the wall of a place in UTC, also of rows that are in no order. */
function inPlace(walls: Float64Array, zone: string): Float64Array {
  const instants = fromWalls(walls, zone);
  const isOrdered = instants.every((time, row) => row === 0 || time >= instants[row - 1]!);
  return isOrdered ? instants : fromWalls(walls, zone, false);
}

function bySeries(group: readonly number[], { values, kind, hasOffset }: RowTimes, zone: string | undefined) {
  const changes = group.map((row, at) => (at === 0 ? 0 : Math.sign(values[row]! - values[group[at - 1]!]!)));
  const [up, down] = [1, -1].map((sign) => changes.filter((change) => change === sign).length) as [number, number];
  // Equal times of a file that is newest first are newest first as well.
  const forward = down > up ? group.toReversed() : [...group];
  const walls = Float64Array.from(forward, (row) => values[row]!);
  const instants = zone !== undefined && kind === 'dates' && !hasOffset ? inPlace(walls, zone) : walls;
  const order = [...forward.keys()].sort((a, b) => instants[a]! - instants[b]! || a - b);
  const isMixed = order.some((place, at) => place !== at);
  return {
    rows: order.map((place) => forward[place]!),
    times: order.map((place) => instants[place]!),
    how: isMixed ? 'not in order' : down > up ? 'newest first' : undefined,
  };
}
