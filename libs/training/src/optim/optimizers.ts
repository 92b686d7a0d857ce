import type { OptimizerSpec } from '@unroll/contracts';
import { adagrad } from './adagrad';
import { adam, adamw } from './adam';
import type { Optimizer } from './optimizer';
import { rmsprop } from './rmsprop';
import { sgd } from './sgd';

/** Every optimizer there is, by its kind. */
export const optimizers: Readonly<Record<OptimizerSpec['kind'], Optimizer>> = { adam, adamw, rmsprop, sgd, adagrad };
