import { cellStates, type Place, type RecurrentLayer } from './recurrent-shape';

/** `probed`: whether the gradient of h after each step is computed too. */
export type GradientLayer = RecurrentLayer & { probed: boolean };

/** An element of a buffer [lane, batch, blocks·hidden]. */
export const stateAt = (buffer: string, { batchRow, column }: Place, { blocks = 1, block = 0 } = {}): string =>
  `${buffer}[((lane * size.batch + ${batchRow}) * ${blocks}u + ${block}u) * hidden + ${column}]`;

/** What there was of a place before this step: in `buffer`, `width` numbers a step, at `offset`, or the initial state. */
export function readPrevious(
  { cell, tile: { across } }: GradientLayer,
  place: Place,
  { buffer, width, offset, initial }: { buffer: string; width: number; offset: number; initial: string },
): string {
  return `var previous = 0.0;
        if (isFirst) { previous = ${stateAt(initial, place, initial === 'state1' ? { blocks: cellStates(cell) } : {})}; }
        else {
          previous = ${buffer}[((lane * size.steps + before) * size.batch + row) * ${width}u + ${offset + place.unit * across}u + column];
        }`;
}
