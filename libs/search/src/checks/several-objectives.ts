import {
  inWords,
  limits,
  samplerDefinitions,
  samplerNames,
  stoppingRuleDefinitions,
  ValidationError,
  type SamplerDefinition,
  type SweepSpec,
} from '@unroll/contracts';
import { chooseSampler } from '../choose';

/** The samplers for `objectives`, as a list in words. */
const takers = (objectives: SamplerDefinition['objectives']): string =>
  inWords(
    samplerNames.filter((name) => samplerDefinitions[name].objectives === objectives),
    'or',
  );

/** Refuses samplers and stopping rules that do not support the sweep's number of objectives. @throws ValidationError */
export function checkObjectives(spec: SweepSpec, { configurations }: { configurations: number }): void {
  const { objectives, search, stopping } = spec;
  const { algorithm, objectives: taken } = chooseSampler(spec).sampler;
  const refuse = (path: string, message: string): ValidationError => new ValidationError([{ path, message }]);
  if (!objectives && taken === 'several')
    throw refuse('search.algorithm', `${algorithm} needs several objectives: set objectives, or use search: tpe`);
  if (!objectives) return;
  if (taken === 'one')
    throw refuse(
      'search.algorithm',
      `${algorithm} learns from one objective, but the sweep has ${objectives.length}: use ${takers('several')}, ` +
        `or a sampler that does not learn: ${takers('any')}`,
    );
  if (stopping && stoppingRuleDefinitions[stopping.rule].decides !== 'nothing')
    throw refuse(
      'stopping.rule',
      `${stopping.rule} compares by a single objective, but the sweep has ${objectives.length}: leave it out`,
    );
  if (search.from?.length)
    throw refuse('search.from', 'a search for several objectives cannot use earlier sweeps: leave it out');
  if (configurations > limits.severalObjectives)
    throw refuse(
      'search.trials',
      `must be at most ${limits.severalObjectives} with several objectives, not ${configurations}`,
    );
}
