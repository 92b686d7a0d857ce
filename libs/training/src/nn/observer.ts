import type { Tensor } from '../tensor/tfjs';

/**
 * Observes recurrent layers while they run. Observed layers run as in an evaluation, without dropout and with running
 * statistics, yet are differentiable in the probes.
 */
export interface Observer {
  /**
   * Zeros [lane, time, batch, hidden] that are added to h of a layer after each step, for the gradient there; undefined for
   * none.
   */
  probe(layer: number): Tensor | undefined;
  /**
   * Called with the result of a probed layer: outputs [lane, time, batch, hidden], and its gates' activations, if it has
   * gates.
   */
  see(layer: number, seen: { outputs: Tensor; gates?: Tensor | undefined }): void;
  /** Called with a head's attention over the steps, [lane, time, batch]. */
  attend(weights: Tensor): void;
}
