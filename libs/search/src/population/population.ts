import type { SweepSpec } from '@unroll/contracts';
import { toTrial, type Proposal } from '../proposals/proposals';
import { atReport, isBetter, type Stopping } from '../stopping/rule';
import type { Parameters } from '../space/space';
import { explore, numbersAt } from './explore';
import { populationKey } from './population-key';

/** A configuration that came to a rung. */
export interface Member {
  configuration: number;
  /** What it measured there; less is better, NaN is the worst. */
  value: number;
  /** Its parameters on its way there. */
  parameters: Parameters;
  /** Whether its state there was kept, so that others can go on from it. */
  isKept: boolean;
}

/** A member as a log has it. */
export const toMember = (logged: {
  configuration: number;
  score: number;
  parameters: Parameters;
  checkpoint: string | null;
}): Member => ({
  configuration: logged.configuration,
  value: logged.score,
  parameters: logged.parameters,
  isKept: logged.checkpoint !== null,
});

/** What a configuration does after a rung: goes on, or goes on from the state of `source` with other parameters. */
export type Turn = { why: string } & (
  { decision: 'continue'; source: null; changed: null } | { decision: 'exploit'; source: number; changed: Proposal }
);

/** Updates from one rung to the next: all rungs are reports. */
const rungInterval = ({ every }: Stopping, reportEvery: number): number =>
  atReport(every, { every: reportEvery, perUnit: 1 });

/** The first rung of a population after `update`: the update, and the number of the rung from 0. */
export function rungAfter(stopping: Stopping, update: number, reportEvery: number): { update: number; rung: number } {
  const step = rungInterval(stopping, reportEvery);
  const rung = Math.floor(update / step);
  return { update: (rung + 1) * step, rung };
}

/**
 * Population-based training (Jaderberg et al. 2017, "truncation selection"): of those of a population that came to a rung so far, the
 * worst go on from one of
 * the best, with other numbers. Nobody waits for anybody: `came` are all that came until now, `configuration` among them. Pure.
 */
export function turnAt(
  spec: SweepSpec,
  stopping: Stopping,
  rung: number,
  configuration: number,
  came: readonly Member[],
): Turn {
  const kin = populationKey(spec, configuration);
  const order = came.filter((each) => populationKey(spec, each.configuration) === kin);
  // Equal ones stay in the order of their coming.
  order.sort((a, b) => (isBetter(a.value, b.value) ? -1 : isBetter(b.value, a.value) ? 1 : 0));
  const place = order.findIndex((each) => each.configuration === configuration);
  const own = order[place]!;
  const part = Math.floor(order.length * stopping.replaced);
  const where = `place ${place + 1} of ${order.length} at this rung`;
  const goesOn = (why: string): Turn => ({ decision: 'continue', source: null, changed: null, why });
  if (part === 0) return goesOn(`${where}, too few to choose from`);
  if (place < order.length - part) return goesOn(`${where}, where the last ${part} go on from the first`);
  const sources = order.slice(0, part).filter(({ value, isKept }) => isKept && isBetter(value, own.value));
  const source = sources[numbersAt(spec, rung, configuration, 0).below(sources.length)];
  if (!source) return goesOn(`${where}, and nobody's state that is better was kept`);
  const explored = explore(spec, { number: configuration, rung, part: stopping.perturbation }, source.parameters);
  const changed = toTrial(spec, explored, 0);
  return {
    decision: 'exploit',
    source: source.configuration,
    changed,
    why: `${where}, goes on from configuration ${source.configuration}`,
  };
}
