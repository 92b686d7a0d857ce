import { curvesOptions } from './curves-options';

jest.mock('./palette', () => ({ chartInk: () => ({}) }));

it('the axis of updates has no ticks between two updates', () => {
  const { axes } = curvesOptions({ curves: [], logarithmic: false, range: null, width: 600, height: 300 });
  const steps = axes![0]!.incrs as number[];
  expect(steps.slice(0, 5)).toEqual([1, 2, 5, 10, 20]);
  expect(steps.every(Number.isInteger)).toBe(true);
});
