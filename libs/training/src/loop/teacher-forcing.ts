import type { TeacherForcingSpec } from '@unroll/contracts';

/** How steeply the inverse sigmoid falls: its first and last values are within half a percent of its limits. */
const steepness = 11;

/**
 * The part of the steps at which a decoder reads the right token at an update, from 1 to `updates` (scheduled sampling,
 * Bengio et al. 2015, section 2.4). A schedule goes from `from` to `to` and stays there; the exponential one to a
 * thousandth where `to` is 0.
 */
export function forcingRatio(spec: TeacherForcingSpec, update: number, updates: number): number {
  if (typeof spec === 'number') return spec;
  const { kind, from, to, over = updates } = spec;
  const done = Math.min(1, (update - 1) / Math.max(1, over - 1));
  switch (kind) {
    case 'linear':
      return from + (to - from) * done;
    case 'exponential': {
      if (done === 1) return to;
      const [first, last] = [Math.max(from, 1e-3), Math.max(to, 1e-3)];
      return first * (last / first) ** done;
    }
    case 'inverse-sigmoid': {
      const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
      const [begin, end] = [-steepness / 2, steepness / 2].map(sigmoid) as [number, number];
      const part = (sigmoid(steepness * (done - 0.5)) - begin) / (end - begin);
      return from + (to - from) * part;
    }
  }
}
