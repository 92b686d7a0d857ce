import type { ScanCell } from '@unroll/kernels';
import { scanGradientKernel, scanKernel } from '../../tensor/kernels';
import { runSequence } from '../../tensor/sequence-kernel';
import type { Tensor } from '../../tensor/tfjs';
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
  const [outputs, last] = runSequence({
    kernel: scanKernel,
    gradient: scanGradientKernel,
    inputs: { inputs, start, ...(weights && { weights }) },
    valid,
    attributes: { cell, reverse, training },
    ...{ results: 2, reads: [0, 1, 2] },
  });
  return { outputs: outputs!, last: last! };
}
