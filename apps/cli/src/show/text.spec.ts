import fc from 'fast-check';
import { forTerminal, number, parameters, seconds, trainingTime, writing } from './text';

describe('a printed number', () => {
  it.each<[Parameters<typeof number>[0], string]>([
    [null, '-'],
    [undefined, '-'],
    [0, '0'],
    [42, '42'],
    [1234567, '1234567'],
    [2.345678, '2.346'],
    [0.001, '0.001'],
    [0.00012345, '1.234e-4'],
    [-0.5, '-0.5'],
    [123456.7, '123457'],
    [12345678.9, '12345679'],
    [1234567890.5, '1.235e+9'],
    [NaN, 'NaN'],
    [Infinity, '∞'],
    ['-Infinity', '-∞'],
  ])('%s is %s', (value, text) => {
    expect(number(value)).toBe(text);
  });
});

describe('a printed duration', () => {
  it.each([
    [null, '-'],
    [0, '0.0 s'],
    [1.25, '1.3 s'],
    [59.94, '59.9 s'],
    [59.97, '1 min 0 s'],
    [60, '1 min 0 s'],
    [119.7, '2 min 0 s'],
    [3725, '62 min 5 s'],
  ])('of %s seconds is %s', (value, text) => {
    expect(seconds(value)).toBe(text);
  });

  it.each([
    [10, 2.5, '10.0 s, 25 % of it validation'],
    [10, null, '10.0 s'],
    [null, null, '-'],
    [0, 0, '0.0 s'],
  ])('of %s seconds with %s of validation is %s', (all, validation, text) => {
    expect(trainingTime(all, validation)).toBe(text);
  });

  it('never has 60 seconds', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e5, noNaN: true }), (value) =>
        expect(seconds(value)).not.toMatch(/\b60(\.0)? s/),
      ),
    );
  });
});

describe('parameters on one line', () => {
  it('are named by the last part of their paths', () => {
    expect(
      parameters({
        'model.cell': 'gru',
        'training.learningRate': 0.00312345,
        'training.clipNorm': null,
        'model.x': true,
      }),
    ).toBe('cell gru, learningRate 0.003123, clipNorm null, x true');
    expect(parameters({})).toBe('');
  });
});

describe('generated text', () => {
  it('is one line, truncated to the width', () => {
    expect(writing('  one\n\ttwo  three', 100)).toBe(' one two three');
    expect(writing('abcdef', 6)).toBe('abcdef');
    expect(writing('abcdefg', 6)).toBe('abcde…');
  });

  it('never splits a character', () => {
    expect(writing('😀😀😀', 2)).toBe('😀…');
  });

  it('keeps letters of any script and replaces control characters with dots', () => {
    expect(writing('é大😀', 10)).toBe('é大😀');
    expect(writing('a\x1b[31mb\x07\x9b\u202e\u200b\ud800', 20)).toBe('a·[31mb·····');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 2, max: 50 }), (sample, width) => {
        const shown = writing(sample, width);
        expect(shown).not.toMatch(/\p{Cc}|\p{Cf}|\p{Cs}/u);
        expect(Array.from(shown).length).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('text for a terminal', () => {
  it('keeps its lines, tabs and our colours, and nothing that a terminal obeys', () => {
    const hostile = 'a\x1b]0;title\x07b\x1b[2Jc\x1b[8md\x9b31me\rf';
    expect(forTerminal(hostile)).toBe('a·]0;title·b·[2Jc·[8md·31me·f');
    expect(forTerminal('\x1b[32mdone\x1b[39m\n\tnext 😀')).toBe('\x1b[32mdone\x1b[39m\n\tnext 😀');
  });
});
