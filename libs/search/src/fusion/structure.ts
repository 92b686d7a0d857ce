import { isStudy, trialSpec, validate, ValidationError, type SweepSpec } from '@unroll/contracts';
import { randomNumbers } from '../space/numbers';
import { drawAt, freePoint, pointAt, toSpace, type Space } from '../space/point';
import { searched } from '../space/searched';
import { fusionSignature } from '../signature';

/** Number of positions tried per dimension to see whether the signature changes. */
const positions = 8;

const known = new WeakMap<SweepSpec, ReadonlySet<number>>();

/**
 * The dimensions that a trial's signature depends on. They are found by varying each dimension alone, so that only the option definitions
 * say what may differ between lanes.
 */
export function structuralDimensions(spec: SweepSpec): ReadonlySet<number> {
  // A study's trials are not trained here.
  if (isStudy(spec)) return new Set();
  const space = toSpace(searched(spec));
  const found = known.get(spec) ?? new Set([...space.dimensions.keys()].filter((index) => isStructural(space, index)));
  known.set(spec, found);
  return found;
}

function isStructural(space: Space, index: number): boolean {
  // A list determines which other dimensions exist.
  const { isList, levels } = space.dimensions[index]!;
  const fixed = freePoint(space);
  for (let within = space.dimensions[index]!.within; within; within = space.dimensions[within.dimension]!.within)
    fixed[within.dimension] = (within.option + 0.5) / space.dimensions[within.dimension]!.levels;
  const signatures = Array.from({ length: Math.min(levels, positions) }, (_, position) => {
    fixed[index] = (position + 0.5) / Math.min(levels, positions);
    const numbers = randomNumbers(0, 0, 0);
    const point = pointAt(space, fixed, (dimension) => numbers.of(String(dimension)));
    return toSignature(drawAt(space, (dimension) => point[dimension]!).tree);
  });
  return (isList && space.dimensions.some(({ within }) => within?.dimension === index)) || new Set(signatures).size > 1;
}

/** Undefined for an invalid trial. */
function toSignature(tree: unknown): string | undefined {
  try {
    return fusionSignature(validate(trialSpec, tree), '');
  } catch (error) {
    if (error instanceof ValidationError) return undefined;
    throw error;
  }
}
