import type { EngineName } from '@unroll/contracts';
import { verifyKernels, type Engine, type Verification } from '@unroll/training';
import { CommandFailed } from '../errors/command-failed';

export const isFailed = ({ passed }: Verification): boolean => !passed;

/** The kernels of TensorFlow.js on a GPU. Those of other engines are not given every type of number. */
export const kernelsOf = async (engine: Engine): Promise<Verification[]> =>
  engine.name === 'webgpu' ? verifyKernels(engine) : [];

/** @throws CommandFailed where a kernel of TensorFlow.js differs from that of the engine cpu */
export function requireKernels(engine: EngineName, kernels: readonly Verification[]): void {
  const failed = kernels.filter(isFailed);
  if (failed.length === 0) return;
  const others = failed.length > 1 ? `, and ${failed.length - 1} more` : '';
  throw new CommandFailed(
    `${failed.length} of ${kernels.length} kernels differ from the engine cpu on ${engine}: do not train with it ` +
      `(${failed[0]!.case}${others})`,
  );
}
