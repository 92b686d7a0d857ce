import { boardQueryOf, rangeCondition, readBoardState, sortBy, withCondition, writeBoardState } from './board-state';

const read = (text: string) => readBoardState(new URLSearchParams(text));

describe('the address of a leaderboard', () => {
  it('brings back the state that it was made from', () => {
    const state = {
      sort: 'parameter:training.learningRate',
      order: 'desc',
      state: 'pruned',
      where: ['model.cell:lstm', 'value:..2.5'],
      cursor: 'abc',
      hidden: ['seconds', 'engine'],
    };
    expect(readBoardState(writeBoardState(new URLSearchParams('tab=parallel'), state))).toEqual(state);
  });

  it('is short where nothing was chosen, and keeps what is not its own', () => {
    expect(writeBoardState(new URLSearchParams('tab=parallel'), {}).toString()).toBe('tab=parallel');
  });

  it('begins at the first page when the filter changes, and stays where columns do', () => {
    const search = new URLSearchParams('cursor=abc');
    expect(writeBoardState(search, { where: ['model.cell:gru'] }).get('cursor')).toBeNull();
    expect(writeBoardState(search, { hidden: ['engine'] }).get('cursor')).toBe('abc');
  });
});

it('the API is asked for what the address says', () => {
  expect(boardQueryOf(read('sort=seconds&where=a.b:1..2&where=c:d&hide=engine'))).toEqual({
    sort: 'seconds',
    where: ['a.b:1..2', 'c:d'],
    limit: 50,
  });
});

describe('sorting by a column', () => {
  it('begins with the smallest, and turns around when asked again', () => {
    expect(sortBy(read(''), 'seconds')).toEqual({ sort: 'seconds', order: undefined });
    expect(sortBy(read('sort=seconds'), 'seconds')).toEqual({ sort: 'seconds', order: 'desc' });
    expect(sortBy(read('sort=seconds&order=desc'), 'seconds')).toEqual({ sort: 'seconds', order: undefined });
  });

  it('by the value begins with the best', () => {
    expect(sortBy(read('sort=seconds&order=desc'), 'value')).toEqual({ sort: 'value', order: undefined });
  });
});

describe('a condition', () => {
  it('replaces those on the same path, and no others', () => {
    const where = ['training.learningRate:1..2', 'training.learningRateDecay:1', 'model.cell:gru'];
    expect(withCondition(where, 'training.learningRate', 'training.learningRate:3..')).toEqual([
      'training.learningRateDecay:1',
      'model.cell:gru',
      'training.learningRate:3..',
    ]);
    expect(withCondition(where, 'model.cell', undefined)).toHaveLength(2);
  });

  it('on a range may leave an end open', () => {
    expect(rangeCondition('value', null, 2.4999999)).toBe('value:..2.5');
    expect(rangeCondition('a', 0.00012345678, 1)).toBe('a:0.00012346..1');
    expect(rangeCondition('a', null, null)).toBeUndefined();
  });
});
