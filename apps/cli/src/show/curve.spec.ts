import { curveText } from './curve';

const of = (...values: (number | null)[]): string =>
  curveText({ name: 'value', updates: values.map((_, index) => index + 1), values });

describe('a plotted curve', () => {
  it('is a chart, also of values that are all the same', () => {
    expect(of(1, 2, 3).split('\n')).toHaveLength(15);
    expect(of(2, 2, 2)).toContain('2 ┼──');
  });

  it('says what there is where there is no chart', () => {
    expect(of(0.5)).toBe('only one report: 0.5');
    expect(of(null, 0.5)).toBe('only one report that was finite: 0.5');
    expect(of(null)).toBe('only one report, which was not finite');
    expect(of(null, null)).toBe('none of 2 reports was finite');
    expect(of(1e308, -1e308)).toBe('from -1e+308 to 1e+308: a range that cannot be plotted');
    expect(of(0, 5e-324)).toContain('a range that cannot be plotted');
  });
});
