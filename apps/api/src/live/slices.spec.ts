import { setImmediate as nextTurn } from 'node:timers/promises';
import { Slices } from './slices';

it('slices let some go on in each turn of the event loop, in their order, and others that come later after them', async () => {
  const slices = new Slices(3);
  const done: number[] = [];
  const ask = (number: number): void => void slices.take().then(() => done.push(number));
  for (let number = 0; number < 7; number += 1) ask(number);
  expect(done).toEqual([]);
  const sizes: number[] = [];
  while (done.length < 9) {
    await nextTurn();
    sizes.push(done.length);
    if (sizes.length === 1) for (const number of [7, 8]) ask(number);
  }
  expect(done).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(sizes).toEqual([3, 6, 9]);
});
