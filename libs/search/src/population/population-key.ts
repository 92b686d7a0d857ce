import { mayChange, type SweepSpec } from '@unroll/contracts';
import { gridPoint, toSpace } from '../space/point';
import { searched } from '../space/searched';

/**
 * A key of the population that a configuration belongs to: equal for configurations whose networks can copy weights from each other, which
 * are those at the same values of all grids over parameters that may not change.
 */
export function populationKey(spec: SweepSpec, configuration: number): string {
  const space = toSpace(searched(spec));
  const fixed = gridPoint(space, configuration % space.gridSize);
  return space.dimensions.map(({ path }, index) => (mayChange(path) ? '' : String(fixed[index]))).join(' ');
}
