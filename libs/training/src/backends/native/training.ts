import type { Kernels } from '@unroll/kernels';
import {
  crossEntropyGradientKernel,
  crossEntropyKernel,
  dropoutMaskKernel,
  gatedLinearUnitGradientKernel,
  gatedLinearUnitKernel,
  linearKernel,
  normsKernel,
  updateKernel,
} from '../../tensor/kernels';
import { lookupGradientKernel } from '../../functional/embedding-gradient';
import type { NativeMemory } from './memory';
import type { TensorInfo } from '../../tensor/tfjs';

type Inputs = Record<string, TensorInfo>;

type MaskAttributes = Record<'rows' | 'blocks' | 'width' | 'blocksOfRow' | 'units', number>;

/** The kernels that tensor/kernels.ts names for training, and embedding-gradient.ts. */
export function trainingKernels(kernels: Kernels, memory: NativeMemory) {
  return {
    ...lossKernels(kernels, memory),
    ...gateKernels(kernels, memory),
    ...layerKernels(kernels, memory),
    ...optimizerKernels(kernels, memory),
  };
}

function lossKernels(kernels: Kernels, memory: NativeMemory) {
  /** Room for a tensor of the shape of `given`: its own memory where that may be written over. */
  const roomFor = (given: TensorInfo, { overwrites }: { overwrites: boolean }) =>
    overwrites && memory.isOwn(given) ? memory.share(given, given.shape) : memory.allocate(given.shape);
  return {
    [crossEntropyKernel]({ inputs, attrs }: { inputs: Inputs; attrs: { overwrites: boolean } }) {
      const { logits, classes, valid } = inputs as { logits: TensorInfo; classes: TensorInfo; valid?: TensorInfo };
      const [lanes, count, width] = logits.shape as [number, number, number];
      const [losses, probabilities] = [memory.allocate([lanes, count]), roomFor(logits, attrs)];
      kernels.crossEntropy({
        rows: lanes * count,
        classes: width,
        logits: memory.floats(logits),
        targets: memory.integers(classes),
        valid: memory.mask(valid),
        probabilities: probabilities.values,
        losses: losses.values,
      });
      return [losses, probabilities];
    },

    [crossEntropyGradientKernel]({ inputs, attrs }: { inputs: Inputs; attrs: { overwrites: boolean } }) {
      const { probabilities, classes, scales, valid } = inputs as {
        probabilities: TensorInfo;
        classes: TensorInfo;
        scales: TensorInfo;
        valid?: TensorInfo;
      };
      const [lanes, rows, width] = probabilities.shape as [number, number, number];
      const out = roomFor(probabilities, attrs);
      kernels.crossEntropyGradient({
        lanes,
        rows,
        classes: width,
        probabilities: memory.floats(probabilities),
        targets: memory.integers(classes),
        valid: memory.mask(valid),
        scales: memory.floats(scales),
        out: out.values,
      });
      return out;
    },
  };
}

function gateKernels(kernels: Kernels, memory: NativeMemory) {
  return {
    [gatedLinearUnitKernel]({ inputs }: { inputs: Inputs }) {
      const { x, y } = inputs as { x: TensorInfo; y: TensorInfo };
      const width = x.shape.at(-1)! / 2;
      const out = memory.allocate([...x.shape.slice(0, -1), width]);
      const [rows, given] = [out.values.length / width, { x: memory.floats(x), y: memory.floats(y) }];
      kernels.gatedLinearUnit({ rows, width, ...given, out: out.values });
      return out;
    },

    [gatedLinearUnitGradientKernel]({ inputs }: { inputs: Inputs }) {
      const { x, y, gradient } = inputs as { x: TensorInfo; y: TensorInfo; gradient: TensorInfo };
      const width = x.shape.at(-1)! / 2;
      const out = memory.allocate(x.shape);
      const [rows, given] = [out.values.length / width / 2, { x: memory.floats(x), y: memory.floats(y) }];
      kernels.gatedLinearUnitGradient({ rows, width, ...given, gradOut: memory.floats(gradient), out: out.values });
      return out;
    },
  };
}

function layerKernels(kernels: Kernels, memory: NativeMemory) {
  return {
    [linearKernel]({ inputs, attrs }: { inputs: Inputs; attrs: { activation?: 'relu' | 'tanh' } }) {
      const { x, weight, bias, added } = inputs as Record<'x' | 'weight' | 'bias', TensorInfo> & { added?: TensorInfo };
      const [lanes, m, k] = x.shape as [number, number, number];
      const n = weight.shape[2]!;
      const out = memory.allocate([lanes, m, n]);
      kernels.multiply({
        a: memory.floats(x),
        b: memory.floats(weight),
        bias: memory.floats(bias),
        added: added && memory.floats(added),
        activation: attrs.activation,
        c: out.values,
        ...{ lanes, lanesA: lanes, lanesB: lanes, m, n, k, transposeA: false, transposeB: false },
      });
      return out;
    },

    [lookupGradientKernel]({ inputs, attrs }: { inputs: Inputs; attrs: { rows: number } }) {
      const { ids, gradient } = inputs as { ids: TensorInfo; gradient: TensorInfo };
      const [count, width] = gradient.shape as [number, number];
      const out = memory.allocate([attrs.rows, width]);
      kernels.scatterAdd({
        count,
        rows: attrs.rows,
        width,
        ids: memory.integers(ids),
        gradient: memory.floats(gradient),
        out: out.values,
      });
      return out;
    },

    [dropoutMaskKernel]({ inputs, attrs }: { inputs: Inputs; attrs: MaskAttributes }) {
      const { keys, scales } = inputs as { keys: TensorInfo; scales: TensorInfo };
      const lanes = keys.shape[0]!;
      const out = memory.allocate([lanes, attrs.rows, attrs.blocks * attrs.width]);
      kernels.dropoutMask({
        ...attrs,
        ...{ lanes, keys: memory.integers(keys), scales: memory.floats(scales), out: out.values },
      });
      return out;
    },
  };
}

function optimizerKernels(kernels: Kernels, memory: NativeMemory) {
  const update =
    (rule: string) =>
    ({ inputs }: { inputs: Inputs }): TensorInfo[] => {
      const { parameters, gradient, norms, limits, scalars, slot0, slot1 } = inputs as Record<string, TensorInfo>;
      const [lanes, length] = parameters!.shape as [number, number];
      const [next, nextSlot0] = [memory.allocate([lanes, length]), memory.allocate([lanes, length])];
      const nextSlot1 = slot1 && memory.allocate([lanes, length]);
      kernels.update({
        rule,
        lanes,
        length,
        parameters: memory.floats(parameters!),
        gradient: memory.floats(gradient!),
        norms: memory.floats(norms!),
        limits: memory.floats(limits!),
        scalars: memory.floats(scalars!),
        slot0: memory.floats(slot0!),
        slot1: slot1 && memory.floats(slot1),
        nextParameters: next.values,
        nextSlot0: nextSlot0.values,
        nextSlot1: nextSlot1?.values,
      });
      return nextSlot1 ? [next, nextSlot0, nextSlot1] : [next, nextSlot0];
    };

  return {
    ...Object.fromEntries(kernels.updateRules().map(({ kind }) => [updateKernel(kind), update(kind)])),

    [normsKernel]({ inputs }: { inputs: Inputs }) {
      const x = inputs.x!;
      const [lanes, length] = x.shape as [number, number];
      const out = memory.allocate([lanes, 1]);
      kernels.norms({ lanes, length, x: memory.floats(x), out: out.values });
      return out;
    },
  };
}
