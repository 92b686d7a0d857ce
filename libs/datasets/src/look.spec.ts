import { buildTar } from './archive/tar.fixture';
import { encodeWav } from './audio/wav.fixture';
import { firstLook } from './look';
import { toSource } from './reading.fixture';

const days = Array.from({ length: 30 }, (_, day) => `2020-01-${String(day + 1).padStart(2, '0')}`);

describe('a first look', () => {
  it('says what a series is', () => {
    const look = firstLook(
      toSource('series', `date,x,note\n${days.map((date, row) => `${date},${row},a`).join('\n')}\n`),
    );
    expect(look).toEqual({
      facts: ['read 30 rows: time date (yyyy-M-d), step 1 day; numbers x; left out note (text, such as "a")'],
      warnings: [],
    });
  });

  it('says which option a series needs', () => {
    const gaps = firstLook(
      toSource('series', `date,x\n${days.map((date, row) => `${date},${row % 4 === 3 ? '' : row}`).join('\n')}\n`),
    );
    expect(gaps.facts[0]).toContain('read 30 rows');
    expect(gaps.warnings[0]).toContain('x has no value, like 6 other rows; fill it in, or set dataset.missing');
    const either = firstLook(toSource('series', 'date,x\n1/2/2020,1\n2/2/2020,2\n3/2/2020,3\n'));
    expect(either).toEqual({
      facts: [],
      warnings: [expect.stringContaining('set dataset.time: {column: date, format: d/M/yyyy}')],
    });
    const long = firstLook(
      toSource(
        'series',
        `date,store,x\n${days.flatMap((date) => ['a', 'b'].map((store) => `${date},${store},1`)).join('\n')}\n`,
      ),
    );
    expect(long.warnings[0]).toContain('set dataset.series to the column that names the series: store');
  });

  it.each([
    ['words', 'a,b\nx,y\nz,w\n', 'the series has no numeric column'],
    ['only a header', 'date,x\n', 'the series has only a header'],
    ['too few rows', 'date,x\n2020-01-01,1\n', 'the series has 1 rows, too few'],
    ['no table', '\u0000\u0001', 'the series has only a header'],
  ])('refuses a series of %s', (_, content, message) => {
    expect(() => firstLook(toSource('series', content))).toThrow(message);
  });

  it('says what labelled rows are, and for which tasks', () => {
    const rows = Array.from({ length: 100 }, (_, row) => `${row},word ${row},${row % 50 === 0 ? 'spam' : 'ham'}`);
    const look = firstLook(toSource('labelled', `id,review,sentiment\n${rows.join('\n')}\n`));
    expect(look.facts).toEqual([
      'read 100 rows: text review; label sentiment; left out id; 6 to 7 characters; 2 classes (ham 98, spam 2)',
      'fits classification',
    ]);
    expect(look.warnings[0]).toContain('the class spam has 2.0 % of the rows');
    const cases = Array.from({ length: 20 }, (_, row) => `word ${row},${row % 2 ? 'Ham' : 'ham'}`);
    expect(firstLook(toSource('labelled', `text,label\n${cases.join('\n')}\n`)).warnings).toEqual([
      '"ham" and "Ham" are two classes: if they are one, write it in one way',
    ]);
    const forms = Array.from({ length: 20 }, (_, row) => `word ${row},${row % 2 ? '\u00e9' : 'e\u0301'}`);
    expect(firstLook(toSource('labelled', `text,label\n${forms.join('\n')}\n`)).warnings[0]).toContain(
      'are two classes by their form in Unicode (NFC, NFD): if they are one',
    );
    const parts = Array.from(
      { length: 20 },
      (_, row) => `word ${row},${'abc'[row % 2 ? 2 : row % 4 ? 1 : 0]},${row % 2 ? 'test' : 'train'}`,
    );
    expect(firstLook(toSource('labelled', `text,label,part\n${parts.join('\n')}\n`)).warnings).toEqual([
      'no row to train on has the class c: a network cannot learn it',
    ]);
    const two = parts.map((line, row) => (row % 4 === 1 ? line.replace(',c,', ',d,') : line));
    expect(firstLook(toSource('labelled', `text,label,part\n${two.join('\n')}\n`)).warnings[0]).toMatch(
      /^no row to train on has the classes \S, \S: a network cannot learn them$/,
    );
    expect(firstLook(toSource('labelled', '(1 a)\n(1 b)\n(2 a)\n(2 b)')).facts.at(-1)).toBe('fits tree-classification');
  });

  it('refuses labelled rows that no task learns from, or says which option they need', () => {
    expect(() => firstLook(toSource('labelled', 'text,label\na,x\nb,x\n'))).toThrow('all rows have the label "x"');
    const unclear = firstLook(toSource('labelled', 'a,b,c,d\n1,x y,x y z,5\n2,y z,y y,6\n3,z z,z x,7\n'));
    expect(unclear.warnings[0]).toContain('set dataset.text and dataset.label to their names');
  });

  it('says what texts, pairs, frames and recordings are', () => {
    expect(firstLook(toSource('text', 'to be or not to be '.repeat(20))).facts).toEqual([
      'read 380 characters, 7 different',
    ]);
    expect(
      firstLook(toSource('pairs', Array.from({ length: 20 }, (_, row) => `a${row}\tb`).join('\n'))).facts[0],
    ).toContain('read 20 sequences');
    expect(
      firstLook(toSource('frames', JSON.stringify(Array.from({ length: 12 }, () => [[60], [61, 62]])))).facts[0],
    ).toContain('read 12 sequences');
    const recordings = ['a_1', 'a_2', 'b_1', 'b_2'].map((name) => ({
      name: `${name}.wav`,
      content: encodeWav(new Array<number>(2000).fill(0.1)),
    }));
    expect(firstLook(toSource('audio', buildTar(recordings))).facts).toEqual([
      expect.stringContaining('2 classes (a, b)'),
      'fits classification',
    ]);
  });
});
