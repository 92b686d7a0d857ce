import { tf, type Tensor } from '../tensor/tfjs';

/** Lanes that are computed at a time: those from `from` up to but not including `to`, of `of`. */
export interface Pass {
  from: number;
  to: number;
  of: number;
}

/** Passes over so many lanes, each of at most `most`, as equal as they can be. */
export function passesOf(lanes: number, most: number): Pass[] {
  const passes = Math.max(1, Math.ceil(lanes / most));
  const start = (pass: number): number => Math.round((pass * lanes) / passes);
  return Array.from({ length: passes }, (_, pass) => ({ from: start(pass), to: start(pass + 1), of: lanes }));
}

/** The rows of a pass of a tensor [lane, …], which it is itself where the pass has all lanes. */
export function rowsOf(tensor: Tensor, { from, to, of }: Pass): Tensor {
  if (to - from === of) return tensor;
  return tf.slice(tensor, [from, ...tensor.shape.slice(1).map(() => 0)], [to - from, ...tensor.shape.slice(1)]);
}
