import { limits, ValidationError, type SweepSpec } from '@unroll/contracts';
import { chooseSampler } from '../choose';

/** What a sweep with several objectives needs: a search and a stopping rule that do not look at one alone. @throws ValidationError */
export function checkObjectives(spec: SweepSpec, { configurations }: { configurations: number }): void {
  const { objectives, search, stopping } = spec;
  const { algorithm, learns } = chooseSampler(spec).sampler;
  const refuse = (path: string, message: string): ValidationError => new ValidationError([{ path, message }]);
  if (!objectives && algorithm === 'nsga-ii')
    throw refuse('search.algorithm', 'nsga-ii is for several objectives: give objectives, or use search: tpe');
  if (!objectives) return;
  if (learns && algorithm !== 'nsga-ii')
    throw refuse(
      'search.algorithm',
      `${algorithm} learns from one objective, and the sweep has ${objectives.length}: use nsga-ii, random or sobol`,
    );
  if (stopping && stopping.rule !== 'none')
    throw refuse(
      'stopping.rule',
      `${stopping.rule} compares by one objective, and the sweep has ${objectives.length}: leave it out`,
    );
  if (search.from?.length)
    throw refuse('search.from', 'a search for several objectives begins with none of earlier sweeps: leave it out');
  if (configurations > limits.severalObjectives)
    throw refuse('search.trials', `with several objectives at most ${limits.severalObjectives}, not ${configurations}`);
}
