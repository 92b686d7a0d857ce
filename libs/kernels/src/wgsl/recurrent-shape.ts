import { reductionBytes } from './row-reduction';
import { each } from './shader';
import type { Tile } from './tile';

export type RecurrentCell = 'rnn-tanh' | 'rnn-relu' | 'lstm' | 'gru' | 'peephole-lstm' | 'layer-norm-lstm' | 'slstm';

type CountOfCell = Readonly<Record<RecurrentCell, number>>;

export const gateCounts: CountOfCell = {
  ...{ 'rnn-tanh': 1, 'rnn-relu': 1, lstm: 4, gru: 3 },
  ...{ 'peephole-lstm': 4, 'layer-norm-lstm': 4, slstm: 4 },
};

/**
 * Numbers of a unit and step that are saved for the gradient: the gates, and c (of slstm c/n) or the recurrent product of gate n; with
 * layer normalisation also the normalised products of all gates.
 */
const savedCounts: CountOfCell = {
  ...{ 'rnn-tanh': 1, 'rnn-relu': 1, lstm: 5, gru: 4 },
  ...{ 'peephole-lstm': 5, 'layer-norm-lstm': 9, slstm: 5 },
};

/** Parameters of a unit beside kernel and bias. */
export const ownCounts: CountOfCell = {
  ...{ 'rnn-tanh': 0, 'rnn-relu': 0, lstm: 0, gru: 0 },
  ...{ 'peephole-lstm': 3, 'layer-norm-lstm': 14, slstm: 0 },
};

export const isNormalised = (cell: RecurrentCell): boolean => cell === 'layer-norm-lstm';
export const hasCellState = (cell: RecurrentCell): boolean => gateCounts[cell] === 4;
/** Numbers of c for each unit, side by side in state1: slstm has c/n and log n. */
export const cellStates = (cell: RecurrentCell): number => (cell === 'slstm' ? 2 : Number(hasCellState(cell)));

/**
 * Numbers that are saved of a row and step: those of its units and, where it is normalised, 1/deviation of its products, the mean and
 * 1/deviation of its c, and whether the step counts.
 */
export const savedOfRow = (cell: RecurrentCell, hidden: number): number =>
  savedCounts[cell] * hidden + (isNormalised(cell) ? 4 : 0);

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
  /** Whether h has a factor where it enters the gates. */
  dropped: boolean;
  /** Whether the operands of products are float16: the weights are then packed (pack.ts), and h itself is in registers. */
  half?: boolean;
}

/** Threads of a workgroup at most: every adapter has as many. */
const mostThreads = 256;
/** Rows at most whose gates a thread keeps in registers; fewer where all gates of all its units have to be there at once. */
const mostRowsOfThread = (cell: RecurrentCell): number => (isNormalised(cell) ? 4 : 8);

/**
 * The tile for a layer, or undefined where none fits: the states of `rows` rows are kept in workgroup memory of `bytes`. Few rows spread
 * a small batch over more of the device, many read the weights less often: as many as still give `spread` workgroups.
 */
export function chooseTile(
  {
    cell,
    hidden,
    lanes,
    batch,
    half,
  }: Pick<RecurrentLayer, 'cell' | 'hidden' | 'half'> & { lanes: number; batch: number },
  { bytes, spread }: { bytes: number; spread: number },
): Tile | undefined {
  if (hidden % 4 !== 0) return undefined;
  let unitsOfThread = Math.ceil(hidden / mostThreads);
  while (hidden % unitsOfThread !== 0) unitsOfThread++;
  const across = hidden / unitsOfThread;
  const groups = Math.floor(mostThreads / across);
  const bytesOfRow = (half ? 2 : 4) * hidden + (isNormalised(cell) ? reductionBytes(across) : 0);
  const mostRows = Math.floor(bytes / bytesOfRow);
  const candidates = [8, 4, 2, 1]
    .map((rowsOfThread) => ({ rowsOfThread, rows: rowsOfThread * groups }))
    .filter(({ rows, rowsOfThread }) => rows <= mostRows && rowsOfThread * unitsOfThread <= mostRowsOfThread(cell));
  const enough = candidates.find(({ rows }) => lanes * Math.ceil(batch / rows) >= spread);
  const chosen = enough ?? candidates.at(-1);
  return chosen && { ...chosen, across, unitsOfThread, groups };
}

/** The elements of the operand that a layer has in workgroup memory, and a number as one of them. */
export const operandType = ({ half }: RecurrentLayer): string => (half ? 'vec4<f16>' : 'vec4<f32>');
export const asOperand = ({ half }: RecurrentLayer, value: string): string => (half ? `f16(${value})` : value);
/** Four of them as floats. */
export const operandAt = ({ half }: RecurrentLayer, at: string): string => (half ? `vec4<f32>(${at})` : at);

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
