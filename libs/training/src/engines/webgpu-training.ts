import {
  crossEntropyGradientShader,
  crossEntropyShader,
  rootsShader,
  squaresShader,
  updateShader,
  type UpdateRule,
} from '@unroll/kernels';
import { crossEntropyGradientKernel, crossEntropyKernel, normsKernel, updateKernel } from './fused';
import type { Tensor, TensorInfo } from './tfjs';
import type { Programs } from './webgpu-programs';

type Inputs = Record<string, Tensor | undefined>;

/** Workgroups beside each other at most: every device has so many. */
const mostAcross = 32_768;
/** So many numbers are summed by one workgroup. */
const stretch = 4096;

/** So many workgroups, over two dimensions of a dispatch. */
function over(count: number): { across: number; workgroups: readonly [number, number] } {
  const across = Math.min(count, mostAcross);
  return { across, workgroups: [across, Math.ceil(count / across)] };
}

/** The kernels of fused.ts. */
export function webGpuTraining(programs: Programs) {
  return {
    [crossEntropyKernel]({ inputs: { logits, classes, valid } }: { inputs: Inputs }): TensorInfo[] {
      const [lanes, count, width] = logits!.shape as [number, number, number];
      const { across, workgroups } = over(lanes * count);
      return programs.run({
        shader: crossEntropyShader(valid !== undefined),
        inputs: [logits!, classes!, ...(valid ? [valid] : [])],
        outputs: [[lanes, count], logits!.shape],
        numbers: [lanes * count, width, across],
        workgroups,
      });
    },

    [crossEntropyGradientKernel]({ inputs }: { inputs: Inputs }): TensorInfo {
      const { probabilities, classes, scales, valid } = inputs;
      const [lanes, rows, width] = probabilities!.shape as [number, number, number];
      const { across, workgroups } = over(Math.ceil((lanes * rows * width) / 256));
      const [out] = programs.run({
        shader: crossEntropyGradientShader(valid !== undefined),
        inputs: [probabilities!, classes!, scales!, ...(valid ? [valid] : [])],
        outputs: [probabilities!.shape],
        numbers: [lanes * rows * width, width, rows, across],
        workgroups,
      });
      return out!;
    },

    [normsKernel]({ inputs: { x } }: { inputs: Inputs }): TensorInfo {
      const [lanes, length] = x!.shape as [number, number];
      const parts = Math.ceil(length / stretch);
      const [partial] = programs.run({
        shader: squaresShader,
        inputs: [x!],
        outputs: [[lanes, parts]],
        numbers: [length, parts, stretch],
        workgroups: [parts, lanes],
      });
      const [out] = programs.run({
        shader: rootsShader,
        inputs: [partial!],
        outputs: [[lanes, 1]],
        numbers: [parts],
        workgroups: [lanes, 1],
      });
      programs.forget(partial!);
      return out!;
    },

    [updateKernel]({ inputs, attrs }: { inputs: Inputs; attrs: { kind: UpdateRule } }): TensorInfo[] {
      const { parameters, gradient, norms, limits, scalars, slot0, slot1 } = inputs;
      const [lanes, length] = parameters!.shape as [number, number];
      const vectors = [parameters, gradient, norms, limits, scalars, slot0, slot1].filter((each) => each !== undefined);
      return programs.run({
        shader: updateShader(attrs.kind),
        inputs: vectors,
        outputs: Array.from({ length: slot1 ? 3 : 2 }, () => [lanes, length]),
        numbers: [lanes, length],
        workgroups: [Math.ceil(length / 256), lanes],
      });
    },
  };
}
