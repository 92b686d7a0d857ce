import { boardQuery, isShown, withColumn, readBoardState, sortBy, withCondition, writeBoardState } from './board-state';

const read = (text: string) => readBoardState(new URLSearchParams(text));

describe('the address of a leaderboard', () => {
  it('restores the state that it was written from', () => {
    const state = {
      sort: 'parameter:training.learningRate',
      order: 'desc',
      state: 'pruned',
      where: ['model.cell:lstm', 'value:..2.5'],
      cursor: 'abc',
      hidden: ['seconds', 'engine'],
      shown: ['metric:test.loss'],
    };
    expect(readBoardState(writeBoardState(new URLSearchParams('tab=parallel'), state))).toEqual(state);
  });

  it('omits defaults and keeps other parameters', () => {
    expect(writeBoardState(new URLSearchParams('tab=parallel'), {}).toString()).toBe('tab=parallel');
  });

  it('returns to the first page when a filter changes, but not when columns do', () => {
    const search = new URLSearchParams('cursor=abc');
    expect(writeBoardState(search, { where: ['model.cell:gru'] }).get('cursor')).toBeNull();
    expect(writeBoardState(search, { hidden: ['engine'] }).get('cursor')).toBe('abc');
  });
});

it('the API query follows the address', () => {
  expect(boardQuery(read('sort=seconds&where=a.b:1..2&where=c:d&hide=engine'))).toEqual({
    sort: 'seconds',
    where: ['a.b:1..2', 'c:d'],
    limit: 50,
  });
});

describe('sorting by a column', () => {
  it('sorts ascending first and reverses on the second click', () => {
    expect(sortBy(read(''), 'seconds')).toEqual({ sort: 'seconds', order: undefined });
    expect(sortBy(read('sort=seconds'), 'seconds')).toEqual({ sort: 'seconds', order: 'desc' });
    expect(sortBy(read('sort=seconds&order=desc'), 'seconds')).toEqual({ sort: 'seconds', order: undefined });
  });

  it('sorts by value from the best', () => {
    expect(sortBy(read('sort=seconds&order=desc'), 'value')).toEqual({ sort: 'value', order: undefined });
  });
});

describe('a condition', () => {
  it('replaces conditions on the same path only', () => {
    const where = ['training.learningRate:1..2', 'training.learningRateDecay:1', 'model.cell:gru'];
    expect(withCondition(where, 'training.learningRate', 'training.learningRate:3..')).toEqual([
      'training.learningRateDecay:1',
      'model.cell:gru',
      'training.learningRate:3..',
    ]);
    expect(withCondition(where, 'model.cell', undefined)).toHaveLength(2);
  });
});

describe('a column', () => {
  const none = { hidden: [], shown: [] };

  it.each([false, true])('is shown or hidden as chosen, optional or not (%p)', (optional) => {
    const column = { id: 'a', optional };
    expect(isShown(column, none)).toBe(!optional);
    for (const start of [none, { hidden: [], shown: ['all'] }, { hidden: ['a'], shown: ['all'] }])
      for (const show of [true, false]) expect(isShown(column, withColumn(column, start, show))).toBe(show);
  });
});
