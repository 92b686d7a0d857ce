import type { Front } from '@unroll/contracts';
import { frontPoints } from './front-option';

it('a front shows by the mark and in words which points are of trainings that did not end', () => {
  const row = (state: string): Front['items'][number] => ({
    ...{ front: 1, trialId: 'ab', values: { x: 2, y: 3 }, parameters: {}, repeats: 1, state, updates: 4, seconds: 1 },
  });
  const points = frontPoints({ items: ['completed', 'cancelled', 'running'].map(row) }, 'x', 'y');
  expect(points.map(({ value, symbol, title }) => [value, symbol, title])).toEqual([
    [[2, 3], 'circle', 'trial ab, front 1'],
    [[2, 3], 'emptyTriangle', 'trial ab, front 1, cancelled'],
    [[2, 3], 'emptyTriangle', 'trial ab, front 1, running'],
  ]);
});
