import { IANAZone } from 'luxon';

const minute = 60_000;
const hour = 60 * minute;

/**
 * Times on the wall of a place as milliseconds in UTC. Of an hour that comes twice when summer time ends, the first in the order of time is
 * the earlier; of `walls` that are not in that order, the first of two that are equal.
 */
export function fromWalls(walls: Float64Array, zoneName: string, areInOrder = true): Float64Array {
  const zone = IANAZone.create(zoneName);
  const instants = new Float64Array(walls.length);
  const seen = new Set<number>();
  let last = -Infinity;
  walls.forEach((wall, row) => {
    const offsets = [...new Set([zone.offset(wall - 12 * hour), zone.offset(wall + 12 * hour)])];
    const able = offsets.map((offset) => wall - offset * minute).filter((at) => at + zone.offset(at) * minute === wall);
    // An hour that summer time skips is read by the offset before it.
    const [first = wall - offsets[0]! * minute, second] = able.sort((a, b) => a - b);
    const isSecond = areInOrder ? first <= last : seen.has(wall);
    last = second !== undefined && isSecond ? second : first;
    if (second !== undefined) seen.add(wall);
    instants[row] = last;
  });
  return instants;
}

/** What the wall shows at times in UTC. */
export function toWalls(instants: Float64Array, zoneName: string): Float64Array {
  const zone = IANAZone.create(zoneName);
  return instants.map((at) => at + zone.offset(at) * minute);
}
