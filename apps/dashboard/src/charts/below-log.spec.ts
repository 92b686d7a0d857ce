import type { Points } from '@unroll/contracts';
import { parseCondition } from '@unroll/contracts';
import { belowLog } from './below-log';
import { goodRange } from './good-range';
import { binned } from './interaction-option';
import { brushCondition, chartAxes, parallelOption } from './parallel-option';
import { sliceOption } from './scatter-option';

jest.mock('./palette', () => ({ chartInk: () => ({}), scaleColour: () => '' }));

/** Every third trial has 0, the others something from 1e-4 to 1e-2; the best are near 1e-3. */
const rates = Array.from({ length: 60 }, (_, index) => (index % 3 === 0 ? 0 : 10 ** (-4 + index / 30)));
const points: Points = {
  ...{ metric: 'validation.loss', goal: 'minimize', parameters: [{ path: 'training.l2', scale: 'log' }] },
  items: rates.map((rate, index) => ({
    ...{ trialId: String(index), configuration: index, seed: 0, state: 'completed', updates: 1, finishedAt: null },
    ...{ value: rate === 0 ? 3 : 1 + Math.abs(Math.log10(rate) + 3), at: [rate] },
  })),
};

describe('0 beside a logarithmic range', () => {
  it('has a place below the range, with its own label', () => {
    expect(belowLog(points, 0)).toEqual({ at: 1e-5, least: 0, text: '0' });
    expect(belowLog({ ...points, items: points.items.slice(1, 3) }, 0)).toBeNull();
    expect(belowLog({ ...points, parameters: [{ path: 'training.l2', scale: 'linear' }] }, 0)).toBeNull();
  });

  it('is a dot of the slice, and named in its tooltip', () => {
    const { series, xAxis, tooltip } = sliceOption(points, 0) as any;
    const dots = series[1].data as { value: [number, number] }[];
    expect(dots).toHaveLength(60);
    expect(dots.every(({ value: [x] }) => x > 0)).toBe(true);
    expect([1e-5, 1e-4].map(xAxis.axisLabel.formatter)).toEqual(['0', '1e−4']);
    expect(xAxis.min).toBe(1e-5);
    expect(tooltip.formatter({ data: dots[0] })).toContain('0: 3');
  });

  it('is a point of the line of a trial, and a brush around it selects it', () => {
    const { series } = parallelOption(points, 'light') as any;
    expect((series[0].data as { value: number[] }[]).every(({ value: [x] }) => x! > 0)).toBe(true);
    const [axis] = chartAxes(points) as [ReturnType<typeof chartAxes>[number]];
    expect(brushCondition(axis, [8e-6, 1.5e-5], [])).toBe('training.l2:0..0');
    expect(brushCondition(axis, [8e-6, 2e-3], [])).toBe('training.l2:0..0.002');
    expect(brushCondition(axis, [2e-4, 2e-3], [])).toBe('training.l2:0.0002..0.002');
    expect(() => parseCondition('training.l2:0..0')).not.toThrow();
  });

  it('does not make a range of good trials of one that is everywhere', () => {
    const [low, high] = goodRange(points, 0)!;
    expect(low).toBeGreaterThan(4e-4);
    expect(high).toBeLessThan(2e-3);
    const everywhere = points.items.map((item, index) => ({ ...item, value: (37 * index) % 60 }));
    expect(goodRange({ ...points, items: everywhere }, 0)).toBeNull();
  });

  it('is a bin of its own', () => {
    const { labels, place } = binned(points, 0);
    expect(labels).toHaveLength(7);
    expect(labels[0]).toBe('0');
    expect([0, Math.min(...rates.filter((rate) => rate > 0)), Math.max(...rates)].map(place)).toEqual([0, 1, 6]);
  });

  it.each([
    ['no value above 0', [], ['≤ 0']],
    ['a single one', [0.01, 0.01], ['≤ 0', '0.01']],
    ['two', [0.01, 0.1], ['≤ 0', '0.01', '0.1']],
  ])('is a bin of its own beside %s', (_, positive, expected) => {
    const found = [0, -1, -2, -3, -4, -5, -6, ...positive];
    const items = found.map((each, index) => ({ ...points.items[index]!, at: [each] }));
    const { labels, place } = binned({ ...points, items }, 0);
    expect(labels).toEqual(expected);
    expect(found.map(place)).toEqual(found.map((each) => (each > 0 ? expected.indexOf(String(each)) : 0)));
  });
});

describe('an axis of whole numbers', () => {
  const layers = (at: number | null): Points => ({
    ...points,
    parameters: [{ path: 'model.layers', scale: 'linear' }],
    items: points.items.map((item, index) => ({ ...item, at: [index === 0 ? at : 1 + (index % 3)] })),
  });
  const least = (given: Points): unknown[] => [
    (sliceOption(given, 0) as any).xAxis.minInterval,
    ...(parallelOption(given, 'light') as any).parallelAxis.map((axis: any) => axis.minInterval),
  ];

  it('has no ticks between them, and the axis of the value is none', () => {
    expect(least(layers(4))).toEqual([1, 1, undefined]);
    expect(least(layers(null))).toEqual([1, 1, undefined]);
    expect(least(layers(1.5))).toEqual([undefined, undefined, undefined]);
  });
});
