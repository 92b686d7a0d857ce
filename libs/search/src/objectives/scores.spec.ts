import { orderScores, scoresOf, standardised } from './scores';

const outcome = (number: number, value: number, share: number) => ({
  number,
  point: Float64Array.of(0.5),
  values: [value],
  share,
});
/** The outcomes of a configuration: its values at 1/4, 1/2 and all of the training. */
const history = (number: number, ...values: number[]) =>
  values.map((value, level) => outcome(number, value, 2 ** (level - 2)));
const order = (scores: Float64Array): number[] => [...scores.keys()].sort((a, b) => scores[a]! - scores[b]!);

describe('outcomes of whole trainings', () => {
  it('are worse without a value than with one, also where all values are equal or there is only one', () => {
    for (const values of [
      [1, NaN, NaN],
      [NaN, -1e300, -1e300, Infinity],
    ]) {
      const scores = scoresOf(values.map((value, number) => [outcome(number, value, 1)]));
      const of = (isValued: boolean): number[] =>
        [...scores].filter((_, at) => Number.isFinite(values[at]) === isValued);
      expect(Math.max(...of(true))).toBeLessThan(Math.min(...of(false)));
    }
    for (const value of [7, NaN])
      expect(scoresOf([0, 1].map((number) => [outcome(number, value, 1)]))).toEqual(new Float64Array(2));
  });
});

describe('outcomes of trainings that end early', () => {
  const outcomes = [
    outcome(0, 9, 1 / 9),
    outcome(1, 0.1, 1 / 9),
    outcome(2, 4, 1),
    outcome(3, NaN, 1),
    outcome(4, 5, 1 / 3),
  ];

  it('enter a model by their order, whatever their values after few updates', () => {
    const scores = orderScores(outcomes.map((each) => [each]));
    expect(order(scores)).toEqual([2, 4, 1, 0, 3]);
    const larger = outcomes.map((each) => [{ ...each, values: [each.values[0]! * 1e200] }]);
    expect(orderScores(larger)).toEqual(scores);
    expect(orderScores([[outcome(0, 1, 1)]])).toEqual(Float64Array.of(0));
  });

  /** Forty configurations, the even ones of which went on; `later` is the value of each at the next level. */
  const began = (later: (number: number) => number) =>
    Array.from({ length: 40 }, (_, number) =>
      number % 2 === 0 ? history(number, number, later(number)) : history(number, number),
    );

  it('compare a configuration that has just begun with those that went on by how these began, where that order held', () => {
    const scores = orderScores([...began((number) => number / 2), history(40, -1)]);
    expect(order(scores).indexOf(40)).toBeLessThan(3);
  });

  it('expect little of a good beginning where the order of those that went on did not hold', () => {
    const scores = orderScores([...began((number) => -number), history(40, -1)]);
    expect(order(scores).indexOf(40)).toBeGreaterThan(5);
  });

  it('rank those that went on by where they came to', () => {
    const scores = orderScores(began((number) => -number));
    const wentOn = order(scores).filter((number) => number % 2 === 0);
    expect(wentOn).toEqual(Array.from({ length: 20 }, (_, place) => 38 - 2 * place));
  });

  it('count a configuration that diverged later among the worst', () => {
    const scores = orderScores([history(0, 1, NaN), history(1, 2), history(2, 3)]);
    expect(order(scores)).toEqual([1, 2, 0]);
    expect(orderScores([history(0, NaN), history(1, NaN)])).toEqual(Float64Array.of(0, 0));
  });

  it('keep their values where every training is whole', () => {
    const values = [3, 1, 2, 50];
    expect(scoresOf(values.map((value, number) => [outcome(number, value, 1)]))).toEqual(standardised(values));
  });
});
