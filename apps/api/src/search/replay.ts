import { countFolds, canonical, type Objective, type Replay, type SweepSpec } from '@unroll/contracts';
import type {
  EarlierConfiguration,
  LoggedArrival,
  StoredPairedTest,
  LoggedProposal,
  LoggedTurn,
  LoggedVerdict,
} from '@unroll/database';
import {
  chooseNext,
  comparePairs,
  decideAt,
  reconsider,
  toMember,
  turnAt,
  wholeStopping,
  type CurvePoint,
} from '@unroll/search';
import { openSearch, type Stretch } from './stretch';

type Part = Replay['proposals'];

class Differences implements Part {
  count = 0;
  different = 0;
  first: string | null = null;

  compare(what: string, logged: unknown, again: unknown): void {
    this.count += 1;
    if (canonical(logged) === canonical(again)) return;
    this.different += 1;
    this.first ??= `${what}: logged ${canonical(logged)}, replayed ${canonical(again)}`;
  }
}

/** Replays a learning search with the results that it was given. */
export function replayLearning({
  stretch,
  earlier,
  log,
}: {
  stretch: Stretch;
  earlier: readonly EarlierConfiguration[];
  log: readonly LoggedProposal[];
}): Part {
  const search = openSearch(stretch, earlier);
  const result = new Differences();
  for (const { first, lanes, learned, parameters } of log) {
    for (const [number, value, share, others] of learned) search.learn({ number, value, share, others });
    for (const [index, again] of search.propose(first, parameters.length, lanes).entries())
      result.compare(`configuration ${first + index}`, parameters[index], again.parameters);
    // Later proposals depend on what was logged, not on what was replayed.
    for (const [index, each] of parameters.entries()) search.recall({ number: first + index, parameters: each });
  }
  return { ...result };
}

export function replayDraws({
  stretch,
  earlier,
  drawn,
}: {
  stretch: Stretch;
  earlier: readonly EarlierConfiguration[];
  drawn: readonly { configuration: number; parameters: Record<string, unknown> }[];
}): Part {
  const search = openSearch(stretch, earlier);
  const result = new Differences();
  for (const { configuration, parameters } of drawn)
    result.compare(`configuration ${configuration}`, parameters, search.propose(configuration, 1)[0]!.parameters);
  return { ...result };
}

export function replayVerdicts({
  spec,
  objective,
  verdicts,
  pairedTests,
}: {
  spec: SweepSpec;
  objective: Objective;
  verdicts: readonly LoggedVerdict[];
  pairedTests: readonly StoredPairedTest[];
}): Part {
  const stopping = wholeStopping(spec.stopping ?? { rule: 'none' });
  const result = new Differences();
  const before = new Map<number, { configuration: number; score: number }[]>();
  const curves = new Map<number, CurvePoint[]>();
  for (const { rung, configuration, updates, values, score, decision } of verdicts) {
    const earlier = before.get(rung) ?? [];
    before.set(rung, earlier);
    const added = updates.map((update, index) => ({ update, value: values[index]! }));
    const curve = [...(curves.get(configuration) ?? []), ...added];
    curves.set(configuration, curve);
    const again = decideAt(stopping, objective.goal, { configuration, rung, curve }, earlier);
    const now = { score: again.score, decision: again.decision };
    result.compare(`configuration ${configuration} at rung ${rung}`, { score, decision }, now);
    earlier.push({ configuration, score });
  }
  for (const { rung, configuration, laterSeen } of verdicts) {
    if (laterSeen === null) continue;
    const again = reconsider(stopping, configuration, before.get(rung)!.slice(0, laterSeen));
    result.compare(
      `configuration ${configuration} after rung ${rung}`,
      'stop',
      again === undefined ? 'continue' : 'stop',
    );
  }
  for (const { configuration, seeds, values, against, againstValues, p, decision } of pairedTests) {
    const pairs = { values, against: { configuration: against, values: againstValues } };
    const again = comparePairs(stopping.pThreshold, objective.goal, pairs, countFolds(spec));
    const now = { p: again.p, decision: again.decision };
    result.compare(`configuration ${configuration} after ${seeds} seeds`, { p, decision }, now);
  }
  return { ...result };
}

/** Replays the turns of a population, each from the members that had reached the rung by then. */
export function replayTurns({ spec, rungs }: { spec: SweepSpec; rungs: ReadonlyMap<number, LoggedTurn[]> }): Part {
  const stopping = wholeStopping(spec.stopping);
  const result = new Differences();
  for (const [rung, turns] of rungs)
    for (const { configuration, seen, decision, source, changed } of turns) {
      const again = turnAt(spec, stopping, rung, configuration, turns.slice(0, seen).map(toMember));
      const logged = { decision, source, changed };
      const now = { decision: again.decision, source: again.source, changed: again.changed?.parameters ?? null };
      result.compare(`configuration ${configuration} at rung ${rung}`, logged, now);
    }
  return { ...result };
}

/** Replays which configurations resumed: each decision from the arrivals that it considered, for as many lanes as its own ones left. */
export function replayResumed({
  spec,
  configurations,
  arrivals,
}: {
  spec: SweepSpec;
  configurations: number;
  arrivals: readonly LoggedArrival[];
}): Part {
  const result = new Differences();
  for (const seen of new Set(arrivals.map((arrival) => arrival.seen))) {
    const known = arrivals.slice(0, seen);
    const places = known.filter((arrival) => arrival.seen === seen).length;
    const last = new Map(known.map((arrival) => [arrival.configuration, arrival]));
    const stopped = [...last.values()].filter((arrival) => isOpen(arrival, seen)).map(toConfiguration);
    const log = { arrivals: known, stopped, configurations, seed: spec.search.seed };
    const logged = arrivals.filter((arrival) => isChosen(arrival, seen)).map(toConfiguration);
    const again = chooseNext(log, places).map(toConfiguration);
    // That nothing else was left to train is not logged.
    const now = again.length < logged.length ? chooseNext(log, places, true).map(toConfiguration) : again;
    result.compare(`after ${seen} arrivals`, logged.sort(byNumber), now.sort(byNumber));
  }
  return { ...result };
}

const toConfiguration = ({ configuration }: { configuration: number }): number => configuration;
const byNumber = (a: number, b: number): number => a - b;

/** Whether a training has ended there. */
const isEnd = ({ share, score }: LoggedArrival): boolean => share === 1 || Number.isNaN(score);

/** Whether a configuration was stopped at its arrival when a decision considered so many arrivals. */
const isOpen = (arrival: LoggedArrival, considered: number): boolean =>
  !isEnd(arrival) &&
  (arrival.decision === 'stop'
    ? arrival.laterSeen === null || arrival.laterSeen >= considered
    : arrival.seen >= considered);

/** Whether the decision that considered so many arrivals let it continue. */
const isChosen = (arrival: LoggedArrival, considered: number): boolean =>
  arrival.laterSeen === considered ||
  (arrival.decision === 'continue' && arrival.seen === considered && !isEnd(arrival));
