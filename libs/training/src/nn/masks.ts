import type { Tensor } from '../tensor/tfjs';
import { dropoutMask } from '../functional/dropout';
import type { BodyOptions, LaneRandom } from './architecture';

export interface Masks {
  /** For what a layer, or a part of one, passes on; [lane, rows, width]. */
  dropped: (place: number | string, rows: number, width: number) => Tensor | undefined;
  /** For a state; [lane, batch, width]. */
  droppedState: (place: string, batch: number, width: number) => Tensor | undefined;
  /** For a state at each step, [lane, rows, width]: above 0 where it changes. */
  changes: (place: string, rows: number, width: number) => Tensor | undefined;
  /** For a recurrent matrix; [lane, rows, columns]. */
  droppedWeights: (place: string, rows: number, columns: number) => Tensor | undefined;
}

/** The dropout masks of a run, each named by its place; undefined outside training. */
export function runMasks(
  { random, training, observer, masks: { body, step } = { body: '', step: '' } }: BodyOptions,
  directions: number,
  zoneout = 0,
): Masks | undefined {
  if (!random || !training || observer) return undefined;
  const lanes = (rate: 'dropout' | 'recurrentDropout' | 'weightDrop') =>
    random.map((lane: LaneRandom) => ({ seed: lane.seed, update: lane.update, rate: lane[rate] }));
  return {
    dropped: (place, rows, width) =>
      dropoutMask(lanes('dropout'), `${body}output ${step}${place}`, {
        rows,
        blocks: directions,
        width: width / directions,
      }),
    droppedState: (place, batch, width) =>
      dropoutMask(lanes('recurrentDropout'), `${body}state ${place}`, { rows: batch, blocks: 1, width }),
    changes: (place, rows, width) =>
      dropoutMask(
        random.map(({ seed, update }) => ({ seed, update, rate: zoneout })),
        `${body}zoneout ${step}${place}`,
        { rows, blocks: 1, width },
      ),
    // The same at every step of an update, also where a decoder runs them one by one.
    droppedWeights: (place, rows, columns) =>
      dropoutMask(lanes('weightDrop'), `${body}weights ${place}`, { rows, blocks: 1, width: columns }),
  };
}
