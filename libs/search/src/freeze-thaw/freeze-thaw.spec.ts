import { wholeStopping } from '@unroll/contracts';
import fc from 'fast-check';
import { chooseNext, lastRung, nextRung, type Arrival } from '.';

const stopping = wholeStopping({ rule: 'freeze-thaw', minUpdates: 3 });

/** What of a log may continue: all that did not reach `end`. */
const stoppedBefore = (end: number, arrivals: readonly Arrival[]): number[] => {
  const last = new Map(arrivals.map(({ configuration, rung }) => [configuration, rung]));
  return [...last].filter(([, rung]) => rung < end).map(([configuration]) => configuration);
};

/** Curves that fall towards limits, which their first values tell up to `noise`: the limit of configuration c is c / count. */
function trainAll(count: number, { noise = 0, rungs = 4 } = {}): { updates: number; ended: number[] } {
  const update = (rung: number): number => 2 ** rung;
  const score = (c: number, rung: number): number => c / count + (1 + noise * Math.sin(7 * c)) / update(rung);
  const arrivals: Arrival[] = [];
  const rungOf = new Map<number, number>();
  let updates = 0;
  let next = 0;
  const arrive = (configuration: number): void => {
    const rung = (rungOf.get(configuration) ?? -1) + 1;
    rungOf.set(configuration, rung);
    updates += rung === 0 ? 1 : update(rung) - update(rung - 1);
    arrivals.push({ configuration, rung, update: update(rung), score: score(configuration, rung) });
  };
  for (;;) {
    const stopped = stoppedBefore(rungs - 1, arrivals);
    const must = next === count && ![...rungOf.values()].includes(rungs - 1);
    const [choice] = chooseNext({ arrivals, stopped, configurations: count, seed: 1 }, 1, must);
    // In an order that says nothing.
    if (choice) arrive(choice.configuration);
    else if (next < count) arrive((next++ * 17) % count);
    else return { updates, ended: [...rungOf].filter(([, rung]) => rung === rungs - 1).map(([each]) => each) };
  }
}

describe('freeze-thaw', () => {
  it('trains the best to the end, and saves most of the updates', () => {
    const { updates, ended } = trainAll(40);
    expect(ended).toContain(0);
    expect(updates).toBeLessThan((40 * 8) / 2);
  });

  it('trains a good configuration to the end although its first value is bad', () => {
    // The first values are off by more than the limits of all configurations differ.
    const { ended } = trainAll(40, { noise: 0.3, rungs: 6 });
    expect(Math.min(...ended)).toBeLessThan(3);
  });

  it('lets a configuration that was stopped continue after others have disappointed', () => {
    const first = Array.from({ length: 12 }, (_, configuration): Arrival => {
      return { configuration, rung: 0, update: 2, score: 1 + configuration / 100 };
    });
    const log = { configurations: 12, seed: 3 };
    const everyone = first.map(({ configuration }) => configuration);
    const [leader] = chooseNext({ ...log, arrivals: first, stopped: everyone }, 1);
    expect(leader!.configuration).toBe(0);
    // Those that continued did not get better.
    const arrivals = [...first];
    const gone = new Set<number>();
    const resumed: number[] = [];
    for (let step = 0; step < 6; step += 1) {
      const stopped = everyone.filter((each) => !gone.has(each));
      const [choice] = chooseNext({ ...log, arrivals, stopped }, 1);
      if (!choice) break;
      resumed.push(choice.configuration);
      gone.add(choice.configuration);
      arrivals.push({ ...first[choice.configuration]!, rung: 1, update: 4 });
    }
    expect(resumed.length).toBeGreaterThan(1);
  });

  it('waits for ten configurations, or for all of a smaller sweep', () => {
    const arrivals = Array.from({ length: 4 }, (_, configuration) => ({ configuration, rung: 0, update: 2, score: 1 }));
    const log = { arrivals, stopped: [0, 1, 2, 3], seed: 1 };
    expect(chooseNext({ ...log, configurations: 20 }, 4)).toEqual([]);
    expect(chooseNext({ ...log, configurations: 4 }, 4).length).toBeGreaterThan(0);
  });

  it('never continues what has no value, and has nothing to choose where all diverged', () => {
    const arrivals = Array.from({ length: 12 }, (_, configuration) => ({
      ...{ configuration, rung: 0, update: 2, score: configuration === 5 ? 1 : NaN },
    }));
    const stopped = arrivals.map(({ configuration }) => configuration);
    const log = { arrivals, stopped, configurations: 12, seed: 1 };
    expect(chooseNext(log, 12, true).map(({ configuration }) => configuration)).toEqual([5]);
    const none = { ...log, arrivals: arrivals.map((arrival) => ({ ...arrival, score: NaN })) };
    expect(chooseNext(none, 12, true)).toEqual([]);
  });

  it('chooses as if a configuration that failed, and came to the rung once it was retried, had come there at first', () => {
    const score = (c: number, rung: number): number => ((c * 7) % 13) / 13 + 1 / (rung + 1);
    const came = (c: number, rung: number): Arrival => ({
      ...{ configuration: c, rung, update: 2 ** rung, score: score(c, rung) },
    });
    const first = Array.from({ length: 14 }, (_, c) => came(c, 0));
    const second = [0, 2, 4, 6, 8].map((c) => came(c, 1));
    const stopped = Array.from({ length: 14 }, (_, c) => c).filter((c) => c % 2 === 1 || c > 8);
    const chosen = (arrivals: readonly Arrival[]): unknown =>
      chooseNext({ arrivals, stopped, configurations: 14, seed: 5 }, 3);
    // As many arrivals, since their number draws: one configuration comes a second time with the same score.
    const failed = { ...came(4, 1), score: NaN };
    const again = came(4, 1);
    expect(chosen([...first, failed, ...second.filter(({ configuration }) => configuration !== 4), again])).toEqual(
      chosen([...first, again, ...second.filter(({ configuration }) => configuration !== 4), again]),
    );
  });

  it('chooses each at most once, only of those that are stopped, whatever the scores', () => {
    const scores = fc.double({ min: -1e300, max: 1e300, noDefaultInfinity: true });
    const anything = fc.array(fc.tuple(fc.integer({ min: 0, max: 15 }), scores), { maxLength: 80 });
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 8 }), fc.boolean(), (entries, places, must) => {
        const rungOf = new Map<number, number>();
        const arrivals = entries.map(([configuration, score]): Arrival => {
          const rung = (rungOf.get(configuration) ?? -1) + 1;
          rungOf.set(configuration, rung);
          return { configuration, rung, update: 2 ** (rung + 1), score };
        });
        const stopped = stoppedBefore(4, arrivals);
        const log = { arrivals, stopped, configurations: 16, seed: 2 };
        const chosen = chooseNext(log, places, must).map(({ configuration }) => configuration);
        expect(new Set(chosen).size).toBe(chosen.length);
        expect(chosen.length).toBeLessThanOrEqual(places);
        expect(stopped).toEqual(expect.arrayContaining(chosen));
        expect(chooseNext(log, places, must).map(({ configuration }) => configuration)).toEqual(chosen);
      }),
    );
  });

  it('has rungs that double, at reports, each once', () => {
    const rungs = (reportEvery: number): number[] => {
      const found: number[] = [];
      for (let update = 0; found.length < 5; update = found.at(-1)!)
        found.push(nextRung(stopping, update, reportEvery).update);
      return found;
    };
    expect(rungs(1)).toEqual([3, 6, 12, 24, 48]);
    expect(rungs(5)).toEqual([5, 10, 15, 25, 50]);
    expect(rungs(100)).toEqual([100, 200, 400, 800, 1600]);
    for (const [index, update] of [3, 6, 12, 24].entries()) expect(nextRung(stopping, update - 1, 1).rung).toBe(index);
    expect(lastRung(stopping, 24, 1)).toBe(3);
    expect(lastRung(stopping, 25, 1)).toBe(4);
  });
});
