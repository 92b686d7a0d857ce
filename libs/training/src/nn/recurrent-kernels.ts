import type { CellWeights } from './cells/cell';
import { cells } from './cells/cells';
import { ownByName } from './cells/own-parameters';
import { keptState } from './cells/recurrent-product';
import { tf, type Tensor } from '../tensor/tfjs';
import { sumOfRows } from '../functional/linear';
import { maskSteps, readingOrder, unrolled, wideMask } from './cells/unrolled';

/**
 * Inputs: projected [lane, time, batch, gates·hidden], kernel [lane, hidden, gates·hidden], bias? [lane, 1, gates·hidden],
 * own0, own1, … [lane, 1, blocks·hidden] (the cell's own parameters), valid? bool [lane, time, batch], kept? [lane, batch,
 * hidden] (the factor of h where it enters the gates), state0, state1, … [lane, batch, hidden]. Attributes: cell, reverse,
 * training, overwrites (whether `projected` may be written over). Outputs: outputs [lane, time, batch, hidden], the final states, and
 * with `training` what the gradient needs, in the kernel's own format.
 */
export const recurrentKernel = 'Recurrent';

/**
 * Inputs: those of the forward kernel, all its outputs as output0, output1, …, and the gradients of the outputs and of the
 * final states as gradient0, gradient1, …. Attributes: those of the forward kernel, and `probed`; with `overwrites`, what the forward
 * kernel kept may be written over. Outputs: the gradients of projected, kernel, state0, state1, …, bias where it was given, own0, own1,
 * …, and if `probed` those of h after each step, 0 at steps that do not count, [lane, time, batch, hidden].
 */
export const recurrentGradientKernel = 'RecurrentGradient';

type Attributes = { cell: string; reverse: boolean; training: boolean; probed: boolean };
type Named = Record<string, Tensor>;

const numbered = (named: Named, name: string): Tensor[] =>
  Array.from({ length: Object.keys(named).length }, (_, index) => named[`${name}${index}`]).filter(
    (each) => each !== undefined,
  );

/** Each quantity of all steps as one tensor [lane, time, batch, ·], so that what follows takes one operation a sequence. */
const stacked = (steps: readonly (readonly Tensor[])[]): Tensor[] =>
  steps[0]!.map((_, index) =>
    tf.stack(
      steps.map((step) => step[index]!),
      1,
    ),
  );

/** The weights of a layer, and what it reads. */
function open(inputs: Named, name: string) {
  const cell = cells.get(name)!;
  const { projected, kernel, bias, valid, kept } = inputs as Record<'projected' | 'kernel', Tensor> &
    Partial<Record<'bias' | 'valid' | 'kept', Tensor>>;
  const weights: CellWeights = { kernel, bias, own: ownByName(cell, numbered(inputs, 'own')), kept };
  // Inputs at steps that do not count would return in gradients of the cell's own parameters as 0·NaN.
  const counts = valid && cell.own && wideMask(valid, projected.shape[3]!);
  const input = counts ? tf.where(counts, projected, tf.zerosLike(projected)) : projected;
  return { cell, weights, input, valid };
}

function forward(inputs: Named, { cell: name, reverse, training }: Attributes): Tensor[] {
  const { cell, weights, input, valid } = open(inputs, name);
  const run = unrolled(cell, { ...weights, projected: input, valid, states: numbered(inputs, 'state') }, reverse);
  if (!training) return [run.outputs, ...run.states];
  return [run.outputs, ...run.states, ...stacked(run.previous), ...stacked(run.saved)];
}

/** Backpropagation through time (Werbos 1990): only what depends on the incoming gradient is computed step by step. */
function backward(inputs: Named, { cell: name, reverse, probed }: Attributes): Tensor[] {
  const { cell, weights, input, valid } = open(inputs, name);
  const { kernel, bias, kept } = weights as CellWeights & { kernel: Tensor };
  const [, ...produced] = numbered(inputs, 'output');
  const previous = produced.slice(cell.states, 2 * cell.states);
  const saved = produced.slice(2 * cell.states);
  const [ofOutputs, ...ofStates] = numbered(inputs, 'gradient');
  const arriving = tf.unstack(ofOutputs!, 1); // time × [lane, batch, hidden]
  const factors = cell.gradient!.factors(saved, previous, weights).map((factor) => tf.unstack(factor, 1));
  const transposed = tf.transpose(kernel, [0, 2, 1]); // [lane, gates·hidden, hidden]
  const hidden = kernel.shape[1]!;
  const masks = valid && { state: maskSteps(valid, hidden), gates: maskSteps(valid, hidden * cell.gates) };

  const projected: Tensor[] = [];
  const recurrent: Tensor[] = [];
  const hiddens: Tensor[] = [];
  const own: Tensor[][] = [];
  let states = ofStates;
  for (const t of readingOrder(arriving.length, !reverse)) {
    const mask = masks?.state[t];
    // A step that does not count has output 0 and leaves the state unchanged.
    const output = mask ? tf.where(mask, arriving[t]!, tf.zerosLike(arriving[t]!)) : arriving[t]!;
    const flowing = [tf.add(states[0]!, output), ...states.slice(1)];
    if (probed) hiddens[t] = mask ? tf.where(mask, flowing[0]!, tf.zerosLike(flowing[0]!)) : flowing[0]!;
    const step = cell.gradient!.step(
      flowing,
      factors.map((factor) => factor[t]!),
      weights,
    );
    const select = (gradient: Tensor): Tensor =>
      masks ? tf.where(masks.gates[t]!, gradient, tf.zerosLike(gradient)) : gradient;
    projected[t] = select(step.projected);
    recurrent[t] = step.recurrent === step.projected ? projected[t] : select(step.recurrent);
    own[t] = (step.own ?? []).map((each) => (mask ? tf.where(mask, each, tf.zerosLike(each)) : each));
    const throughProduct = keptState(tf.matMul(recurrent[t], transposed), weights);
    states = step.states.map((direct, index) => {
      const gradient = index > 0 ? direct! : direct ? tf.add(throughProduct, direct) : throughProduct;
      return mask ? tf.where(mask, gradient, flowing[index]!) : gradient;
    });
  }
  const ofSteps = tf.stack(projected, 1);
  const ofOwn = cell.gradient!.own?.({ input, saved, previous, projected: ofSteps, own: stacked(own) }, weights);
  // The kernel's gradient is one product over all steps: Hᵀ·dZ.
  const [lanes, steps, batch] = ofOutputs!.shape as [number, number, number];
  const same = recurrent.every((step, t) => step === projected[t]);
  const rows = tf.reshape(same ? ofSteps : tf.stack(recurrent, 1), [lanes, steps * batch, cell.gates * hidden]);
  const seen = kept ? tf.mul(previous[0]!, tf.expandDims(kept, 1)) : previous[0]!;
  const ofKernel = tf.matMul(tf.reshape(seen, [lanes, steps * batch, hidden]), rows, true, false);
  return [
    ofOwn?.input ?? ofSteps,
    ofKernel,
    ...states,
    ...(bias ? [sumOfRows(rows)] : []),
    ...(ofOwn?.own ?? []),
    ...(probed ? [tf.stack(hiddens, 1)] : []),
  ];
}

/** Registers the composite for a backend that has no fused kernel of its own. */
export function registerRecurrentKernels(backendName: string): void {
  for (const [kernelName, compute] of [
    [recurrentKernel, forward],
    [recurrentGradientKernel, backward],
  ] as const) {
    if (tf.getKernel(kernelName, backendName)) continue;
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs }) => tf.tidy(() => compute(inputs as Named, attrs as Attributes)),
    });
  }
}
