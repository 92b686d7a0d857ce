import { pacesOf } from './pace';

const worker = (id: string, stepsPerSecond: number | null, changes: object = {}) => ({
  ...{ id, engine: 'native', silent: false, stepsPerSecond, running: ['a', 'b'], others: 2, groups: 1 },
  ...{ signatures: ['one'], ...changes },
});

describe('the pace of a worker', () => {
  it('is its speed for each lane, as a fraction of the median of those that train the same', () => {
    const paces = pacesOf([worker('a', 400), worker('b', 100), worker('c', 440), worker('d', 500, { others: 3 })]);
    expect([...paces]).toEqual([
      ['a', 1],
      ['b', 0.25],
      ['c', 1.1],
      ['d', 1],
    ]);
  });

  it.each([
    ['on another engine', { engine: 'wasm' }],
    ['of other trials', { signatures: ['two'] }],
    ['of several kinds of trials', { signatures: ['one', 'two'] }],
    ['with far more lanes', { others: 20 }],
    ['that is silent', { silent: true }],
  ])('is not compared with that of one %s', (_, changes) => {
    expect([...pacesOf([worker('a', 400), worker('b', 100), worker('c', 400, changes)])]).toEqual([]);
  });

  it('is unknown while it trains nothing', () => {
    const paces = pacesOf([
      worker('a', 4),
      worker('b', 4),
      worker('c', 4),
      worker('idle', null, { running: [], others: 0 }),
    ]);
    expect(paces.has('idle')).toBe(false);
    expect(paces.get('a')).toBe(1);
  });
});
