import { z } from 'zod';
import { byName, column } from '../definition';
import { adagrad } from './adagrad';
import { adam } from './adam';
import { adamw } from './adamw';
import type { OptimizerDefinition } from './optimizer';
import { rmsprop } from './rmsprop';
import { sgd } from './sgd';

/** Every optimizer, in the order in which they are listed. */
const list = [adam, adamw, rmsprop, sgd, adagrad] as const;

export const optimizer = z.discriminatedUnion('kind', column(list, 'schema'));
export const optimizerKinds = column(list, 'kind');
export type OptimizerSpec = z.infer<typeof optimizer>;
export type OptimizerKind = OptimizerSpec['kind'];
export const optimizerDefinitions: Readonly<Record<OptimizerKind, OptimizerDefinition>> = byName(list, 'kind');

/** The numeric options of all optimizers: each lane has its own, read again at each update. */
export const numericOptimizerOptions: readonly string[] = [
  ...new Set(
    list.flatMap(({ schema }) =>
      Object.entries(schema.shape).flatMap(([key, option]) =>
        option instanceof z.ZodDefault && option.def.innerType instanceof z.ZodNumber ? [key] : [],
      ),
    ),
  ),
];
