import type { SweepSpec } from '@unroll/contracts';

/** The part of a sweep that is searched over, in its order. */
export function searched({ dataset, task, model, training }: SweepSpec): Record<string, unknown> {
  return { dataset, task, ...(model === undefined ? {} : { model }), ...(training === undefined ? {} : { training }) };
}
