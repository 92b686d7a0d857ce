import { HttpStatus } from '@nestjs/common';
import {
  canonical,
  isDistribution,
  isExploiting,
  ValidationError,
  type SweepSpec,
  type TrialSpec,
} from '@unroll/contracts';
import {
  editSweep,
  proposedConfigurations,
  type InheritedConfiguration,
  type ProposedConfiguration,
  type Sweep,
} from '@unroll/database';
import { chooseSampler, countSeeds, getObjectives, type Parameters } from '@unroll/search';
import type { EntityManager } from 'typeorm';
import { ProblemException } from '../http/problem';
import type { SearchThreads } from '../search/search-threads';
import { checkedAhead } from './checked-ahead';
import { keptAlive } from './kept-alive';

/** What may change while a sweep runs. */
const editable = /^(\$schema|name|model|training|search\.(algorithm|constraints))(\.|$)/;
/** Keys of a training that decide what a value means, wherever they stand in it. */
const lasting = ['updates', 'epochs', 'reportEvery', 'seed', 'initFrom'] as const;
/** Configurations that are read at a time. */
const page = 1000;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The paths at which two specifications differ; a distribution is one value. */
export function changedPaths(before: unknown, after: unknown, path = ''): string[] {
  if (canonical(before) === canonical(after)) return [];
  if (!isRecord(before) || !isRecord(after) || isDistribution(before) || isDistribution(after)) return [path];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
    changedPaths(before[key], after[key], path ? `${path}.${key}` : key),
  );
}

/** All values of a key in a tree, also within distributions. */
function valuesOf(tree: unknown, key: string): unknown[] {
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([name, child]: [string, unknown]) =>
    name === key ? [child] : valuesOf(child, key),
  );
}

/** What an edit changes. @throws ValidationError with a line for each change that would make results incomparable */
function checkedChanges(before: SweepSpec, after: SweepSpec): string[] {
  const sameObjective = canonical(getObjectives(before)) === canonical(getObjectives(after));
  const isSame = (path: string): boolean => sameObjective && path === 'objective' && !before.objective;
  const changed = changedPaths(before, after).filter((path) => !isSame(path));
  const refused = [
    ...changed.filter((path) => !editable.test(path)),
    ...lasting
      .filter((key) => canonical(valuesOf(before.training, key)) !== canonical(valuesOf(after.training, key)))
      .map((key) => `training.${key}`),
  ];
  if (refused.length === 0) return changed;
  throw new ValidationError(
    [...new Set(refused)].map((path) => ({
      path,
      message:
        path === 'search.trials'
          ? 'is not changed by an edit: use "unroll sweep extend"'
          : 'cannot change once a sweep has started: submit a new sweep, with this one in search.from',
    })),
  );
}

/** The specification without enqueued configurations that were all proposed: they need not be in the new space. */
function withoutProposed(spec: SweepSpec, proposed: number): SweepSpec {
  const { enqueue = [], ...search } = spec.search;
  return enqueue.length > proposed ? spec : { ...spec, search };
}

const refuse = (message: string): ProblemException => new ProblemException(HttpStatus.CONFLICT, message);

function requireEditable(spec: SweepSpec): void {
  if (chooseSampler(spec).sampler.algorithm === 'grid')
    throw refuse('a grid search has one set of points: submit a new sweep, with this one in search.from');
  if (isExploiting(spec.stopping.rule)) throw refuse('a population has one space: submit a new sweep');
}

/**
 * Changes what a sweep, whose row the caller has locked, searches from its next proposal on. A search of the new space begins there: it
 * knows all earlier configurations that are in it. Does nothing if nothing changes.
 * @returns some trials of the new space, which the caller checks against the models that they start from
 * @throws ValidationError for a change that would make results incomparable, or a sweep that could not run
 */
export async function applyEdit(
  manager: EntityManager,
  threads: SearchThreads,
  sweep: Sweep,
  given: SweepSpec,
): Promise<TrialSpec[]> {
  const first = sweep.proposed / countSeeds(sweep.spec);
  const before = withoutProposed(sweep.spec, first);
  const { trials: asked = before.search.trials } = given.search;
  const after = withoutProposed({ ...given, search: { ...given.search, trials: asked } }, first);
  const changed = checkedChanges(before, after);
  if (changed.length === 0) return [];
  requireEditable(sweep.spec);
  requireEditable(after);
  const { size, ahead } = await keptAlive(manager, threads.answer('checkedSweep', { spec: after, most: checkedAhead }));
  const { inherited, withdrawn, untouched } = await sortProposed(manager, threads, sweep.id, after, first);
  // Configurations that were withdrawn before they started are replaced by others.
  const open = sweep.configurations - first + untouched;
  const left = await keptAlive(manager, threads.answer('leftAfter', { spec: after, first, inherited }));
  const configurations = first + Math.min(open, left);
  const message = open > left ? `${left} of ${open} further configurations: the new space has no more points` : null;
  await editSweep(
    manager,
    { sweepId: sweep.id, number: sweep.edits + 1, first, replaced: sweep.spec, inherited, changed },
    { spec: after, configurations, total: configurations * size.seeds, message, withdrawn },
  );
  return ahead;
}

interface Sorted {
  /** Those that are in the new space, in its terms. */
  inherited: InheritedConfiguration[];
  /** Numbers of pending trials outside. */
  withdrawn: number[];
  /** How many of the configurations outside have not started at all. */
  untouched: number;
}

/** Sorts the configurations below `first` by whether they are in the space. */
async function sortProposed(
  manager: EntityManager,
  threads: SearchThreads,
  sweepId: string,
  spec: SweepSpec,
  first: number,
): Promise<Sorted> {
  const sorted: Sorted = { inherited: [], withdrawn: [], untouched: 0 };
  const sort = ({ number, ...state }: ProposedConfiguration, parameters: Parameters | null): void => {
    // What an earlier edit has withdrawn may be proposed again.
    if (parameters && !state.isCancelled) sorted.inherited.push({ number, parameters });
    if (parameters) return;
    sorted.withdrawn.push(...state.pending);
    sorted.untouched += Number(state.isUntouched);
  };
  for (let after = -1; after < first - 1; after += page) {
    const configurations = await proposedConfigurations(manager, sweepId, countSeeds(spec), after, page);
    const places = await keptAlive(manager, threads.answer('placed', { spec, configurations }));
    for (const [index, each] of configurations.entries()) sort(each, places[index]!);
  }
  return sorted;
}

/** How many points of an edited sweep's space are not proposed yet. */
export async function pointsLeft(
  manager: EntityManager,
  threads: SearchThreads,
  { id, spec, proposed }: Sweep,
): Promise<number> {
  const first = proposed / countSeeds(spec);
  const { inherited } = await sortProposed(manager, threads, id, spec, first);
  return keptAlive(manager, threads.answer('leftAfter', { spec, first, inherited }));
}
