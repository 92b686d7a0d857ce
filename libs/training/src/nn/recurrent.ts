import type { Cell } from './cells/cell';
import { unitScan } from './cells/unit-scan';
import { hasKernel, scanKernel } from '../tensor/kernels';
import { differentiable } from '../tensor/differentiable';
import { runKernel, tf, type Tensor } from '../tensor/tfjs';
import { recurrentGradientKernel, recurrentKernel } from './recurrent-kernels';
import {
  hiddensBefore,
  prepared,
  unrolled,
  wideMask,
  type RecurrentInputs,
  type RecurrentResult,
} from './cells/unrolled';

export interface RecurrentOptions {
  /** Read from the last step to the first. */
  reverse: boolean;
  /** Keep what a gradient needs. Without it, differentiating the result throws. */
  training: boolean;
  /** Nothing else reads `projected`: a kernel may write over it. */
  overwrites?: boolean | undefined;
  /** Compute all steps at once where the cell can; a cell without a state always does. */
  parallelScan?: boolean | undefined;
}

/**
 * Whether layers of a cell run by a kernel over the whole sequence, fused where an engine has one; otherwise each operation is recorded.
 */
export const runsByKernel = (cell: Cell): boolean => cell.unitScan !== undefined || cell.gradient !== undefined;

/**
 * One recurrent layer in one direction over a whole sequence, all lanes at once; differentiable in everything but `valid`.
 * A step that does not count leaves the state as it is, which gives PyTorch's packed sequences: the final state is that at
 * the last valid step, and the reverse direction starts there.
 *
 * The seam of the engines: a backend may have fused kernels under the names in recurrent-kernels.ts; otherwise the
 * composite is registered. Nothing above knows which one ran.
 */
export function recurrentLayer(cell: Cell, layer: RecurrentInputs, options: RecurrentOptions): RecurrentResult {
  if (cell.unitScan && !layer.probe && !layer.zoneout && hasKernel(scanKernel)) return byScan(cell, layer, options);
  // The gates of a probed layer are shown: they follow from its outputs, or from the c that only its steps know.
  if (cell.gradient && !layer.zoneout && !(layer.probe && cell.gatesSeeC)) return byKernel(cell, layer, options);
  if (options.training) return composite(cell, layer, options);
  const [outputs, ...states] = tf.tidy(() => {
    const result = composite(cell, layer, options);
    return [result.outputs, ...result.states];
  });
  return { outputs: outputs, states };
}

function byScan(cell: Cell, layer: RecurrentInputs, options: RecurrentOptions): RecurrentResult {
  const { projected: inputs, states, valid } = layer;
  const { cell: name, weights } = cell.unitScan!;
  const given = { inputs, weights: weights?.(layer), start: states[0]! };
  const { outputs, last } = unitScan(name, given, { ...options, valid });
  return { outputs, states: [last] };
}

function composite(cell: Cell, layer: RecurrentInputs, options: RecurrentOptions): RecurrentResult {
  const { reverse, training, parallelScan } = options;
  const { projected, valid } = layer;
  const counts = valid && wideMask(valid, projected.shape[3]!);
  // Inputs at steps that do not count would return in gradients as 0·NaN.
  const read = { ...layer, projected: counts ? tf.where(counts, projected, tf.zerosLike(projected)) : projected };
  const isScanned =
    cell.states === 0 ||
    cell.alwaysScans ||
    (!layer.probe && !layer.zoneout && (parallelScan || hasKernel(scanKernel)));
  if (!cell.scan || !isScanned) {
    const { outputs, states, gates } = unrolled(cell, read, reverse);
    return { outputs, states, gates };
  }
  const { outputs: plain, states } = cell.scan(prepared(cell, read), read.states, { reverse, training, valid }, read);
  const outputs = layer.probe ? tf.add(plain, layer.probe) : plain;
  const given = valid && wideMask(valid, outputs.shape[3]!);
  return { outputs: given ? tf.where(given, outputs, tf.zerosLike(outputs)) : outputs, states };
}

function byKernel(cell: Cell, layer: RecurrentInputs, options: RecurrentOptions): RecurrentResult {
  const { projected, kernel, bias, valid, kept, probe } = layer;
  const inputs: Record<string, Tensor> = { projected, kernel: kernel! };
  layer.states.forEach((state, index) => (inputs[`state${index}`] = state));
  if (bias) inputs.bias = bias;
  cell.own?.forEach(({ name }, index) => (inputs[`own${index}`] = layer.own![name]!));
  const { reverse, training } = options;
  // The gates of a probed layer are computed from `projected` afterwards.
  const overwrites = options.overwrites === true && !probe;
  const attributes = { cell: cell.name, reverse, training, overwrites, probed: probe !== undefined };
  // Masks are no inputs: nothing flows back into them.
  const withMasks = { ...inputs, ...(valid && { valid }), ...(kept && { kept }) };

  const [outputs, ...states] = differentiable({
    // The probe is 0: a kernel need not add it, but has its gradient.
    inputs: probe ? { ...inputs, probe } : inputs,
    forward(save) {
      const produced = runKernel(recurrentKernel, withMasks, attributes);
      save([...Object.values(withMasks), ...produced]);
      return produced.slice(0, 1 + cell.states);
    },
    backward(gradients, saved) {
      if (!options.training) throw new Error('a recurrent layer that ran without `training` has no gradient');
      const named = Object.fromEntries(Object.keys(withMasks).map((name, index) => [name, saved[index]!]));
      saved.slice(Object.keys(withMasks).length).forEach((output, index) => (named[`output${index}`] = output));
      gradients.forEach((gradient, index) => (named[`gradient${index}`] = gradient));
      const results = runKernel(recurrentGradientKernel, named, attributes);
      const names = [...Object.keys(inputs), ...(probe ? ['probe'] : [])];
      return Object.fromEntries(names.map((name, index) => [name, () => results[index]!]));
    },
  });
  return { outputs: outputs!, states, gates: probe && gateActivations(cell, layer, outputs!, reverse) };
}

/** The gates' activations of a cell with a kernel, all steps at once from the outputs; they depend on h alone. */
function gateActivations(cell: Cell, layer: RecurrentInputs, outputs: Tensor, reverse: boolean): Tensor | undefined {
  const [lanes, steps, batch, hidden] = outputs.shape as [number, number, number, number];
  const before = tf.reshape(hiddensBefore(outputs, layer.states[0]!, reverse), [lanes, steps * batch, hidden]);
  const projected = tf.reshape(prepared(cell, layer), [lanes, steps * batch, cell.gates * hidden]);
  const others = layer.states.slice(1).map(() => tf.zerosLike(before));
  const { gates } = cell.step(projected, [before, ...others], layer);
  return gates && tf.reshape(tf.concat([...gates], 2), [lanes, steps, batch, gates.length * hidden]);
}
