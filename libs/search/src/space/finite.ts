import type { SweepSpec } from '@unroll/contracts';
import { getConstraints } from '../constraints';
import { levelPosition } from './dimension';
import { exists, freePoint, toSpace, type Point, type Space } from './point';
import { searched } from './searched';

/** Most points that are listed, without and with constraints, which take longer to check; a larger space is not exhausted in practice. */
const mostListed = 100_000;
const mostConstrained = 5_000;

const known = new WeakMap<SweepSpec, { points: readonly Point[] | undefined }>();

/** All points of a sweep's space that satisfy its constraints; undefined if it is infinite or too large to list. */
export function finitePoints(spec: SweepSpec): readonly Point[] | undefined {
  const found = known.get(spec) ?? { points: listPoints(spec) };
  known.set(spec, found);
  return found.points;
}

function listPoints(spec: SweepSpec): Point[] | undefined {
  const space = toSpace(searched(spec));
  if (space.dimensions.some(({ levels }) => levels === Infinity)) return undefined;
  const most = spec.search.constraints?.length ? mostConstrained : mostListed;
  let points = [freePoint(space)];
  // Lists precede the dimensions within them.
  for (const [index, dimension] of space.dimensions.entries()) {
    const longer: Point[] = [];
    for (const point of points) {
      const levels = exists(point, dimension, space.dimensions) ? dimension.levels : 0;
      if (longer.length + levels > most) return undefined;
      if (levels === 0) longer.push(point);
      for (let level = 0; level < levels; level += 1) longer.push(point.with(index, levelPosition(dimension, level)));
    }
    points = longer;
  }
  const { allows } = getConstraints(spec);
  return points.filter((point) => allows(point));
}

/** Whether no two draws of a space are ever equal in practice: every configuration has a real number. */
export const isContinuous = ({ dimensions }: Space): boolean =>
  dimensions.some(({ levels, within }) => levels === Infinity && !within);

/** A point as a text: equal for equal configurations. */
export const pointKey = (point: Point): string => point.join();
