import { limits } from '@unroll/contracts';
import type { ImportedTrial } from './imported-study';
import { takenTrials } from './taken-trials';

const trial = (parameters: Record<string, unknown>, result: number): ImportedTrial => ({
  parameters,
  outcome: { value: result },
});
const taken = (space: Record<string, unknown>, trials: ImportedTrial[], goal = 'minimize') => {
  const { trials: found, notes } = takenTrials({ spec: { name: 's', space, goal }, trials, notes: [] });
  return { values: found.map(({ outcome }) => ('value' in outcome ? outcome.value : NaN)), notes };
};

describe('the trials that a study begins with', () => {
  const repeated = [
    trial({ a: 1, b: 2 }, 5),
    trial({ b: 2, a: 1 }, 3),
    trial({ a: 2, b: 2 }, 4),
    trial({ a: 1, b: 2 }, 9),
  ];

  it('are, in a finite space, the best of each configuration', () => {
    const finite = { a: { choice: [1, 2] }, b: { uniform: [0, 2], step: 1 } };
    const note = ['2 of 4 trials have the parameters of a better one, and are left out'];
    expect(taken(finite, repeated)).toEqual({ values: [3, 4], notes: note });
    expect(taken(finite, repeated, 'maximize')).toEqual({ values: [4, 9], notes: note });
  });

  it('are that also where a parameter has the name of a distribution', () => {
    const same = [trial({ normal: 1 }, 2), trial({ normal: 1 }, 1)];
    expect(taken({ normal: { choice: [1, 2] } }, same).values).toEqual([1]);
    expect(taken({ uniform: { choice: [1, { normal: [0, 1] }] }, step: 1 }, same).values).toEqual([2, 1]);
  });

  it('are all where a parameter is a real number', () => {
    expect(taken({ a: { choice: [1, 2] }, b: { uniform: [0, 2] } }, repeated)).toEqual({
      values: [5, 3, 4, 9],
      notes: [],
    });
    expect(taken({ n: { a: { logUniform: [1, 2] } } }, repeated).values).toHaveLength(4);
  });

  it('are the best where there are more than a study may begin with', () => {
    const many = Array.from({ length: limits.started + 2 }, (_, index) => trial({ a: index }, -index));
    const { values, notes } = taken({ a: { uniform: [0, 2e4] } }, many);
    expect([values.length, values[0]]).toEqual([limits.started, -2]);
    expect(notes).toEqual([expect.stringContaining(`the best ${limits.started} of ${limits.started + 2} trials`)]);
  });
});
