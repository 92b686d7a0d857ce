import { sweepSpec, validate, type SweepSpec } from '@unroll/contracts';
import { getConstraints } from '../constraints';
import { structuralDimensions } from '../fusion/structure';
import { remembered } from './remembered';

const sweep = (seed: number): SweepSpec => {
  const model = { cell: { choice: ['lstm', 'gru'] }, layers: { int: [1, 3] } };
  return validate(sweepSpec, {
    ...{ dataset: 'a', task: 'language-model', model, search: { trials: 9, seed, constraints: ['layers < 3'] } },
  });
};

describe('what is remembered of a specification', () => {
  it('is made once for all of the same text, of which the last are kept', () => {
    let made = 0;
    const value = remembered(({ search: { seed } }) => ({ seed, made: (made += 1) }));
    const first = sweep(1);
    expect(value(first)).toEqual({ seed: 1, made: 1 });
    for (const same of [first, sweep(1), structuredClone(first)]) expect(value(same)).toBe(value(first));
    for (let seed = 2; seed < 40; seed += 1) expect([value(sweep(seed)).seed, value(sweep(1)).made]).toEqual([seed, 1]);
    expect(value(sweep(2)).made).toBe(made);
    expect(made).toBe(40);
  });

  it.each([
    ['constraints', getConstraints],
    ['structure', structuralDimensions],
  ])('are its %s', (_, of: (spec: SweepSpec) => object) => {
    expect(of(structuredClone(sweep(1)))).toBe(of(sweep(1)));
    expect(of(sweep(2))).not.toBe(of(sweep(1)));
  });
});
