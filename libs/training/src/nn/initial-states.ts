import { layerUnits, type ModelSpec } from '@unroll/contracts';
import { getCell } from './cells/cells';
import { tf, type Tensor } from '../tensor/tfjs';
import { breadth } from './parameter';
import { directionSuffixes, stateAxes, stateNames } from './recurrent-parameters';

/** Whether a model learns the states before the first step. */
const learnsStates = (model: ModelSpec): boolean => model.learnedInitialState && getCell(model).states > 0;

/**
 * The states of sequences that have not begun, first by state (h, c), then by layer and direction; each [lane, batch,
 * width], all 0. Empty for a cell that carries none. A model that learns its first states has one tensor more at the end,
 * [lane, batch, 1]: 0 for a sequence that has not begun, else 1, so the code that carries states need not know about
 * learned ones.
 */
export function zeroStates(model: ModelSpec, lanes: number, batch: number): Tensor[][] {
  const places = layerUnits(model).flatMap((units) => directionSuffixes(model).map(() => stateAxes(model, units)));
  const states = Array.from({ length: getCell(model).states }, (_, state) =>
    places.map((axes) => tf.zeros([lanes, batch, breadth(axes[state]!)])),
  );
  return learnsStates(model) ? [...states, [tf.zeros([lanes, batch, 1])]] : states;
}

/** The states before the first step: those that were carried, or the learned ones where a sequence begins. */
export function firstStates(
  model: ModelSpec,
  parameters: (name: string) => Tensor,
  carried: readonly (readonly Tensor[])[],
): Tensor[][] {
  if (!learnsStates(model)) return carried.map((places) => [...places]);
  const begun = carried.at(-1)![0]!; // [lane, batch, 1]
  const suffixes = directionSuffixes(model);
  return carried.slice(0, -1).map((places, state) =>
    places.map((given, place) => {
      const suffix = `_l${Math.floor(place / suffixes.length)}${suffixes[place % suffixes.length]}`;
      const learned = parameters(`initial_${stateNames(model)[state]!}${suffix}`); // [lane, 1, width]
      const mask = tf.cast(tf.tile(tf.cast(begun, 'int32'), [1, 1, given.shape[2]!]), 'bool');
      return tf.where(mask, given, tf.add(learned, tf.zerosLike(given)));
    }),
  );
}

/** The states after a run, in the order of `zeroStates`. */
export function finalStates(model: ModelSpec, states: Tensor[][], lanes: number, batch: number): Tensor[][] {
  return learnsStates(model) ? [...states, [tf.ones([lanes, batch, 1])]] : states;
}
