import type { SweepSpec } from '@unroll/contracts';
import { toTrial, type Proposal } from '../proposals/proposals';
import { atReport, isBetter, type Stopping } from '../stopping/rule';
import type { Parameters } from '../space/space';
import { explore, numbersAt } from './explore';
import { populationKey } from './population-key';

/** A configuration that reached a rung. */
export interface Member {
  configuration: number;
  /** Its value there; lower is better, NaN is the worst. */
  value: number;
  /** The parameters with which it reached the rung. */
  parameters: Parameters;
  /** Whether its checkpoint there was kept, so that others can copy it. */
  isKept: boolean;
}

/** A member from its log entry. */
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

/** How a configuration continues after a rung: unchanged, or from the checkpoint of `source` with other parameters. */
export type Turn = { why: string } & (
  | { decision: 'continue'; source: null; changed: null }
  | { decision: 'exploit'; source: number; changed: Proposal }
);

/** Updates from one rung to the next, rounded up to a report. */
const rungInterval = ({ every }: Stopping, reportEvery: number): number =>
  atReport(every, { every: reportEvery, perUnit: 1 });

/** The first rung of a population after `update`: its update, and its number from 0. */
export function rungAfter(stopping: Stopping, update: number, reportEvery: number): { update: number; rung: number } {
  const step = rungInterval(stopping, reportEvery);
  const rung = Math.floor(update / step);
  return { update: (rung + 1) * step, rung };
}

/**
 * Population-based training with truncation selection (Jaderberg et al. 2017): if a configuration is among the worst of its population
 * at a rung, it copies one of the best and perturbs its parameters. Nothing waits: `arrived` are the members that have reached the rung
 * so far, including `configuration`. Pure.
 */
export function turnAt(
  spec: SweepSpec,
  stopping: Stopping,
  rung: number,
  configuration: number,
  arrived: readonly Member[],
): Turn {
  const key = populationKey(spec, configuration);
  const order = arrived.filter((each) => populationKey(spec, each.configuration) === key);
  // The sort is stable: ties stay in order of arrival.
  order.sort((a, b) => (isBetter(a.value, b.value) ? -1 : isBetter(b.value, a.value) ? 1 : 0));
  const place = order.findIndex((each) => each.configuration === configuration);
  const own = order[place]!;
  const part = Math.floor(order.length * stopping.replaced);
  const rank = `rank ${place + 1} of ${order.length} at this rung`;
  const unchanged = (why: string): Turn => ({ decision: 'continue', source: null, changed: null, why });
  if (part === 0) return unchanged(`${rank}, too few to copy from`);
  if (place < order.length - part) return unchanged(`${rank}; only the worst ${part} copy the best`);
  const sources = order.slice(0, part).filter(({ value, isKept }) => isKept && isBetter(value, own.value));
  const source = sources[numbersAt(spec, rung, configuration, 0).below(sources.length)];
  if (!source) return unchanged(`${rank}; no better checkpoint was kept`);
  const explored = explore(spec, { number: configuration, rung, part: stopping.perturbation }, source.parameters);
  const changed = toTrial(spec, explored, 0);
  return {
    decision: 'exploit',
    source: source.configuration,
    changed,
    why: `${rank}; copies configuration ${source.configuration}`,
  };
}
