import { isStudy, trialSpec, validate, ValidationError } from '@unroll/contracts';
import { randomNumbers } from '../space/numbers';
import { drawAt, freePoint, optionPoint, pointAt, toSpace, type Space } from '../space/point';
import { remembered } from '../space/remembered';
import { searched } from '../space/searched';
import { fusionSignature } from '../signature';

/** Number of positions tried per range to see whether the signature changes. Of a list, each option is tried. */
const positions = 8;

/**
 * The dimensions that a trial's signature depends on. They are found by varying each dimension alone, so that only the option definitions
 * say what may differ between lanes.
 */
export const structuralDimensions = remembered((spec): ReadonlySet<number> => {
  // A study's trials are not trained here.
  if (isStudy(spec)) return new Set();
  const space = toSpace(searched(spec));
  return new Set([...space.dimensions.keys()].filter((index) => isStructural(space, index)));
});

function isStructural(space: Space, index: number): boolean {
  // A list determines which other dimensions exist.
  const { isList, levels, within } = space.dimensions[index]!;
  if (isList && space.dimensions.some((each) => each.within?.dimension === index)) return true;
  const fixed = within ? optionPoint(space, within.dimension, within.option) : freePoint(space);
  const tried = isList ? levels : Math.min(levels, positions);
  let first: string | undefined;
  for (let position = 0; position < tried; position += 1) {
    fixed[index] = (position + 0.5) / tried;
    const numbers = randomNumbers(0, 0, 0);
    const point = pointAt(space, fixed, (dimension) => numbers.of(String(dimension)));
    const signature = toSignature(drawAt(space, (dimension) => point[dimension]!).tree);
    if (position === 0) first = signature;
    else if (signature !== first) return true;
  }
  return false;
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
