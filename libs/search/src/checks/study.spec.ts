import { study, validate, type SweepSpec } from '@unroll/contracts';
import { firstTrials } from '../proposals/proposals';
import { checkSweep } from './sweep';

const given = (changes: object = {}): SweepSpec =>
  validate(study.studySpec, {
    name: 'mine',
    space: { x: { uniform: [0, 1] }, inner: { y: { int: [1, 9] } }, fixed: 3 },
    ...changes,
  });

describe('a study', () => {
  it('searches its own parameters, whatever their names, and keeps the others', () => {
    const [trial] = firstTrials(given({ search: { algorithm: 'random', seed: 1 } }), 1);
    expect(Object.keys(trial!.parameters)).toEqual(['x', 'inner.y']);
    const { x, 'inner.y': y } = trial!.parameters;
    expect(trial!.spec).toMatchObject({ parameters: { x, inner: { y }, fixed: 3 }, task: { kind: 'external' } });
  });

  it('has a hundred trials of an algorithm of our choice unless it says otherwise, and those of its grids', () => {
    expect(given().search).toMatchObject({ algorithm: 'auto', trials: 100 });
    expect(checkSweep(given({ search: 'tpe' }))).toMatchObject({ configurations: 100 });
    expect(checkSweep(given({ space: { a: { grid: [1, 2] }, b: { grid: [1, 2, 3] } } }))).toMatchObject({ trials: 6 });
  });

  it('judges first after a 25th of its steps unless it says otherwise', () => {
    expect(given({ steps: 100, stopping: 'median' }).stopping).toMatchObject({ rule: 'median', minUpdates: 4 });
    expect(given({ steps: 100, stopping: { rule: 'median', minUpdates: 9 } }).stopping.minUpdates).toBe(9);
    expect(given({ steps: 100, stopping: 'auto' }).stopping).toEqual({ rule: 'asha', minUpdates: 4 });
    expect(given({ steps: 3, stopping: 'auto' }).stopping).toEqual({ rule: 'none' });
  });

  it('meets its constraints, by the names of its parameters', () => {
    const spec = given({ search: { algorithm: 'random', trials: 30, constraints: ['x * y < 1', 'y < fixed'] } });
    expect(checkSweep(spec).trials).toBe(30);
    for (const { parameters } of firstTrials(spec, 30))
      expect([Number(parameters.x) * Number(parameters['inner.y']) < 1, Number(parameters['inner.y']) < 3]).toEqual([
        true,
        true,
      ]);
    expect(() => checkSweep(given({ search: { constraints: ['z < 1'] } }))).toThrow(
      'search.constraints[0]: unknown parameter z',
    );
  });
});
