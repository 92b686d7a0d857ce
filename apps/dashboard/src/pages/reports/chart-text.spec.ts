import { reportParts } from '@unroll/contracts';
import { chartText, withLine } from './chart-text';

describe('a chart that is added to a report', () => {
  it('is a line of its own, whatever its caption and address contain', () => {
    const line = chartText('GRU [wide] \\ (2)', '/sweeps/b3n8w2pd?where=a(b)');
    expect(reportParts(withLine('before after', line, 7, 7))).toEqual([
      { kind: 'text', text: 'before\n' },
      { kind: 'chart', line: 3, caption: 'GRU [wide] \\ (2)', address: '/sweeps/b3n8w2pd?where=a%28b%29' },
      { kind: 'text', text: '\nafter' },
    ]);
  });

  it('stands alone in an empty report', () => expect(withLine('', 'x', 0, 0)).toBe('x\n\n'));
});
