// What a stopping rule does to configurations that are trained on the curves of a table, a point at a time.
import { createRequire } from 'node:module';
import { leastOf } from './tables.mjs';

const require = createRequire(import.meta.url);
const ours = (path) => require(`../../../dist/libs/${path}.js`);

/** The stopping rules, with the options of the tables' short curves. */
const rules = {
  none: { rule: 'none' },
  asha: { rule: 'asha', minUpdates: 2, reductionFactor: 3 },
  hyperband: { rule: 'hyperband', minUpdates: 2, reductionFactor: 3 },
  median: { rule: 'median', minUpdates: 2 },
  'freeze-thaw': { rule: 'freeze-thaw', minUpdates: 2 },
};

/** Judges configurations by a rule: the referee of one search. */
export function openReferee(rule, seed) {
  const { wholeStopping } = ours('contracts/src/index');
  const { stopping: schema } = ours('contracts/src/stopping-spec');
  const stopping = wholeStopping(schema.parse(rules[rule]));
  return rule === 'freeze-thaw' ? new Resuming(stopping, seed) : new Stopping(stopping);
}

/** A rule that stops configurations for good. */
class Stopping {
  entries = [];

  constructor(stopping) {
    this.stopping = stopping;
  }

  /**
   * A training {number, curve, values} has come to its next point. Whether it leaves its lane, whether the search learns its outcome, and
   * the trainings that continue.
   */
  judge(training) {
    const ends = training.values.length === training.curve.length || this.stops(training);
    return { leaves: ends, learns: ends, resumed: [] };
  }

  stops(training) {
    const { decideAt, reconsider, rungAt } = ours('search/src/index');
    const { number, values, curve: whole } = training;
    const update = values.length;
    const rung = rungAt(this.stopping, number, { update, last: whole.length, every: 1, perUnit: 1 });
    if (rung === undefined)
      return (
        training.rung !== undefined && reconsider(this.stopping, number, this.entries[training.rung]) !== undefined
      );
    training.rung = rung;
    const before = (this.entries[rung] ??= []);
    const curve = values.map((value, index) => ({ update: index + 1, value }));
    const verdict = decideAt(this.stopping, 'minimize', { configuration: number, rung, curve }, before);
    before.push({ configuration: number, score: verdict.score });
    return verdict.decision === 'stop';
  }
}

/** A rule whose stopped configurations may resume. */
class Resuming {
  arrivals = [];
  stopped = new Map();

  constructor(stopping, seed) {
    Object.assign(this, { stopping, seed });
  }

  judge(training) {
    const { chooseNext, lastRung, nextRung } = ours('search/src/index');
    const { number: configuration, values, curve } = training;
    const update = values.length;
    const ends = update === curve.length;
    const next = nextRung(this.stopping, update - 1, 1);
    if (!ends && next.update !== update) return { leaves: false, learns: false, resumed: [] };
    const least = leastOf(values);
    const rung = ends ? lastRung(this.stopping, update, 1) : next.rung;
    this.arrivals.push({ configuration, rung, update, score: Number.isFinite(least) ? least : NaN });
    if (!ends) this.stopped.set(configuration, training);
    const { arrivals, seed } = this;
    const log = { arrivals, stopped: [...this.stopped.keys()], configurations: Infinity, seed };
    const resumed = chooseNext(log, 1).map((choice) => this.stopped.get(choice.configuration));
    for (const { number } of resumed) this.stopped.delete(number);
    return { leaves: true, learns: true, resumed };
  }
}
