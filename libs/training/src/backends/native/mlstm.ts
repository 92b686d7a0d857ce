import type { Kernels } from '@unroll/kernels';
import { mlstmGradientKernel, mlstmKernel } from '../../tensor/kernels';
import type { TensorInfo } from '../../tensor/tfjs';
import type { NativeMemory } from './memory';

interface Arguments {
  inputs: Record<string, TensorInfo | undefined>;
  attrs: { reverse: boolean; training: boolean };
}

/** The arguments that both kernels share. */
function common(memory: NativeMemory, { inputs: given, attrs }: Arguments) {
  const { projected, weight_i, weight_f, bias_i, bias_f, valid, C, n, m } = given;
  const [lanes, steps, batch, columns] = projected!.shape as [number, number, number, number];
  return {
    ...{ lanes, steps, batch, hidden: columns / 4, heads: bias_i!.shape[2]!, reverse: attrs.reverse },
    inputs: memory.floats(projected!),
    inputWeight: memory.floats(weight_i!),
    forgetWeight: memory.floats(weight_f!),
    inputBias: memory.floats(bias_i!),
    forgetBias: memory.floats(bias_f!),
    valid: memory.mask(valid),
    c: memory.floats(C!),
    n: memory.floats(n!),
    m: memory.floats(m!),
  };
}

/** The kernels `Mlstm` and `MlstmGradient` that tensor/kernels.ts names. */
export const mlstmKernels = (kernels: Kernels, memory: NativeMemory) => ({
  [mlstmKernel](given: Arguments): TensorInfo[] {
    const layer = common(memory, given);
    const { lanes, steps, batch, hidden, heads } = layer;
    const { C, n, m } = given.inputs;
    const outputs = memory.allocate([lanes, steps, batch, hidden]);
    const [lastC, lastN, lastM] = [C!, n!, m!].map(({ shape }) => memory.allocate(shape)) as [Room, Room, Room];
    const [ofGates, ofSteps] = [2 * heads, heads].map((width) => [lanes, steps, batch, width]);
    const kept = given.attrs.training
      ? { gates: memory.allocate(ofGates!), normalisers: memory.allocate(ofSteps!) }
      : undefined;
    const rows = lanes * steps * batch;
    kernels.mlstm({
      ...layer,
      outputs: outputs.values,
      lastC: lastC.values,
      lastN: lastN.values,
      lastM: lastM.values,
      gates: kept?.gates.values ?? new Float32Array(rows * 2 * heads),
      normalisers: kept?.normalisers.values ?? new Float32Array(rows * heads),
    });
    return [outputs, lastC, lastN, lastM, ...(kept ? [kept.gates, kept.normalisers] : [])];
  },

  [mlstmGradientKernel](given: Arguments): TensorInfo[] {
    const { projected, weight_i, weight_f, bias_i, bias_f, C, n, m, ...others } = given.inputs;
    const gradients = [projected, weight_i, weight_f, bias_i, bias_f, C, n, m].map((each) =>
      memory.allocate(each!.shape),
    );
    const [ofInputs, ofInputWeight, ofForgetWeight, ofInputBias, ofForgetBias, ofC, ofN, ofM] = gradients.map(
      ({ values }) => values,
    ) as [Values, Values, Values, Values, Values, Values, Values, Values];
    const read = (name: string): Float32Array => memory.floats(others[name]!);
    kernels.mlstmGradient({
      ...common(memory, given),
      ...{ outputs: read('output0'), gates: read('output4'), normalisers: read('output5') },
      ...{ gradOutputs: read('gradient0'), gradLastC: read('gradient1') },
      ...{ gradLastN: read('gradient2'), gradLastM: read('gradient3') },
      ...{ gradInputs: ofInputs, gradInputWeight: ofInputWeight, gradForgetWeight: ofForgetWeight },
      ...{ gradInputBias: ofInputBias, gradForgetBias: ofForgetBias, gradC: ofC, gradN: ofN, gradM: ofM },
    });
    return gradients;
  },
});

type Values = Float32Array;
type Room = ReturnType<NativeMemory['allocate']>;
