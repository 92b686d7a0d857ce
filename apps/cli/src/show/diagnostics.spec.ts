import type { DiagnosticsView } from '@unroll/contracts';
import { stripVTControlCharacters } from 'node:util';
import { diagnosticsLines, heatLine, logarithms, memoryLine, saturationLine } from './diagnostics';

type Report = DiagnosticsView['reports'][number];

const report = (changes: Partial<Report> = {}): Report => ({
  update: 100,
  gradientNorms: { embedding: 0.25, output: null },
  memoryHorizon: 2,
  farthest: 4,
  saturation: 0.125,
  distances: [0, 1, 2, 4],
  gradient: [[1, 0.1, 0.02, 0.0001]],
  ...changes,
});
const shownLines = (view: Partial<DiagnosticsView>): string =>
  stripVTControlCharacters(
    diagnosticsLines({ trialId: 'aaaaaaaa', reports: [report()], snapshots: null, ...view }).join('\n'),
  );

describe('the memory horizon in one line', () => {
  it.each([
    [{}, '2 steps of 4'],
    [{ memoryHorizon: 1 }, '1 step of 4'],
    [{ memoryHorizon: 4 }, '4 steps or more: the measured range ends there'],
    [{ memoryHorizon: null }, '-'],
  ])('of %j is %s', (changes, line) => {
    expect(memoryLine(report(changes))).toBe(line);
  });

  it('gives the share of saturated gates, or says that the cell has none', () => {
    expect(saturationLine(report())).toBe('12.5 % of all gates below 0.1 or above 0.9');
    expect(saturationLine(report({ saturation: null }))).toBe('-, the cell has no gates');
  });
});

describe('a profile', () => {
  it('is interpolated evenly over uneven distances', () => {
    const drawn = logarithms([0, 1, 2, 4], [1, 0.1, 0.01, 0.0001], 5);
    [0, -1, -2, -3, -4].forEach((value, column) => expect(drawn[column]).toBeCloseTo(value, 9));
    expect(logarithms([0], [1], 3)).toEqual([0, 0, 0]);
    expect(logarithms([0, 1], [1, null], 2)).toEqual([0, -4]);
  });

  it('is darker where more of the gradient is left', () => {
    expect(heatLine([0.5, 0, -2, -3.9, -9])).toBe('██▒  ');
  });
});

describe('diagnostics as text', () => {
  it('has a chart, one line for each of at most 12 reports, and the norms of each group', () => {
    const reports = Array.from({ length: 40 }, (_, index) => report({ update: 10 * (index + 1) }));
    const shown = shownLines({ reports });
    expect(shown).toContain('memory horizon  2 steps of 4');
    expect(shown).toContain('over distances 0 to 4');
    expect(shown).toMatch(/0\.01 % /);
    expect(shown.match(/^ +\d+ {2}█/gm)).toHaveLength(12);
    expect(shown).toMatch(/gradient norm at update +10 .* 400$/m);
    expect(shown).toMatch(/embedding +0\.25/);
    expect(shown).toMatch(/output +-/);
  });

  it('omits distances for a network without state, and the chart for a single step', () => {
    expect(shownLines({ reports: [report({ gradient: [], distances: [], memoryHorizon: null })] })).not.toContain(
      'distance',
    );
    expect(shownLines({ reports: [report({ gradient: [[1]], distances: [0], farthest: 0 })] })).toContain(
      'a single step',
    );
  });

  it('shades words and characters by attention', () => {
    const states = [[0], [0]];
    const snapshots = {
      units: 1,
      sequences: [
        { from: 0, states, symbols: ['a', '\n'], attention: [0.8, 0.2] },
        { from: 0, states, symbols: ['one', 'two'], attention: [0.1, 0.9] },
        { from: 0, states, attention: [0.5, 0.5] },
      ],
    };
    expect(shownLines({ snapshots })).toContain('  a \n  █·\n  one two\n  ··· ███\n  ██');
    expect(shownLines({ snapshots: { units: 1, sequences: [{ from: 0, states }] } })).not.toContain('attention');
  });
});
