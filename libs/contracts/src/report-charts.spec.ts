import { chartOf, reportParts } from './report-charts';
import { reportBody } from './reports';

describe('the charts of a report', () => {
  it('are lines that are an image of a page of the dashboard; all other lines are text', () => {
    const text =
      '# Found\n\n![Curves \\[all\\]](/sweeps/b3n8w2pd?tab=curves&scale=log)\nand ![inline](/sweeps/b3n8w2pd)\n\n' +
      '~~~\n![code](/sweeps/b3n8w2pd)\n```\n~~~\r\n![](/trials/t4h7d3ks)\n![far](https://example.org/a.png)';
    expect(reportParts(text)).toEqual([
      { kind: 'text', text: '# Found\n' },
      { kind: 'chart', line: 3, caption: 'Curves [all]', address: '/sweeps/b3n8w2pd?tab=curves&scale=log' },
      { kind: 'text', text: 'and ![inline](/sweeps/b3n8w2pd)\n\n~~~\n![code](/sweeps/b3n8w2pd)\n```\n~~~' },
      { kind: 'chart', line: 10, caption: '', address: '/trials/t4h7d3ks' },
      { kind: 'text', text: '![far](https://example.org/a.png)' },
    ]);
  });

  it('are named by the addresses of pages that have one', () => {
    const board = '/board?board=v1%3Aabc&metric=validation.loss&sort=seconds';
    expect(['/sweeps/b3n8w2pd', '/sweeps/b3n8w2pd?tab=search&x=1', '/trials/t4h7d3ks', board].map(chartOf)).toEqual([
      { of: { kind: 'sweep', target: 'b3n8w2pd', metric: null }, tab: 'leaderboard', search: '' },
      { of: { kind: 'sweep', target: 'b3n8w2pd', metric: null }, tab: 'search', search: 'tab=search&x=1' },
      { of: { kind: 'trial', target: 't4h7d3ks', metric: null }, tab: 'leaderboard', search: '' },
      {
        of: { kind: 'board', target: 'v1:abc', metric: 'validation.loss' },
        tab: 'leaderboard',
        search: board.split('?')[1],
      },
    ]);
    const none = [
      '/fleet',
      '/sweeps',
      '/sweeps/last',
      '/sweeps/b3n8w2pd?tab=specification',
      '/board',
      '/board?board=x',
    ];
    expect(none.map(chartOf)).toEqual(none.map(() => null));
  });

  it('are refused with their line', () => {
    const messages = (text: string): string[] =>
      reportBody.safeParse({ title: 'x', text }).error?.issues.map(({ message }) => message) ?? [];
    expect(messages('fine\n\n![a](/fleet)')).toEqual([
      'line 3: /fleet has no chart: give the address of a sweep, a trial or a leaderboard',
    ]);
    const charts = (count: number): string => '![a](/sweeps/b3n8w2pd)\n'.repeat(count);
    expect(messages(charts(20))).toEqual([]);
    expect(messages(charts(21))).toEqual(['has 21 charts, at most 20 are possible']);
  });
});
