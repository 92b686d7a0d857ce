import { inUnit } from '@unroll/contracts';
import { randomNumbers } from '../space/numbers';
import { toRungs, type Arrival, type Rung } from './arrival';
import { RungModel } from './rung-model';

const settings = {
  /** Configurations that have reached the first rung before any continues, if the sweep has as many. */
  first: 10,
  /** Fraction of the choices that go by rank alone, so that an error of the model delays a good configuration, but never ends it. */
  byRank: 0.15,
  /** Of those that reached a rung, one in this many continues by rank. */
  kept: 3,
};

/** A configuration that continues, and the reason, as one line of text. */
export interface Choice {
  configuration: number;
  why: string;
}

/** A configuration that is stopped at a rung. */
interface Waiting {
  configuration: number;
  rung: number;
  score: number;
  /** 1 for the best that reached its rung. */
  rank: number;
  /** How many reached its rung. */
  reached: number;
}

/** What follows from the log of a sweep's arrivals. */
export interface ArrivalLog {
  /** All arrivals, in order. */
  arrivals: readonly Arrival[];
  /** The configurations that may continue: stopped at the last rung that they reached. */
  stopped: readonly number[];
  /** Number of configurations of the sweep. */
  configurations: number;
  /** Seed of the search. */
  seed: number;
}

/**
 * Which of the stopped configurations continue on `places` free lanes, at most one each; the other lanes are for new configurations.
 * Freeze-thaw (Swersky et al. 2014): what is stopped may continue whenever that is worth more than a new configuration, by a model of the
 * curves (`RungModel`). A part of the choices goes by rank instead, as in successive halving with promotions (Li et al. 2020). With `must`,
 * nothing new is left to begin and nothing has trained to its end: one continues in any case. Pure.
 */
export function chooseNext(log: ArrivalLog, places: number, must = false): Choice[] {
  const rungs = toRungs(log.arrivals);
  const waiting = listWaiting(log, rungs);
  const begun = rungs[0]?.scores.length ?? 0;
  if (begun < Math.min(settings.first, log.configurations) && !must) return [];
  const model = new RungModel(rungs);
  const choices: Choice[] = [];
  for (let place = 0; place < places; place += 1) {
    const chance = randomNumbers(log.seed, log.arrivals.length, place).of('freeze-thaw');
    const chosen =
      chance < settings.byRank ? bestByRank(waiting) : bestByGain(waiting, model, begun >= log.configurations);
    if (!chosen) continue;
    waiting.splice(
      waiting.findIndex(({ configuration }) => configuration === chosen.configuration),
      1,
    );
    choices.push(chosen);
  }
  const best = waiting[0];
  return must && choices.length === 0 && best
    ? [{ configuration: best.configuration, why: 'nothing else is left to train' }]
    : choices;
}

/** The configurations that can continue, by rung, the last first, and by rank. */
function listWaiting({ arrivals, stopped }: ArrivalLog, rungs: readonly Rung[]): Waiting[] {
  const last = new Map(arrivals.map((arrival) => [arrival.configuration, arrival]));
  return stopped
    .flatMap((configuration): Waiting[] => {
      const { rung, score } = last.get(configuration)!;
      const scores = rungs[rung]?.scores;
      if (!scores || !Number.isFinite(score)) return [];
      const rank = 1 + scores.filter((each) => each < score).length;
      return [{ configuration, rung, score, rank, reached: scores.length }];
    })
    .sort((a, b) => b.rung - a.rung || a.rank - b.rank || a.configuration - b.configuration);
}

function bestByRank(waiting: readonly Waiting[]): Choice | undefined {
  const found = waiting.find(({ rank, reached }) => rank <= Math.floor(reached / settings.kept));
  if (!found) return undefined;
  const { configuration, rank, reached } = found;
  return { configuration, why: `rank ${rank} of ${reached} at its rung, chosen by rank` };
}

/**
 * The best at a rung from which too few have gone on for a model also continues: one, or a third once there is nothing new to begin
 * instead.
 */
function bestByGain(waiting: readonly Waiting[], model: RungModel, allBegan: boolean): Choice | undefined {
  let chosen: Choice | undefined;
  let most = 0;
  for (const [index, each] of waiting.entries()) {
    // At one rung, less is gained by those of a later rank.
    if (waiting[index - 1]?.rung === each.rung) continue;
    const { configuration, rung, score, rank, reached } = each;
    if (rung >= model.last) {
      if (rank <= (allBegan ? Math.max(1, Math.floor(reached / settings.kept)) : 1))
        return { configuration, why: `rank ${rank} of ${reached} at its rung, to learn what lies ahead` };
      continue;
    }
    const gain = model.gain(rung, score);
    if (gain <= most) continue;
    const why = `an expected improvement of ${inUnit(gain, model.unit).toPrecision(2)} beyond that of as many updates of new configurations`;
    [chosen, most] = [{ configuration, why }, gain];
  }
  return chosen;
}
