import { mayChange, type SweepSpec } from '@unroll/contracts';
import { gridPoint, toSpace } from '../space/point';
import { searched } from '../space/searched';

/**
 * The population that a configuration belongs to: those that have the weights of one network, for whose other values grids have one point.
 */
export function populationKey(spec: SweepSpec, configuration: number): string {
  const space = toSpace(searched(spec));
  const fixed = gridPoint(space, configuration % space.gridSize);
  return space.dimensions.map(({ path }, index) => (mayChange(path) ? '' : String(fixed[index]))).join(' ');
}
