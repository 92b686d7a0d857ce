import { valueAt, type Dimension } from '../space/dimension';
import type { Point } from '../space/point';

/** Maximum number of cells per dimension: a set of cells is a bit mask in one integer. */
export const mostCells = 32;

/** The division of a dimension into cells of equal prior probability. */
export interface Grid {
  path: string;
  cells: number;
  isList: boolean;
}

export const toGrid = ({ path, levels, isList }: Dimension): Grid => ({
  path,
  cells: Math.min(mostCells, levels),
  isList,
});

/** The cell of each dimension at a point; −1 for dimensions that do not exist there. */
export function cellsAt(dimensions: readonly Dimension[], grids: readonly Grid[], point: Point): Int8Array {
  return Int8Array.from(grids, ({ cells, isList }, index) => {
    const position = point[index]!;
    if (Number.isNaN(position)) return -1;
    const dimension = dimensions[index]!;
    // With more options than cells, neighbours share a cell.
    const place = isList ? valueAt(dimension, position) / dimension.levels : position;
    return Math.min(cells - 1, Math.floor(place * cells + 1e-9));
  });
}

export const allCells = (cells: number): number => (cells === 32 ? 0xffffffff : 2 ** cells - 1) >>> 0;

export function countCells(set: number): number {
  let bits = set - ((set >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
