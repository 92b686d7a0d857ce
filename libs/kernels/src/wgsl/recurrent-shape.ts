import { each } from './shader';

export type RecurrentCell = 'rnn-tanh' | 'rnn-relu' | 'lstm' | 'gru';

export const gateCounts: Readonly<Record<RecurrentCell, number>> = { 'rnn-tanh': 1, 'rnn-relu': 1, lstm: 4, gru: 3 };

/** Numbers of a unit and step that are saved for the gradient: the gates, and c or the recurrent product of gate n. */
export const savedCounts: Readonly<Record<RecurrentCell, number>> = { 'rnn-tanh': 1, 'rnn-relu': 1, lstm: 5, gru: 4 };

/** A recurrent layer as a shader is written for it. */
export interface RecurrentLayer {
  cell: RecurrentCell;
  hidden: number;
  tile: Tile;
  reverse: boolean;
  training: boolean;
  /** Whether there is a mask; and a bias of the recurrent product, gru only. */
  masked: boolean;
  biased: boolean;
}

/** How workgroups split a lane's batch: each computes a whole sequence of `rows` rows. */
export interface Tile {
  rows: number;
  /** Threads side by side, one unit each, or several where there are more units than threads. */
  across: number;
  unitsOfThread: number;
  /** Groups of such threads, and the rows of each. */
  groups: number;
  rowsOfThread: number;
}

/** Threads of a workgroup at most: every adapter has as many. */
const mostThreads = 256;
/** Rows at most whose gates a thread keeps in registers. */
const mostRowsOfThread = 8;

/**
 * The tile for a layer, or undefined where none fits: the states of `rows` rows are kept in workgroup memory of `bytes`. Few rows spread
 * a small batch over more of the device, many read the weights less often: as many as still give `spread` workgroups.
 */
export function chooseTile(
  { hidden, lanes, batch }: { hidden: number; lanes: number; batch: number },
  { bytes, spread }: { bytes: number; spread: number },
): Tile | undefined {
  const across = Math.min(hidden, mostThreads);
  if (hidden % 4 !== 0 || hidden % across !== 0) return undefined;
  const unitsOfThread = hidden / across;
  const groups = Math.floor(mostThreads / across);
  const mostRows = Math.floor(bytes / (4 * hidden));
  const candidates = [8, 4, 2, 1]
    .map((rowsOfThread) => ({ rowsOfThread, rows: rowsOfThread * groups }))
    .filter(({ rows, rowsOfThread }) => rows <= mostRows && rowsOfThread * unitsOfThread <= mostRowsOfThread);
  const enough = candidates.find(({ rows }) => lanes * Math.ceil(batch / rows) >= spread);
  const chosen = enough ?? candidates.at(-1);
  return chosen && { ...chosen, across, unitsOfThread, groups };
}

/** One unit and row of a thread. */
export interface Place {
  unit: number;
  row: number;
  /** What its variables end in. */
  id: string;
  /** The unit among all of the layer, in WGSL. */
  column: string;
  /** The row in the tile, and in the batch, in WGSL. */
  tileRow: string;
  batchRow: string;
}

/** The place of a thread’s unit and row. */
export function placeAt({ across }: Tile, unit: number, row: number): Place {
  return {
    ...{ unit, row, id: `${unit}_${row}`, column: `column + ${unit * across}u` },
    ...{ tileRow: `ownRow + ${row}u`, batchRow: `firstRow + ownRow + ${row}u` },
  };
}

/** Text for every unit and row of a thread. */
export const eachPlace = ({ tile }: RecurrentLayer, text: (place: Place) => string): string =>
  each(tile.unitsOfThread, (unit) => each(tile.rowsOfThread, (row) => text(placeAt(tile, unit, row))));
