import type { Tensor } from '../tensor/tfjs';

/**
 * Looks into recurrent layers while they run. With one the layers run as they do in evaluation, nothing dropped and with the
 * statistics of evaluation, and are differentiable in the probes all the same.
 */
export interface Observer {
  /** Zeros [lane, time, batch, hidden] that are added to h of a layer after each step, for the gradient there; undefined for none. */
  probe(layer: number): Tensor | undefined;
  /** Told what a probed layer gave: outputs [lane, time, batch, hidden], and what its gates let through, where it has any. */
  see(layer: number, seen: { outputs: Tensor; gates?: Tensor | undefined }): void;
  /** Told how a head weighed the steps, [lane, time, batch]. */
  attend(weights: Tensor): void;
}
