import { ValidationError, type SweepSpec } from '@unroll/contracts';
import { chooseSampler } from '../choose';
import { enqueuedOf } from '../proposals/enqueue';
import { toSpace } from '../space/point';
import { searched } from '../space/searched';

/** Refuses more enqueued configurations than the sweep has, and a learning sampler if nothing varies. @throws ValidationError */
export function checkLearning(spec: SweepSpec, { configurations }: { configurations: number }): void {
  const { algorithm, enqueue = [] } = spec.search;
  if (enqueue.length > configurations)
    throw new ValidationError([
      {
        path: 'search.enqueue',
        message: `lists ${enqueue.length} configurations, but the sweep has only ${configurations}`,
      },
    ]);
  enqueuedOf(spec);
  const { dimensions } = toSpace(searched(spec));
  if (chooseSampler(spec).sampler.learns && dimensions.every(({ isGrid, levels }) => isGrid || levels === 1))
    throw new ValidationError([
      {
        path: 'search.algorithm',
        message: `${algorithm} has nothing to search: the space is a single point; make a value a range or a choice, or use search: random`,
      },
    ]);
}
