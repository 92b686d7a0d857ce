import { mayChange, trialSpec, validate, ValidationError, type SweepSpec } from '@unroll/contracts';
import { getConstraints } from '../constraints';
import { getBounds, getStep, levelPosition, toPosition, type Dimension } from '../space/dimension';
import { randomNumbers, type Numbers } from '../space/numbers';
import { drawAt, numberAt, toPoint, toSpace } from '../space/point';
import { searched } from '../space/searched';
import type { Configuration } from '../proposals/search';
import type { Parameters } from '../space/space';

/** Perturbations tried before parameters are copied unchanged. */
const attempts = 20;

/**
 * The random numbers of a configuration at a rung, independent of those that it was drawn with. Attempt 0 is for the choice of a source,
 * later ones are for exploring.
 */
export const numbersAt = ({ search }: SweepSpec, rung: number, configuration: number, attempt: number): Numbers =>
  randomNumbers((search.seed + Math.imul(rung + 1, 0x9e3779b1)) >>> 0, configuration, attempt);

/**
 * Perturbs parameters (Jaderberg et al. 2017, "perturb"): each number that may change and has a range is multiplied by 1 − part or
 * 1 + part, within its range. Values of lists are kept, and so are numbers that do not change, as they are: their positions would round
 * them. Pure.
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
    const other = point.map((position, index) =>
      perturbed(space.dimensions[index]!, position, parameters, part, numbers),
    );
    const kept = { ...parameters };
    for (const [index, { path }] of space.dimensions.entries())
      if (!Object.is(other[index], point[index])) delete kept[path];
    if (!allows(other, kept)) continue;
    const drawn = drawAt(space, (dimension) => other[dimension]!, kept);
    const whole = validOrNot(drawn.tree);
    if (whole) return { number, parameters: drawn.parameters, spec: whole };
  }
  const { tree } = drawAt(space, (dimension) => point[dimension]!, parameters);
  return { number, parameters, spec: validate(trialSpec, tree) };
}

/** A perturbed position; the position itself if its dimension does not exist or may not change. */
function perturbed(
  dimension: Dimension,
  position: number,
  parameters: Parameters,
  part: number,
  numbers: Numbers,
): number {
  const { path, distribution, isList } = dimension;
  if (isList || !mayChange(path) || Number.isNaN(position)) return position;
  const factor = numbers.next() < 0.5 ? 1 - part : 1 + part;
  const value = (numberAt(dimension, position, parameters) as number) * factor;
  if ('normal' in distribution) return toPosition(dimension, value)!;
  const [from, to] = getBounds(distribution);
  const inside = Math.min(to, Math.max(from, value));
  if (dimension.levels === Infinity) return toPosition(dimension, inside)!;
  // A number with steps moves by at least one of them.
  const step = getStep(distribution)!;
  const steps = (inside - from) / step;
  const moved = factor > 1 ? Math.ceil(steps) : Math.floor(steps);
  return levelPosition(dimension, Math.min(dimension.levels - 1, Math.max(0, moved)));
}

function validOrNot(tree: unknown): Configuration['spec'] | undefined {
  try {
    return validate(trialSpec, tree);
  } catch (error) {
    if (error instanceof ValidationError) return undefined;
    throw error;
  }
}
