import {
  crossEntropyGradientShader,
  crossEntropyShader,
  dropoutMaskShader,
  gatedLinearUnitGradientShader,
  gatedLinearUnitShader,
  joinShader,
  lookupGradientShader,
  lossScaleShader,
  rootsShader,
  sequenceRowsShader,
  splitShader,
  squaresShader,
  tokenDropoutShader,
  tokenWindowsShader,
  updateShader,
  updateRules,
  type Shader,
  type UpdateKind,
} from '@unroll/kernels';
import {
  crossEntropyGradientKernel,
  crossEntropyKernel,
  dropoutMaskKernel,
  gatedLinearUnitGradientKernel,
  gatedLinearUnitKernel,
  joinKernel,
  lossScaleKernel,
  normsKernel,
  sequenceRowsKernel,
  skippingUpdateKernel,
  splitKernel,
  tokenDropoutKernel,
  tokenWindowsKernel,
  updateKernel,
} from '../../tensor/kernels';
import { lookupGradientKernel } from '../../functional/embedding-gradient';
import type { Tensor, TensorInfo } from '../../tensor/tfjs';
import { over, type Programs } from './programs';

type Inputs = Record<string, Tensor | undefined>;

type MaskAttributes = Record<'rows' | 'blocks' | 'width' | 'blocksOfRow' | 'units', number>;

type Shapes = readonly (readonly [number, number])[];

type TokenWindows = Record<'stride' | 'length' | 'batch' | 'context', number>;

/** Numbers that one workgroup sums up. */
const stretch = 4096;

const updateKinds = Object.keys(updateRules) as UpdateKind[];

const sum = (sizes: readonly number[]): number => sizes.reduce((all, size) => all + size, 0);

/** The kernels that tensor/kernels.ts names for training, and embedding-gradient.ts. */
export const webGpuTraining = (programs: Programs) => ({
  ...lossKernels(programs),
  ...gateKernels(programs),
  ...tokenKernels(programs),
  ...sequenceKernels(programs),
  ...dropoutKernels(programs),
  ...vectorKernels(programs),
  ...optimizerKernels(programs),
});

function lossKernels(programs: Programs) {
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
  };
}

function gateKernels(programs: Programs) {
  const run = (shader: Shader, inputs: Tensor[], shape: number[], width: number): TensorInfo => {
    const count = inputs[0]!.size / 2;
    const { across, workgroups } = over(Math.ceil(count / 256));
    return programs.run({ shader, inputs, outputs: [shape], numbers: [count, width, across], workgroups })[0]!;
  };
  return {
    [gatedLinearUnitKernel]({ inputs: { x, y } }: { inputs: Inputs }): TensorInfo {
      const width = x!.shape.at(-1)! / 2;
      return run(gatedLinearUnitShader, [x!, y!], [...x!.shape.slice(0, -1), width], width);
    },
    [gatedLinearUnitGradientKernel]: ({ inputs: { x, y, gradient } }: { inputs: Inputs }): TensorInfo =>
      run(gatedLinearUnitGradientShader, [x!, y!, gradient!], x!.shape, x!.shape.at(-1)! / 2),
  };
}

function tokenKernels(programs: Programs) {
  return {
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
  };
}

function sequenceKernels(programs: Programs) {
  return {
    [sequenceRowsKernel]({ inputs, attrs }: { inputs: Inputs; attrs: { steps: number } }): TensorInfo {
      const { values, rows } = inputs;
      const [lanes, batch] = rows!.shape as [number, number];
      const shape = [lanes, attrs.steps, batch, values!.shape[1]!];
      const count = shape.reduce((product, size) => product * size, 1);
      const { across, workgroups } = over(Math.ceil(count / 256));
      const [out] = programs.run({
        shader: sequenceRowsShader(values!.dtype === 'int32' ? 'i32' : 'f32'),
        inputs: [values!, rows!],
        outputs: [shape],
        numbers: [count, ...shape.slice(1), across],
        workgroups,
      });
      return out!;
    },
  };
}

function dropoutKernels(programs: Programs) {
  return {
    [dropoutMaskKernel]({ inputs, attrs }: { inputs: Inputs; attrs: MaskAttributes }): TensorInfo {
      const { keys, scales } = inputs;
      const { rows, blocks, width, blocksOfRow, units } = attrs;
      const lanes = keys!.shape[0];
      const count = lanes * rows * blocks * width;
      const { across, workgroups } = over(Math.ceil(count / 256));
      const [out] = programs.run({
        shader: dropoutMaskShader,
        inputs: [keys!, scales!],
        outputs: [[lanes, rows, blocks * width]],
        numbers: [count, rows, blocks, width, blocksOfRow, units, across],
        workgroups,
      });
      return out!;
    },

    [tokenDropoutKernel]({ inputs, attrs }: { inputs: Inputs; attrs: { vocabulary: number } }): TensorInfo {
      const { ids, keys } = inputs;
      const all = ids!.size;
      const { across, workgroups } = over(Math.ceil(all / 256));
      const [out] = programs.run({
        shader: tokenDropoutShader,
        inputs: [ids!, keys!],
        outputs: [ids!.shape],
        numbers: [all, all / keys!.shape[0], attrs.vocabulary, across],
        workgroups,
      });
      return out!;
    },
  };
}

function vectorKernels(programs: Programs) {
  /** The matrices of a lane's vector in order, in groups of as many as can be bound beside it, and where each group begins. */
  function inGroups(shapes: Shapes): { begin: number; own: Shapes; sizes: number[] }[] {
    const groups = [];
    const most = programs.limits.maxStorageBuffersPerShaderStage - 1;
    let begin = 0;
    for (let first = 0; first < shapes.length; first += most) {
      const own = shapes.slice(first, first + most);
      const sizes = own.map(([rows, columns]) => rows * columns);
      groups.push({ begin, own, sizes });
      begin += sum(sizes);
    }
    return groups;
  }

  return {
    [splitKernel]({
      inputs: { flat },
      attrs: { shapes },
    }: {
      inputs: Inputs;
      attrs: { shapes: Shapes };
    }): TensorInfo[] {
      const [lanes, length] = flat!.shape as [number, number];
      return inGroups(shapes).flatMap(({ begin, own, sizes }) =>
        programs.run({
          shader: splitShader(own.length),
          inputs: [flat!],
          outputs: own.map(([rows, columns]) => [lanes, rows, columns]),
          numbers: [length, begin, ...sizes],
          workgroups: [Math.ceil(sum(sizes) / 256), lanes],
        }),
      );
    },

    [joinKernel]({ inputs, attrs: { length } }: { inputs: Inputs; attrs: { length: number } }): TensorInfo {
      const parts = Object.keys(inputs).map((_, index) => inputs[index]!);
      const lanes = parts[0]!.shape[0];
      let into: TensorInfo[] | undefined;
      let taken = 0;
      for (const { begin, own, sizes } of inGroups(parts.map(({ shape }) => [shape[1]!, shape[2]!]))) {
        const isLast = taken + own.length === parts.length;
        into = programs.run({
          shader: joinShader(own.length),
          inputs: parts.slice(taken, taken + own.length),
          outputs: [[lanes, length]],
          into,
          numbers: [length, begin, ...sizes],
          workgroups: [Math.ceil((isLast ? length - begin : sum(sizes)) / 256), lanes],
        });
        taken += own.length;
      }
      return into![0]!;
    },
  };
}

function optimizerKernels(programs: Programs) {
  const update = (kind: UpdateKind, skipping = false) => {
    const shader = updateShader(kind, skipping);
    return ({ inputs }: { inputs: Inputs }): TensorInfo[] => {
      const { parameters, gradient, norms, limits, scalars, slot0, slot1 } = inputs;
      const [lanes, length] = parameters!.shape as [number, number];
      return programs.run({
        shader,
        inputs: [parameters, gradient, norms, limits, scalars, slot0, slot1].filter((each) => each !== undefined),
        outputs: Array.from({ length: slot1 ? 3 : 2 }, () => [lanes, length]),
        numbers: [lanes, length],
        workgroups: [Math.ceil(length / 256), lanes],
      });
    };
  };

  return {
    ...Object.fromEntries(updateKinds.map((kind) => [updateKernel(kind), update(kind)])),
    ...Object.fromEntries(updateKinds.map((kind) => [skippingUpdateKernel(kind), update(kind, true)])),

    [lossScaleKernel]({ inputs: { scales, inverses, good, raw, norms } }: { inputs: Inputs }): TensorInfo[] {
      const { shape } = scales!;
      return programs.run({
        shader: lossScaleShader,
        inputs: [scales!, inverses!, good!, raw!, norms!],
        outputs: [shape, shape, shape, shape],
        numbers: [shape[0]],
        workgroups: [Math.ceil(shape[0] / 64), 1],
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
  };
}
