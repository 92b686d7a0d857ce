import { distributions, ValidationError, type SweepSpec, type TaskSpec } from '@unroll/contracts';
import { checkConstraints } from '../constraints';
import { getObjective } from '../objective';
import { checkResuming } from '../freeze-thaw/check';
import { checkPopulation } from '../population/check';
import { sweepSize, toTrial, toTrials, type Proposal, type SweepSize } from '../proposals/proposals';
import { SweepSearch, type Configuration } from '../proposals/search';
import { searched } from '../space/searched';
import { checkUnit } from '../stopping/check';
import { checkPairedTest } from '../stopping/paired-test';
import { checkBudget } from './budget';
import { checkLearning } from './learning';
import { checkObjectives } from './several-objectives';
import { checkTokens } from './tokens';

/** Configurations checked before a sweep is accepted; later ones are checked when they are drawn. */
const checkedAhead = 1000;
/** Points drawn for them at most: where few satisfy the constraints, fewer configurations are checked. */
const checkedDraws = 10_000;

/**
 * Refuses a sweep that could not run, before anything is written: a grid that is too large, a number of trials that is not a
 * multiple of it, an invalid combination, an objective that no task measures, constraints that cannot be satisfied, a stopping
 * rule that does not suit the search, a paired test of too few seeds. Returns the size of the sweep, its first trials, at most `most`, and
 * the configurations that they are of. Once it `isLate` no more are drawn, but for the first; asking must be cheap.
 * @throws ValidationError
 */
export function checkAhead(
  spec: SweepSpec,
  most: number,
  isLate: () => boolean,
): { size: SweepSize; ahead: Proposal[]; first: Configuration[] } {
  if (distributions(searched(spec)).some(([path]) => path === 'training.seed'))
    throw new ValidationError([
      {
        path: 'training.seed',
        message: 'must be a plain number; to repeat with several seeds, use search.repeats or search.seeds',
      },
    ]);
  getObjective(spec);
  const size = sweepSize(spec);
  checkObjectives(spec, size);
  checkBudget(spec, size);
  checkLearning(spec, size);
  checkPopulation(spec, size);
  checkResuming(spec);
  checkUnit(spec);
  checkPairedTest(spec, size);
  checkConstraints(spec, isLate);
  const search = new SweepSearch(spec);
  const ahead: Proposal[] = [];
  const first: Configuration[] = [];
  const tasks: TaskSpec[] = [];
  const { seeds, configurations } = size;
  for (let number = 0; number < Math.min(configurations, checkedAhead); number += 1) {
    if (search.drawnPoints > checkedDraws || (number > 0 && isLate())) break;
    const configuration = search.propose(number, 1)[0]!;
    tasks.push(toTrial(spec, configuration, seeds - 1).spec.task);
    if (ahead.length >= most) continue;
    ahead.push(...toTrials(spec, configuration));
    first.push(configuration);
  }
  checkTokens(spec, tasks);
  return { size, ahead: ahead.slice(0, most), first };
}

/** The size of a sweep, however long that takes. @throws ValidationError for one that could not run */
export const checkSweep = (spec: SweepSpec): SweepSize => checkAhead(spec, 0, () => false).size;
