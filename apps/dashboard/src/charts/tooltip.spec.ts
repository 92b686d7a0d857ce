import type { Points } from '@unroll/contracts';
import { sliceOption } from './scatter-option';
import { tooltip } from './tooltip';

jest.mock('./palette', () => ({ chartInk: () => ({}) }));

const markup = '<b onmouseover="document.title=1">Temp</b>';

describe('a tooltip', () => {
  it('shows markup as text', () => {
    expect(tooltip(markup, 'a & b')).toBe(
      '&lt;b onmouseover=&quot;document.title=1&quot;&gt;Temp&lt;/b&gt;<br>a &amp; b',
    );
  });

  it('of a scatter plot shows the name of a column as text', () => {
    const points = {
      parameters: [{ path: 'task.target', scale: 'category', values: [markup] }],
      items: [],
    } as unknown as Points;
    const option = sliceOption(points, 0) as { tooltip: { formatter: (point: object) => string } };
    const shown = option.tooltip.formatter({ data: { trialId: 't', value: [markup, 1] } });
    expect(shown.replaceAll('<br>', '')).not.toMatch(/[<>"]/);
    expect(shown).toContain('&lt;b');
  });
});
