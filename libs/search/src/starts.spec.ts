import { sweepSpec, validate } from '@unroll/contracts';
import { startsOf, withStarts } from './starts';

const sweep = (training: object) => validate(sweepSpec, { dataset: 'a', task: 'language-model', training });

describe('the trials that a sweep begins with', () => {
  const starts = {
    start: { choice: [{ trial: 'abc' }, { trial: { grid: ['def', 'abc'] }, replaceHead: true }] },
    freeze: ['trial', 'start'],
  };

  it('are found wherever they stand among distributions', () => {
    expect(startsOf(sweep(starts))).toEqual({ trials: ['abc', 'def'], models: [] });
    expect(startsOf(sweep({ start: { model: 'a.safetensors' } }))).toEqual({ trials: [], models: ['a.safetensors'] });
    expect(startsOf(sweep({}))).toEqual({ trials: [], models: [] });
  });

  it('get other names, and nothing else does', () => {
    const { training } = withStarts(sweep(starts), new Map([['abc', 'abcdefgh']]));
    expect(training).toMatchObject({
      start: { choice: [{ trial: 'abcdefgh' }, { trial: { grid: ['def', 'abcdefgh'] }, replaceHead: true }] },
      freeze: ['trial', 'start'],
    });
  });
});
