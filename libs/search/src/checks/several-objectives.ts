import { limits, ValidationError, type SweepSpec } from '@unroll/contracts';
import { chooseSampler } from '../choose';

/** Checks that search and stopping rule support the sweep's number of objectives. @throws ValidationError */
export function checkObjectives(spec: SweepSpec, { configurations }: { configurations: number }): void {
  const { objectives, search, stopping } = spec;
  const { algorithm, learns } = chooseSampler(spec).sampler;
  const refuse = (path: string, message: string): ValidationError => new ValidationError([{ path, message }]);
  if (!objectives && algorithm === 'nsga-ii')
    throw refuse('search.algorithm', 'nsga-ii needs several objectives: set objectives, or use search: tpe');
  if (!objectives) return;
  if (learns && algorithm !== 'nsga-ii')
    throw refuse(
      'search.algorithm',
      `${algorithm} optimizes a single objective, but the sweep has ${objectives.length}: use nsga-ii, random or sobol`,
    );
  if (stopping && stopping.rule !== 'none')
    throw refuse(
      'stopping.rule',
      `${stopping.rule} compares by a single objective, but the sweep has ${objectives.length}: leave it out`,
    );
  if (search.from?.length) throw refuse('search.from', 'not supported with several objectives: leave it out');
  if (configurations > limits.severalObjectives)
    throw refuse(
      'search.trials',
      `must be at most ${limits.severalObjectives} with several objectives, not ${configurations}`,
    );
}
