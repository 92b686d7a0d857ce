import { pointAfter } from './curve-keys';

const curves = [
  [1, null, 3, undefined],
  [undefined, 5, 6, 7],
];

describe('a key on curves', () => {
  it('begins at the end of the first', () =>
    expect(pointAfter('ArrowDown', curves, null)).toEqual({ curve: 0, at: 2 }));

  it.each([
    ['ArrowDown', { curve: 0, at: 0 }, { curve: 1, at: 1 }],
    ['ArrowUp', { curve: 0, at: 2 }, { curve: 1, at: 2 }],
    ['ArrowDown', { curve: 1, at: 3 }, { curve: 0, at: 2 }],
    ['ArrowLeft', { curve: 0, at: 2 }, { curve: 0, at: 0 }],
    ['ArrowLeft', { curve: 0, at: 0 }, { curve: 0, at: 0 }],
    ['ArrowRight', { curve: 1, at: 1 }, { curve: 1, at: 2 }],
    ['ArrowRight', { curve: 7, at: 1 }, { curve: 0, at: 2 }],
  ])('%s leads from %j to %j', (key, from, to) => expect(pointAfter(key, curves, from)).toEqual(to));

  it('leads nowhere if it is another, or there are none', () => {
    expect(pointAfter('Tab', curves, null)).toBeUndefined();
    expect(pointAfter('ArrowUp', [], null)).toBeUndefined();
    expect(pointAfter('ArrowUp', [[null]], null)).toBeUndefined();
  });
});
