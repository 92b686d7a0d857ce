import { differentiable } from './differentiable';
import { runKernel, type Tensor } from './tfjs';

/** A kernel over a whole sequence, and that of its gradient, which has a gradient for each of `inputs`, in their order. */
export interface SequenceKernel {
  kernel: string;
  gradient: string;
  inputs: Readonly<Record<string, Tensor>>;
  /** Which steps count. It is no input: nothing flows back into it. */
  valid?: Tensor | undefined;
  /** The attributes of both kernels. Without `training` the kernel keeps nothing for a gradient. */
  attributes: { reverse: boolean; training: boolean; cell?: string };
  /** How many of the kernel's outputs are results. */
  results: number;
  /** The outputs that the gradient reads, as output0, output1, …; among those that the kernel gives. */
  reads: readonly number[];
}

/** The results of the kernel, differentiable in its inputs. */
export function runSequence({ kernel, gradient, inputs, valid, attributes, results, reads }: SequenceKernel): Tensor[] {
  const given: Record<string, Tensor> = valid ? { ...inputs, valid } : { ...inputs };
  return differentiable({
    inputs: { ...inputs },
    forward(save) {
      const produced = runKernel(kernel, given, attributes);
      if (attributes.training) save([...Object.values(given), ...kept(produced, reads)]);
      return produced.slice(0, results);
    },
    backward(gradients, saved) {
      if (!attributes.training) throw new Error('a recurrent layer that ran without `training` has no gradient');
      const named = Object.fromEntries(Object.keys(given).map((name, index) => [name, saved[index]!]));
      saved.slice(Object.keys(given).length).forEach((output, index) => (named[`output${reads[index]!}`] = output));
      gradients.forEach((each, index) => (named[`gradient${index}`] = each));
      const found = runKernel(gradient, named, attributes);
      return Object.fromEntries(Object.keys(inputs).map((name, index) => [name, () => found[index]!]));
    },
  });
}

const kept = (outputs: readonly Tensor[], reads: readonly number[]): Tensor[] =>
  reads.flatMap((index) => outputs[index] ?? []);
