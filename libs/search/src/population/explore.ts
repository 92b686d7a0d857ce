import { mayChange, trialSpec, validate, ValidationError, type SweepSpec } from '@unroll/contracts';
import { getConstraints } from '../constraints';
import { getBounds, toPosition, valueAt, type Dimension } from '../space/dimension';
import { randomNumbers, type Numbers } from '../space/numbers';
import { drawAt, toPoint, toSpace } from '../space/point';
import { searched } from '../space/searched';
import type { Configuration } from '../proposals/search';
import type { Parameters } from '../space/space';

/** Perturbations that are tried before numbers are taken over as they are. */
const attempts = 20;
/**
 * The random numbers of a configuration after a rung: others than those that it was drawn by. Attempt 0 chooses, the later ones explore.
 */
export const numbersAt = ({ search }: SweepSpec, rung: number, configuration: number, attempt: number): Numbers =>
  randomNumbers((search.seed + Math.imul(rung + 1, 0x9e3779b1)) >>> 0, configuration, attempt);

/**
 * Other numbers near those of a configuration (Jaderberg et al. 2017, "perturb"): each that may change and is drawn from a range is
 * multiplied by 1 − part or
 * 1 + part, within its range; of lists the value is kept. A function of its arguments.
 */
export function explore(
  spec: SweepSpec,
  { number, rung, part }: { number: number; rung: number; part: number },
  parameters: Parameters,
): Configuration {
  const space = toSpace(searched(spec));
  const { point } = toPoint(space, parameters);
  const { allows } = getConstraints(spec);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const numbers = numbersAt(spec, rung, number, attempt + 1);
    const other = point.map((position, index) => perturbed(space.dimensions[index]!, position, part, numbers));
    if (!allows(other)) continue;
    const drawn = drawAt(space, (dimension) => other[dimension]!);
    const whole = validOrNot(drawn.tree);
    if (whole) return { number, parameters: drawn.parameters, spec: whole };
  }
  const { tree } = drawAt(space, (dimension) => point[dimension]!);
  return { number, parameters, spec: validate(trialSpec, tree) };
}

/** A position's neighbour; the position itself where it does not exist or may not change. */
function perturbed(dimension: Dimension, position: number, part: number, numbers: Numbers): number {
  const { path, distribution, isList } = dimension;
  if (isList || !mayChange(path) || Number.isNaN(position)) return position;
  const factor = numbers.next() < 0.5 ? 1 - part : 1 + part;
  const value = valueAt(dimension, position) * factor;
  if ('normal' in distribution) return toPosition(dimension, value)!;
  const [from, to] = getBounds(distribution);
  const inside = Math.min(to, Math.max(from, value));
  if (!('int' in distribution)) return toPosition(dimension, inside)!;
  // A whole number moves by one step at least.
  const step = distribution.step ?? 1;
  const steps = (inside - from) / step;
  const moved = factor > 1 ? Math.ceil(steps) : Math.floor(steps);
  return toPosition(dimension, from + step * Math.min(dimension.levels - 1, Math.max(0, moved)))!;
}

function validOrNot(tree: unknown): Configuration['spec'] | undefined {
  try {
    return validate(trialSpec, tree);
  } catch (error) {
    if (error instanceof ValidationError) return undefined;
    throw error;
  }
}
