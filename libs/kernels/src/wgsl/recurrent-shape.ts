export type RecurrentCell = 'rnn-tanh' | 'rnn-relu' | 'lstm' | 'gru';

/** Gates of each cell, and how many numbers of a unit and step are kept for the gradient: the gates, and c or the product of n. */
export const gatesOf: Readonly<Record<RecurrentCell, number>> = { 'rnn-tanh': 1, 'rnn-relu': 1, lstm: 4, gru: 3 };
export const savedOf: Readonly<Record<RecurrentCell, number>> = { 'rnn-tanh': 1, 'rnn-relu': 1, lstm: 5, gru: 4 };

/** How a workgroup shares the rows of a lane's batch: it computes a whole sequence of `rows` of them. */
export interface Tile {
  rows: number;
  /** Threads beside each other, one unit each (several where there are more units than threads). */
  across: number;
  unitsOfThread: number;
  /** Groups of threads below each other, and the rows of each. */
  groups: number;
  rowsOfThread: number;
}

/** Threads of a workgroup at most: every adapter has so many. */
const mostThreads = 256;
/** Rows whose gates a thread has in registers at most. */
const mostRowsOfThread = 8;

/**
 * The tile for a layer, undefined where none fits: states of `rows` rows lie in workgroup memory of `bytes`. Few rows a workgroup spread
 * a small batch over more of the device, many read the weights less often: as many as still give `spread` workgroups.
 */
export function tileOf(
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
