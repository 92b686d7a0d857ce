import type { ScanCell } from '@unroll/kernels';
import { differentiable } from '../../tensor/differentiable';
import { scanGradientKernel, scanKernel } from '../../tensor/kernels';
import { runKernel, type Tensor } from '../../tensor/tfjs';
import type { Reading } from './cell';

/** What the kernel `Scan` reads: see tensor/kernels.ts for the shapes. */
export interface UnitScanInputs {
  inputs: Tensor;
  weights?: Tensor | undefined;
  start: Tensor;
}

/**
 * A layer whose units do not see one another, by the engine's kernel, which must be there (`hasKernel(scanKernel)`): the states after
 * each step, [lane, time, batch, states·hidden], and the last ones. Differentiable in everything but `valid`.
 */
export function unitScan(
  cell: ScanCell,
  { inputs, weights, start }: UnitScanInputs,
  { reverse, valid, training }: Reading,
): { outputs: Tensor; last: Tensor } {
  const given: Record<string, Tensor> = { inputs, start, ...(weights && { weights }) };
  // `valid` is no input: nothing flows back into it.
  const withMask: Record<string, Tensor> = valid ? { ...given, valid } : given;
  const attributes = { cell, reverse, training };
  const [outputs, last] = differentiable({
    inputs: given,
    forward(save) {
      const produced = runKernel(scanKernel, withMask, attributes);
      if (training) save([...Object.values(withMask), ...produced]);
      return produced.slice(0, 2);
    },
    backward(gradients, saved) {
      if (!training) throw new Error('a recurrent layer that ran without `training` has no gradient');
      const named = Object.fromEntries(Object.keys(withMask).map((name, index) => [name, saved[index]!]));
      saved.slice(Object.keys(withMask).length).forEach((output, index) => (named[`output${index}`] = output));
      gradients.forEach((gradient, index) => (named[`gradient${index}`] = gradient));
      const results = runKernel(scanGradientKernel, named, attributes);
      return Object.fromEntries(Object.keys(given).map((name, index) => [name, () => results[index]!]));
    },
  });
  return { outputs: outputs!, last: last! };
}
