import { scanBlocks, scanCells, selectiveStates, type Kernels, type ScanCell } from '@unroll/kernels';
import {
  firstSiluGradientKernel,
  firstSiluKernel,
  scanGradientKernel,
  scanKernel,
  selectiveScanGradientKernel,
  selectiveScanKernel,
} from '../../tensor/kernels';
import type { NativeMemory } from './memory';
import type { TensorInfo } from '../../tensor/tfjs';

interface Arguments {
  inputs: Record<string, TensorInfo | undefined>;
  attrs: { cell: ScanCell; reverse: boolean; training: boolean };
}

/** The arguments that both kernels share. */
function common(memory: NativeMemory, { inputs: given, attrs }: Arguments) {
  const { inputs, weights, valid, start } = given;
  const [lanes, steps, batch, width] = inputs!.shape as [number, number, number, number];
  return {
    cell: scanCells.indexOf(attrs.cell),
    ...{ lanes, steps, batch, hidden: width / scanBlocks[attrs.cell].inputs },
    reverse: attrs.reverse,
    weightRows: weights?.shape[1] ?? 1,
    inputs: memory.floats(inputs!),
    weights: weights && memory.floats(weights),
    valid: memory.mask(valid),
    start: memory.floats(start!),
  };
}

/** The arguments that both kernels of a selective state space share. */
function commonOfSelective(
  memory: NativeMemory,
  { inputs: given, attrs }: Pick<Arguments, 'inputs'> & { attrs: Reading },
) {
  const { inputs, mixing, weights, valid, start } = given;
  const [lanes, steps, batch, width] = inputs!.shape as [number, number, number, number];
  return {
    ...{ lanes, steps, batch, hidden: width / 3, reverse: attrs.reverse },
    inputs: memory.floats(inputs!),
    mixing: memory.floats(mixing!),
    weights: memory.floats(weights!),
    valid: memory.mask(valid),
    start: memory.floats(start!),
  };
}

interface Reading {
  reverse: boolean;
}

/** The kernels of a selective state space that tensor/kernels.ts names. */
export const selectiveKernels = (kernels: Kernels, memory: NativeMemory) => ({
  [selectiveScanKernel](given: { inputs: Arguments['inputs']; attrs: Reading }): TensorInfo[] {
    const layer = commonOfSelective(memory, given);
    const { lanes, steps, batch, hidden } = layer;
    const [outputs, last] = [
      memory.allocate([lanes, steps, batch, hidden]),
      memory.allocate(given.inputs.start!.shape),
    ];
    kernels.selectiveScan({ ...layer, outputs: outputs.values, last: last.values });
    return [outputs, last];
  },

  [selectiveScanGradientKernel](given: { inputs: Arguments['inputs']; attrs: Reading }): TensorInfo[] {
    const layer = commonOfSelective(memory, given);
    const { lanes, batch, hidden } = layer;
    const { inputs, mixing, weights, start, gradient0, gradient1 } = given.inputs;
    const [ofInputs, ofMixing, ofWeights, ofStart] = [inputs!, mixing!, weights!, start!].map(({ shape }) =>
      memory.allocate(shape),
    ) as [Allocated, Allocated, Allocated, Allocated];
    const inner = (selectiveStates + 2) * hidden;
    const ofRows = new Float32Array(lanes * batch * inner);
    kernels.selectiveScanGradient({
      ...layer,
      gradOutputs: memory.floats(gradient0!),
      gradLast: memory.floats(gradient1!),
      gradInputs: ofInputs.values,
      gradMixing: ofMixing.values,
      gradWeights: ofRows,
      gradStart: ofStart.values,
    });
    kernels.sumRows({ outer: lanes, rows: batch, inner, x: ofRows, out: ofWeights.values });
    return [ofInputs, ofMixing, ofWeights, ofStart];
  },

  [firstSiluKernel]({ inputs: { x } }: FirstSilu<'x'>): TensorInfo {
    const [lanes, rows, columns] = x.shape as [number, number, number];
    const width = columns / 3;
    const out = memory.allocate([lanes, rows, width]);
    kernels.firstSilu({ rows: lanes * rows, width, x: memory.floats(x), out: out.values });
    return out;
  },

  [firstSiluGradientKernel]({ inputs: { x, gradient } }: FirstSilu<'x' | 'gradient'>): TensorInfo {
    const [lanes, rows, columns] = x.shape as [number, number, number];
    const out = memory.allocate(x.shape);
    const [read, gradOut] = [memory.floats(x), memory.floats(gradient)];
    kernels.firstSiluGradient({ rows: lanes * rows, width: columns / 3, x: read, gradOut, out: out.values });
    return out;
  },
});

interface FirstSilu<Name extends string> {
  inputs: Record<Name, TensorInfo>;
}

type Allocated = ReturnType<NativeMemory['allocate']>;

/** The kernels `Scan` and `ScanGradient` that tensor/kernels.ts names. */
export const scanKernels = (kernels: Kernels, memory: NativeMemory) => ({
  [scanKernel](given: Arguments): TensorInfo[] {
    const layer = common(memory, given);
    const { lanes, steps, batch, hidden, valid } = layer;
    const width = scanBlocks[given.attrs.cell].states * hidden;
    const sequence = [lanes, steps, batch, width];
    const [outputs, last] = [memory.allocate(sequence), memory.allocate([lanes, batch, width])];
    const states = valid && given.attrs.training ? memory.allocate(sequence) : undefined;
    kernels.scan({
      ...layer,
      outputs: outputs.values,
      states: states?.values ?? (valid ? new Float32Array(outputs.values.length) : outputs.values),
      last: last.values,
    });
    return states ? [outputs, last, states] : [outputs, last];
  },

  [scanGradientKernel](given: Arguments): TensorInfo[] {
    const layer = common(memory, given);
    const { lanes, batch, hidden, weightRows, weights } = layer;
    const { inputs } = given;
    const [ofInputs, ofStart] = [memory.allocate(inputs.inputs!.shape), memory.allocate(inputs.start!.shape)];
    const inner = scanBlocks[given.attrs.cell].weights * hidden;
    const ofWeights = weights && memory.allocate([lanes, weightRows, inner]);
    const ofRows = weightRows === batch ? ofWeights?.values : weights && new Float32Array(lanes * batch * inner);
    kernels.scanGradient({
      ...layer,
      states: memory.floats((inputs.output2 ?? inputs.output0)!),
      gradOutputs: memory.floats(inputs.gradient0!),
      gradLast: memory.floats(inputs.gradient1!),
      gradInputs: ofInputs.values,
      gradWeights: ofRows,
      gradStart: ofStart.values,
    });
    if (!ofWeights) return [ofInputs, ofStart];
    if (weightRows !== batch) kernels.sumRows({ outer: lanes, rows: batch, inner, x: ofRows!, out: ofWeights.values });
    return [ofInputs, ofStart, ofWeights];
  },
});
