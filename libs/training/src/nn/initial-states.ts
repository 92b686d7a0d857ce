import { layerWidth, type ModelSpec } from '@unroll/contracts';
import { cellOf } from './cells/cells';
import { tf, type Tensor } from '../tensor/tfjs';
import { directionsOf, stateNames } from './recurrent-parameters';

/** How many states a model carries for each layer and direction: none for a transformer. */
const statesOf = (model: ModelSpec): number => (model.cell === 'transformer' ? 0 : cellOf(model).states);

/** Whether a model learns where its states begin. */
const learns = (model: ModelSpec): boolean => model.learnedInitialState && statesOf(model) > 0;

/**
 * The states of sequences that are yet to begin, first by state (h, c), then by layer and direction; each [lane, batch, width], all 0.
 * None for a model that carries none. A model that learns its first states has one thing more at the end, [lane, batch, 1]: 0 for a
 * sequence that is yet to begin, else 1. So whoever carries states need not know of it.
 */
export function zeroStates(model: ModelSpec, lanes: number, batch: number): Tensor[][] {
  const places = model.layers * directionsOf(model).length;
  const states = Array.from({ length: statesOf(model) }, () =>
    Array.from({ length: places }, () => tf.zeros([lanes, batch, layerWidth(model)])),
  );
  return learns(model) ? [...states, [tf.zeros([lanes, batch, 1])]] : states;
}

/** The states from which layers run: what was carried, or the learned ones where a sequence begins. */
export function begunStates(
  model: ModelSpec,
  parameters: (name: string) => Tensor,
  carried: readonly (readonly Tensor[])[],
): Tensor[][] {
  if (!learns(model)) return carried.map((places) => [...places]);
  const begun = carried.at(-1)![0]!; // [lane, batch, 1]
  const suffixes = directionsOf(model);
  return carried.slice(0, -1).map((places, state) =>
    places.map((given, place) => {
      const suffix = `_l${Math.floor(place / suffixes.length)}${suffixes[place % suffixes.length]}`;
      const learned = parameters(`initial_${stateNames[state]!}${suffix}`); // [lane, 1, width]
      const mask = tf.cast(tf.tile(tf.cast(begun, 'int32'), [1, 1, given.shape[2]!]), 'bool');
      return tf.where(mask, given, tf.add(learned, tf.zerosLike(given)));
    }),
  );
}

/** The states after a run, in the order of `zeroStates`. */
export function endedStates(model: ModelSpec, states: Tensor[][], lanes: number, batch: number): Tensor[][] {
  return learns(model) ? [...states, [tf.ones([lanes, batch, 1])]] : states;
}
