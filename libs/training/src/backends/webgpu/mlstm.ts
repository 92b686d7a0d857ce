import {
  mlstmGateNumbers,
  mlstmGatesGradientShader,
  mlstmGatesShader,
  mlstmGateThreads,
  mlstmGradientShader,
  mlstmShader,
  type MlstmHead,
} from '@unroll/kernels';
import { mlstmGradientKernel, mlstmKernel } from '../../tensor/kernels';
import { tf, type Tensor } from '../../tensor/tfjs';
import { owned, type Programs } from './programs';

interface Arguments {
  inputs: Record<string, Tensor | undefined>;
  attrs: { reverse: boolean; training: boolean };
}

/** A layer of a kernel's arguments. */
function layerOf({ inputs: given, attrs }: Arguments) {
  const { projected, bias_i, valid } = given;
  const [lanes, steps, batch, columns] = projected!.shape as [number, number, number, number];
  const [hidden, heads] = [columns / 4, bias_i!.shape[2]!];
  const size = hidden / heads;
  const head: MlstmHead = { size, reverse: attrs.reverse, masked: valid !== undefined };
  return {
    ...{ head, lanes, steps, batch, hidden, heads },
    /** Of C, n and m of a row. */
    width: hidden * size + hidden + heads,
    rows: steps * batch,
    numbers: [steps, batch, hidden, heads],
    mask: valid ? [valid] : [],
  };
}

/** The kernels `Mlstm` and `MlstmGradient` that tensor/kernels.ts names. */
export const webGpuMlstm = (programs: Programs) => ({
  [mlstmKernel]: (given: Arguments): Tensor[] => tf.tidy(() => forward(programs, given)),
  [mlstmGradientKernel]: (given: Arguments): Tensor[] => tf.tidy(() => backward(programs, given)),
});

function forward(programs: Programs, given: Arguments): Tensor[] {
  const { head, lanes, steps, batch, hidden, heads, width, rows, numbers, mask } = layerOf(given);
  const { projected, weight_i, weight_f, bias_i, bias_f, C, n, m } = given.inputs;
  const [gates] = programs
    .run({
      shader: mlstmGatesShader,
      inputs: [projected!, weight_i!, weight_f!, bias_i!, bias_f!],
      outputs: [[lanes, steps, batch, 2 * heads]],
      numbers: [rows, hidden, heads],
      workgroups: [Math.ceil((rows * 2 * heads) / mlstmGateThreads), lanes],
    })
    .map(owned);
  const keeps = given.attrs.training;
  const kept = [
    [lanes, steps, batch, 4 * heads],
    [lanes, batch, 2, width],
  ];
  return programs
    .run({
      shader: mlstmShader({ ...head, keeps }),
      inputs: [projected!, gates!, tf.concat([C!, n!, m!], 2), ...mask],
      outputs: [[lanes, steps, batch, hidden], C!.shape, n!.shape, m!.shape, ...(keeps ? kept : [])],
      numbers,
      workgroups: [heads * batch, lanes],
    })
    .map(owned);
}

function backward(programs: Programs, given: Arguments): Tensor[] {
  const { head, lanes, steps, batch, hidden, heads, width, rows, numbers, mask } = layerOf(given);
  const { projected, weight_i, weight_f, bias_i, bias_f, C, n, m, ...others } = given.inputs;
  const { output0, output4, output5, gradient0, gradient1, gradient2, gradient3 } = others;
  const ofLast = tf.concat([gradient1!, gradient2!, gradient3!], 2);
  const [ofInputs, ofGates, ofStart] = programs
    .run({
      shader: mlstmGradientShader(head),
      inputs: [projected!, output4!, output5!, output0!, gradient0!, ofLast, ...mask],
      outputs: [projected!.shape, [lanes, steps, batch, 2 * heads], [lanes, batch, width]],
      numbers,
      workgroups: [3 * heads * batch, lanes],
    })
    .map(owned) as [Tensor, Tensor, Tensor];
  const groups = Math.ceil((rows * 4 * hidden) / mlstmGateNumbers);
  const ofLayers = programs
    .run({
      shader: mlstmGatesGradientShader,
      inputs: [projected!, ofGates, weight_i!, weight_f!, ofInputs],
      outputs: [projected!, weight_i!, weight_f!, bias_i!, bias_f!].map(({ shape }) => shape),
      numbers: [rows, hidden, heads, groups],
      workgroups: [groups + (3 * hidden + 1) * 2 * heads, lanes],
    })
    .map(owned);
  return [...ofLayers, ...tf.split(ofStart, [C!.shape[2]!, n!.shape[2]!, m!.shape[2]!], 2)];
}
