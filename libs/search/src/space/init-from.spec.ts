import { sweepSpec, validate } from '@unroll/contracts';
import { initFromNames, withInitFrom } from './init-from';

const sweep = (training: object) => validate(sweepSpec, { dataset: 'a', task: 'language-model', training });

describe('the trials that a sweep initializes from', () => {
  const starts = {
    initFrom: { choice: [{ trial: 'abc' }, { trial: { grid: ['def', 'abc'] }, replaceHead: true }] },
    freeze: ['trial', 'initFrom'],
  };

  it('are found at any level of distributions', () => {
    expect(initFromNames(sweep(starts))).toEqual({ trials: ['abc', 'def'], files: [] });
    expect(initFromNames(sweep({ initFrom: { model: 'a.safetensors' } }))).toEqual({
      trials: [],
      files: ['model'],
    });
    expect(initFromNames(sweep({}))).toEqual({ trials: [], files: [] });
  });

  it('are renamed, and nothing else is', () => {
    const { training } = withInitFrom(sweep(starts), new Map([['abc', 'abcdefgh']]));
    expect(training).toMatchObject({
      initFrom: { choice: [{ trial: 'abcdefgh' }, { trial: { grid: ['def', 'abcdefgh'] }, replaceHead: true }] },
      freeze: ['trial', 'initFrom'],
    });
  });
});
