import type { OptimizerSpec } from '@unroll/contracts';
import type { Tensor } from '../tensor/tfjs';

/** One number for each lane, float32 [lane, 1]. */
export type Scalars<Name extends string> = Record<Name, Tensor>;

export interface Update {
  /** [lane, length] */
  parameters: Tensor;
  /** As many as the optimizer has, each [lane, length]. */
  slots: Tensor[];
}

/**
 * An optimizer's update, as torch.optim to the placement of epsilon, over the flat vectors of all lanes. Lanes share the kind; every
 * number is per lane. A new optimizer is one file beside this one and one entry in optimizers.ts; it may have a kernel of its own, whose
 * rule libs/kernels/src/update-rules.ts describes. Without one, `update` runs.
 */
export interface Optimizer<Name extends string = string> {
  readonly kind: string;
  /** How many vectors it keeps from one update to the next; they start at 0. */
  readonly slots: number;
  /** The names of its scalars, in the order in which they are stored in one tensor. */
  readonly scalarNames: readonly Name[];
  /** A lane's scalars at its update number `step`, which counts from 1. Computed in float64. */
  scalars(spec: OptimizerSpec, learningRate: number, step: number): Record<Name, number>;
  /** One update. Elementwise: where parameter, gradient and slots are 0 they stay 0. */
  update(parameters: Tensor, gradient: Tensor, slots: readonly Tensor[], scalars: Scalars<Name>): Update;
}

/** The spec as that of one kind. Throws Error for any other: the caller chose the wrong optimizer. */
export function requireKind<Kind extends OptimizerSpec['kind']>(
  spec: OptimizerSpec,
  ...kinds: Kind[]
): Extract<OptimizerSpec, { kind: Kind }> {
  if (!(kinds as string[]).includes(spec.kind)) throw new Error(`expected ${kinds.join(' or ')}, not ${spec.kind}`);
  return spec as Extract<OptimizerSpec, { kind: Kind }>;
}
