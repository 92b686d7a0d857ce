import type { Place, RecurrentLayer } from './recurrent-shape';

/** `probed`: whether the gradient of h after each step is computed too. */
export type GradientLayer = RecurrentLayer & { probed: boolean };

/** An element of a buffer [lane, batch, hidden]. */
export const stateAt = (buffer: string, { batchRow, column }: Place): string =>
  `${buffer}[(lane * size.batch + ${batchRow}) * hidden + ${column}]`;

/** What there was of a place before this step: in `buffer`, `width` numbers a step, at `offset`, or the initial state. */
export function readPrevious(
  { tile: { across } }: GradientLayer,
  place: Place,
  { buffer, width, offset, initial }: { buffer: string; width: number; offset: number; initial: string },
): string {
  return `var previous = 0.0;
        if (isFirst) { previous = ${stateAt(initial, place)}; }
        else {
          previous = ${buffer}[((lane * size.steps + before) * size.batch + row) * ${width}u + ${offset + place.unit * across}u + column];
        }`;
}
