import {
  crossEntropyGradientShader,
  crossEntropyShader,
  lookupGradientShader,
  rootsShader,
  squaresShader,
  tokenWindowsShader,
  updateShader,
  type UpdateRule,
} from '@unroll/kernels';
import { crossEntropyGradientKernel, crossEntropyKernel, normsKernel, tokenWindowsKernel, updateKernel } from './fused';
import { lookupGradientKernel } from './lookup-gradient';
import type { Tensor, TensorInfo } from './tfjs';
import type { Programs } from './webgpu-programs';

type Inputs = Record<string, Tensor | undefined>;

type TokenWindows = Record<'stride' | 'length' | 'batch' | 'context', number>;

/** Workgroups beside each other at most: every device has so many. */
const mostAcross = 32_768;
/** So many numbers are summed by one workgroup. */
const stretch = 4096;

/** So many workgroups, over two dimensions of a dispatch. */
function over(count: number): { across: number; workgroups: readonly [number, number] } {
  const across = Math.min(count, mostAcross);
  return { across, workgroups: [across, Math.ceil(count / across)] };
}

/** The kernels of fused.ts and lookup-gradient.ts. */
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

    [lookupGradientKernel]({ inputs, attrs }: { inputs: Inputs; attrs: { rows: number; lanes: number } }): TensorInfo {
      const { ids, gradient } = inputs;
      const [count, width] = gradient!.shape as [number, number];
      const { rows, lanes } = attrs;
      const { across, workgroups } = over(rows);
      const chunks = Math.ceil(width / 64);
      const [out] = programs.run({
        shader: lookupGradientShader,
        inputs: [ids!, gradient!],
        outputs: [[rows, width]],
        numbers: [rows, rows / lanes, count / lanes, width, across, chunks],
        workgroups: [workgroups[0], workgroups[1] * chunks],
      });
      return out!;
    },

    [tokenWindowsKernel]({ inputs, attrs }: { inputs: Inputs; attrs: TokenWindows }): TensorInfo[] {
      const { tokens, starts } = inputs;
      const { stride, length, batch, context } = attrs;
      const lanes = starts!.shape[0];
      const count = lanes * length * batch;
      const { across, workgroups } = over(Math.ceil(count / 256));
      return programs.run({
        shader: tokenWindowsShader,
        inputs: [tokens!, starts!],
        outputs: [
          [lanes, length, batch],
          [lanes, (length - context) * batch],
        ],
        numbers: [count, stride, length, batch, context, across],
        workgroups,
      });
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
