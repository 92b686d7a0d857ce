import { attentionGradientShader, attentionShader, type Attending } from '@unroll/kernels';
import { sumOfRows } from '../../functional/linear';
import { attentionGradientKernel, attentionKernel } from '../../tensor/layer-kernels';
import { tf, type Tensor } from '../../tensor/tfjs';
import type { Kernels } from '../engine/bind-kernels';
import { owned, over, type Programs } from './programs';

type Asked = Record<'queries' | 'keys' | 'values', Tensor> & Partial<Record<'score' | 'valid', Tensor>>;
type Answered = Asked & Record<'output' | 'moments' | 'gradient', Tensor>;

/** The kernels `Attention` and `AttentionGradient` of tensor/layer-kernels.ts; none for a device that binds too few buffers. */
export function webGpuAttention(programs: Programs): Kernels {
  if (!programs.fits(attentionGradientShader({ additive: true, masked: true }))) return {};
  return {
    [attentionKernel]: ({ inputs }: { inputs: Asked }): Tensor[] => tf.tidy(() => forward(programs, inputs)),
    [attentionGradientKernel]: ({ inputs }: { inputs: Answered }): Tensor[] =>
      tf.tidy(() => backward(programs, inputs)),
  };
}

/** What both shaders need to know. */
function shapeOf({ queries, keys, values, score, valid }: Asked) {
  const [sequences, queryCount, units] = queries.shape as [number, number, number];
  const [, keyCount, width] = values.shape as [number, number, number];
  const attending: Attending = { additive: score !== undefined, masked: valid !== undefined };
  const lanes = score ? score.shape[0] : 1;
  return {
    ...{ attending, sequences, queryCount, keyCount, width, lanes },
    numbers: [queryCount, keyCount, units, width, sequences / lanes, sequences * queryCount],
    given: [queries, keys, values, ...(score ? [score] : [])],
    mask: valid ? [valid] : [],
  };
}

function forward(programs: Programs, inputs: Asked): Tensor[] {
  const { attending, sequences, queryCount, keyCount, width, numbers, given, mask } = shapeOf(inputs);
  const { across, workgroups } = over(sequences * queryCount);
  return programs
    .run({
      shader: attentionShader(attending),
      inputs: [...given, ...mask],
      outputs: [width, keyCount, 2].map((last) => [sequences, queryCount, last]),
      numbers: [...numbers, across],
      workgroups,
    })
    .map(owned);
}

function backward(programs: Programs, inputs: Answered): Tensor[] {
  const { attending, sequences, queryCount, keyCount, lanes, numbers, given, mask } = shapeOf(inputs);
  const { queries, keys, values, score, output, moments, gradient } = inputs;
  const { across, workgroups } = over(sequences * (queryCount + keyCount));
  const [ofQueries, ofKeys, ofValues, parts] = programs
    .run({
      shader: attentionGradientShader(attending),
      inputs: [...given, output, moments, gradient, ...mask],
      outputs: [queries, keys, values, ...(score ? [queries] : [])].map(({ shape }) => shape),
      numbers: [...numbers, across],
      workgroups,
    })
    .map(owned);
  if (!score) return [ofQueries!, ofKeys!, ofValues!];
  const rows = tf.reshape(parts!, [lanes, (sequences / lanes) * queryCount, queries.shape[2]!]);
  return [ofQueries!, ofKeys!, ofValues!, tf.reshape(sumOfRows(rows), score.shape)];
}
