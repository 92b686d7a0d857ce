import {
  scanBlocks,
  scanGradientShader,
  scanShader,
  scanThreads,
  type ScanCell,
  type ScanLayer,
} from '@unroll/kernels';
import { scanGradientKernel, scanKernel } from '../../tensor/kernels';
import { sumOfRows } from '../../functional/linear';
import { tf, type Tensor } from '../../tensor/tfjs';
import type { Kernels } from '../engine/bind-kernels';
import { owned, type Programs } from './programs';
import { webGpuMlstm } from './mlstm';
import { webGpuSelectiveScan } from './selective-scan';

interface Arguments {
  inputs: Record<string, Tensor | undefined>;
  attrs: { cell: ScanCell; reverse: boolean; training: boolean };
}

/** Buffers that the gradient binds where there are weights and a mask. A device that binds fewer runs plain operations. */
const mostBuffers = 10;

/** The most workgroups of a lane; beyond that a thread computes several units. */
const mostGroups = 32_768;

/** A layer of a kernel's arguments, and how it is dispatched. */
function layerOf({ inputs: given, attrs }: Arguments) {
  const { inputs, weights, valid } = given;
  const [lanes, steps, batch, width] = inputs!.shape as [number, number, number, number];
  const hidden = width / scanBlocks[attrs.cell].inputs;
  const groups = Math.min(Math.ceil((batch * hidden) / scanThreads), mostGroups);
  const layer: ScanLayer = {
    ...{ cell: attrs.cell, reverse: attrs.reverse, masked: valid !== undefined },
    ownWeights: weights !== undefined && weights.shape[1]! > 1,
  };
  return {
    ...{ layer, lanes, steps, batch, hidden },
    numbers: [steps, batch, hidden, groups * scanThreads],
    workgroups: [groups, lanes] as const,
    read: [inputs, weights, valid, given.start].filter((each) => each !== undefined),
  };
}

/** The kernels `Scan` and `ScanGradient` that tensor/kernels.ts names; none for a device that binds too few buffers. */
export function webGpuScan(programs: Programs): Kernels {
  if (programs.limits.maxStorageBuffersPerShaderStage < mostBuffers) return {};
  return {
    [scanKernel]: (given: Arguments): Tensor[] => tf.tidy(() => forward(programs, given)),
    [scanGradientKernel]: (given: Arguments): Tensor[] => tf.tidy(() => backward(programs, given)),
    ...webGpuSelectiveScan(programs),
    ...webGpuMlstm(programs),
  };
}

function forward(programs: Programs, given: Arguments): Tensor[] {
  const { layer, lanes, steps, batch, hidden, numbers, workgroups, read } = layerOf(given);
  const width = scanBlocks[layer.cell].states * hidden;
  const keeps = layer.masked && given.attrs.training;
  const sequence = [lanes, steps, batch, width];
  const outputs = [sequence, [lanes, batch, width], ...(keeps ? [sequence] : [])];
  const shader = scanShader({ ...layer, keeps });
  return programs.run({ shader, inputs: read, outputs, numbers, workgroups }).map(owned);
}

function backward(programs: Programs, given: Arguments): Tensor[] {
  const { layer, lanes, batch, hidden, numbers, workgroups, read } = layerOf(given);
  const { inputs, start, weights, output0, output2, gradient0, gradient1 } = given.inputs;
  const inner = scanBlocks[layer.cell].weights * hidden;
  const produced = programs.run({
    shader: scanGradientShader(layer),
    inputs: [...read, (output2 ?? output0)!, gradient0!, gradient1!],
    outputs: [inputs!.shape, ...(weights ? [[lanes, batch, inner]] : []), start!.shape],
    ...{ numbers, workgroups },
  });
  const [ofInputs, ...rest] = produced.map(owned) as [Tensor, ...Tensor[]];
  if (!weights) return [ofInputs, rest[0]!];
  const [ofRows, ofStart] = rest as [Tensor, Tensor];
  return [ofInputs, ofStart, weights.shape[1]! > 1 ? ofRows : sumOfRows(ofRows)];
}
