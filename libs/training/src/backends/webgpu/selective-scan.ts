import {
  firstSiluGradientShader,
  firstSiluShader,
  selectiveScanGradientShader,
  selectiveScanShader,
  selectiveStates,
  selectiveThreads,
  type Shader,
} from '@unroll/kernels';
import { sumOfRows } from '../../functional/linear';
import {
  firstSiluGradientKernel,
  firstSiluKernel,
  selectiveScanGradientKernel,
  selectiveScanKernel,
} from '../../tensor/kernels';
import { tf, type Tensor, type TensorInfo } from '../../tensor/tfjs';
import { owned, over, type Programs } from './programs';

interface Arguments {
  inputs: Record<string, Tensor | undefined>;
  attrs: { reverse: boolean; training: boolean };
}

/** A layer of a kernel's arguments, and how it is dispatched. */
function layerOf({ inputs: given, attrs }: Arguments) {
  const { inputs, mixing, weights, valid } = given;
  const [lanes, steps, batch, width] = inputs!.shape as [number, number, number, number];
  const hidden = width / 3;
  const groups = Math.ceil(hidden / selectiveThreads);
  return {
    layer: { reverse: attrs.reverse, masked: valid !== undefined },
    ...{ lanes, steps, batch, hidden, groups },
    numbers: [steps, batch, hidden, groups],
    workgroups: [groups * batch, lanes] as const,
    read: [inputs, mixing, weights, valid].filter((each) => each !== undefined),
  };
}

/** The kernels `SelectiveScan` and `SelectiveScanGradient` that tensor/kernels.ts names. */
export const webGpuSelectiveScan = (programs: Programs) => ({
  [selectiveScanKernel]: (given: Arguments): Tensor[] => tf.tidy(() => forward(programs, given)),
  [selectiveScanGradientKernel]: (given: Arguments): Tensor[] => tf.tidy(() => backward(programs, given)),
  [firstSiluKernel]: ({ inputs: { x } }: Given<'x'>) => firstSilu(programs, firstSiluShader, [x], x.shape[2]! / 3),
  [firstSiluGradientKernel]: ({ inputs: { x, gradient } }: Given<'x' | 'gradient'>) =>
    firstSilu(programs, firstSiluGradientShader, [x, gradient], x.shape[2]!),
});

interface Given<Name extends string> {
  inputs: Record<Name, Tensor>;
}

/** A tensor with as many rows as the first input, this wide. */
function firstSilu(programs: Programs, shader: Shader, inputs: readonly Tensor[], columns: number): TensorInfo {
  const [lanes, rows, width] = inputs[0]!.shape as [number, number, number];
  const count = lanes * rows * columns;
  const { across, workgroups } = over(Math.ceil(count / 256));
  const numbers = [count, width / 3, across];
  return programs.run({ shader, inputs, outputs: [[lanes, rows, columns]], numbers, workgroups })[0]!;
}

function forward(programs: Programs, given: Arguments): Tensor[] {
  const { layer, lanes, steps, batch, hidden, numbers, workgroups, read } = layerOf(given);
  const keeps = given.attrs.training;
  const width = selectiveStates * hidden;
  const outputs = [
    [lanes, steps, batch, hidden],
    [lanes, batch, width],
    ...(keeps ? [[lanes, steps + 1, batch, width]] : []),
  ];
  const shader = selectiveScanShader({ ...layer, keeps });
  return programs.run({ shader, inputs: [...read, given.inputs.start!], outputs, numbers, workgroups }).map(owned);
}

function backward(programs: Programs, given: Arguments): Tensor[] {
  const { layer, lanes, steps, batch, hidden, groups, numbers, workgroups, read } = layerOf(given);
  const { inputs, mixing, output2, gradient0, gradient1 } = given.inputs;
  const mixed = 2 * selectiveStates;
  const [ofInputs, parts, rows] = programs
    .run({
      shader: selectiveScanGradientShader(layer),
      inputs: [...read, output2!, gradient0!, gradient1!],
      outputs: [inputs!.shape, [lanes * steps * batch, groups, mixed], [lanes, batch, (mixed + 2) * hidden]],
      ...{ numbers, workgroups },
    })
    .map(owned) as [Tensor, Tensor, Tensor];
  const ofMixing = tf.reshape(groups === 1 ? parts : sumOfRows(parts), mixing!.shape);
  const [ofWeights, ofStart] = tf.split(rows, [(selectiveStates + 2) * hidden, selectiveStates * hidden], 2);
  return [ofInputs, ofMixing, sumOfRows(ofWeights!), ofStart!];
}
