import { datasetNames } from './dataset-names';

describe('the data sets of a sweep', () => {
  it('are all that it may use, without duplicates', () => {
    expect(datasetNames({ dataset: 'a' })).toEqual(['a']);
    expect(datasetNames({ dataset: { name: 'a', split: { validation: 0.1 } } })).toEqual(['a']);
    expect(datasetNames({ dataset: { name: { grid: ['a', 'b', 'a'] } } })).toEqual(['a', 'b']);
    expect(datasetNames({ dataset: { choice: ['a', { name: 'b' }, { name: { choice: ['c', 'd'] } }] } })).toEqual([
      'a',
      'b',
      'c',
      'd',
    ]);
  });
});
