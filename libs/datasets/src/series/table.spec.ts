import type { SeriesOptions, SeriesTable } from './series-table';
import { readSeries } from './table';

const read = (content: string, options: Partial<SeriesOptions> = {}): SeriesTable =>
  readSeries(Buffer.from(content), { missing: 'error', ...options });
const values = (content: string, options?: Partial<SeriesOptions>): Record<string, number[]> => {
  const { names, columns } = read(content, options);
  return Object.fromEntries(names.map((name, index) => [name, [...columns[index]!]]));
};
const days = (table: SeriesTable): string[] =>
  Array.from(table.clock!.times, (time) => new Date(time).toISOString().slice(0, 10));

/** Newest first, in one writing of dates: three days of which one has a number above 12. */
const newestFirst = (dates: readonly [string, string, string]): string =>
  `Date,Price\n${dates.map((date, row) => `${date},${3 - row}`).join('\n')}\n`;

describe('a series, newest first', () => {
  it.each([
    [['7/18/2020', '7/17/2020', '7/16/2020']],
    [['18.07.2020', '17.07.2020', '16.07.2020']],
    [['2020/07/18', '2020/07/17', '2020/07/16']],
    [['"Jul 18, 2020"', '"Jul 17, 2020"', '"Jul 16, 2020"']],
    [['18-Jul-20', '17-Jul-20', '16-Jul-20']],
    [['20200718', '20200717', '20200716']],
    [['1595030400', '1594944000', '1594857600']],
    [['2020-07-18T00:00:00Z', '2020-07-17T00:00:00Z', '2020-07-16T00:00:00Z']],
    [['2020-07-18', '2020-07-17', '2020-07-16']],
    [['07/18/2020 12:00 AM', '07/17/2020 12:00 AM', '07/16/2020 12:00 AM']],
  ] as const)('%j is in order of time', (dates) => {
    const table = read(newestFirst(dates));
    expect([...table.columns[0]!]).toEqual([1, 2, 3]);
    expect(table.names).toEqual(['Price']);
    expect(days(table)).toEqual(['2020-07-16', '2020-07-17', '2020-07-18']);
    expect(table.facts[0]).toMatch(/^read 3 rows: time Date \(.+\), newest first, step 1 day; numbers Price$/);
  });

  it('with dates that may be read in two ways is asked for, and read as told', () => {
    const content = newestFirst(['5/4/2020', '4/4/2020', '3/4/2020']);
    expect(() => read(content)).toThrow(
      'Date has dates such as 5/4/2020, which may be d/M/yyyy or M/d/yyyy: ' +
        'set dataset.time: {column: Date, format: d/M/yyyy} or {column: Date, format: M/d/yyyy}',
    );
    expect(days(read(content, { time: { column: 'Date', format: 'd/M/yyyy' } }))).toEqual([
      '2020-04-03',
      '2020-04-04',
      '2020-04-05',
    ]);
    expect(days(read(content, { time: { column: 'Date', format: 'M/d/yyyy' } }))).toEqual([
      '2020-03-04',
      '2020-04-04',
      '2020-05-04',
    ]);
  });

  it('or in no order is sorted', () => {
    const table = read('date,x\n2020-01-03,3\n2020-01-01,1\n2020-01-02,2\n');
    expect([...table.columns[0]!]).toEqual([1, 2, 3]);
    expect(table.facts[0]).toContain('sorted');
  });
});

describe('the times of a series', () => {
  it('may be in several columns', () => {
    const parts = read('No,year,month,day,hour,pm2.5\n1,2010,1,1,22,5\n2,2010,1,1,23,6\n3,2010,1,2,0,7\n');
    expect(parts.names).toEqual(['pm2.5']);
    expect(parts.clock?.step?.label).toBe('1 hour');
    const both = read('date,year,month,x\n2020-01-30,2020,1,1\n2020-01-31,2020,1,2\n2020-02-01,2020,2,3\n');
    expect(both.facts[0]).toContain('time date (yyyy-M-d), step 1 day; numbers year (constant), month, x');
    const apart = read('date,time,x\n2020-01-01,22:00,1\n2020-01-01,23:00,2\n2020-01-02,00:00,3\n');
    expect([apart.names, apart.clock?.step?.label]).toEqual([['x'], '1 hour']);
    expect(apart.facts[0]).toContain('time date (yyyy-M-d) and time');
  });

  it('may have their hours in a column of numbers, or with points', () => {
    const hours = read(
      `dteday,season,hr,cnt\n${Array.from({ length: 48 }, (_, hour) => `2020-01-0${1 + Math.floor(hour / 24)},1,${hour % 24},${hour}`).join('\n')}`,
    );
    expect([hours.names, hours.clock?.step?.label]).toEqual([['season', 'cnt'], '1 hour']);
    const points = read('Date;Time;CO\n10/03/2004;22.00.00;1,5\n10/03/2004;23.00.00;2,5\n13/03/2004;00.00.00;3,5\n');
    expect(days(points)).toEqual(['2004-03-10', '2004-03-10', '2004-03-13']);
  });

  it.each([
    ['year,Month', ['2019,Nov', '2019,Dec', '2020,Jan'], '1 month', '2019-11-01'],
    ['Jahr;Monat', ['2019;November', '2019;Dezember', '2020;Januar'], '1 month', '2019-11-01'],
    ['year,quarter', ['2019,Q3', '2019,Q4', '2020,Q1'], '3 months', '2019-07-01'],
    ['year,week', ['2019,51', '2019,52', '2020,1'], '1 week', '2019-12-16'],
    ['year,day', ['2019,364', '2019,365', '2020,1'], '1 day', '2019-12-30'],
    ['year,month,day,hour', ['2019,12,31,2200', '2019,12,31,2300', '2020,1,1,0'], '1 hour', '2019-12-31'],
    ['date,hour', ['2019-12-31,2200', '2019-12-31,2300', '2020-01-01,0000'], '1 hour', '2019-12-31'],
  ])('may be in %s', (names, rows, step, first) => {
    const mark = names.includes(';') ? ';' : ',';
    const table = read(`${names}${mark}x\n${rows.map((row, at) => `${row}${mark}${at}`).join('\n')}\n`);
    expect([table.names, table.clock?.step?.label, days(table)[0]]).toEqual([['x'], step, first]);
  });

  it('are not read from some cells with an offset and some without', () => {
    expect(() => read('time,x\n2020-01-01T00:00Z,1\n2020-01-01T01:00,2\n')).toThrow(
      'line 3: time is "2020-01-01T01:00", which is no time (yyyy-M-d with an offset from UTC) as in other rows',
    );
  });

  it('that are not recognised are warned of', () => {
    expect(read('timestamp,x\n1.6e9,1\n1.6e9,2\n').warnings[0]).toContain('timestamp has no times');
    expect(read('Month,Sales\n1-01,266\n1-02,145\n1-03,183\n').warnings).toEqual([
      'Month has no times that are recognised, such as "1-01", so rows are in the order of the file: if it has the times, set dataset.time: {column, format}',
    ]);
    expect(read('time,x\n2020-01-01 00:00 HKT,1\n2020-01-02 00:00 HKT,2\n').warnings).toHaveLength(1);
  });

  it('may be a column that counts, of any name that says so', () => {
    for (const name of ['t', 'step', 'index', 'hour', 'elapsed', 'Time (s)', '', 'Unnamed: 0']) {
      const table = read(`${name},x\n3,1\n2,2\n1,3\n`);
      expect([table.names, [...table.columns[0]!]]).toEqual([['x'], [3, 2, 1]]);
    }
  });

  it('are not read from an index beside dates, which is left out', () => {
    const table = read(',date,x\n0,2020-01-01,5\n1,2020-01-02,6\n2,2020-01-03,7\n');
    expect(table.names).toEqual(['x']);
    expect(table.facts[0]).toContain('left out column 1 (numbers the rows)');
  });

  it('may be absent: rows are then in the order of the file, which is said', () => {
    const table = read('x,y\n3,1\n1,2\n2,9\n');
    expect(table.clock).toBeUndefined();
    expect(table.facts[0]).toBe('read 3 rows: no times, so rows are in the order of the file; numbers x, y');
  });

  it.each([
    [{ column: 'when' }, 'dataset.time.column: there is no column "when"; the columns are date, x'],
    [{ column: 'Dat' }, 'dataset.time.column: there is no column "Dat"; did you mean date?'],
    [{ column: 'name' }, 'dataset.time.column: name has no times that are recognised, such as "a"'],
    [{ column: 'date', format: 'd.M.yyyy' }, 'line 2: date is "2020-01-01", which is no time (d.M.yyyy)'],
  ])('as %j are refused', (time, message) => {
    const content = time.column === 'name' ? 'name,x\na,1\nb,2\n' : 'date,x\n2020-01-01,1\n2020-01-02,2\n';
    expect(() => read(content, { time })).toThrow(message);
  });

  it('are refused with the line of one that is none', () => {
    const rows = Array.from({ length: 27 }, (_, day) => `2021-02-${String(day + 1).padStart(2, '0')},1`);
    expect(() => read(`date,x\n${rows.join('\n')}\n2021-02-30,1\n`)).toThrow(
      'line 29: date is "2021-02-30", which is no time (yyyy-M-d) as in other rows; correct it, or set dataset.time',
    );
    expect(() => read(`date,x\n${rows.join('\n')}\n,1\n`)).toThrow('line 29: date is ""');
  });
});

describe('the numbers of a series', () => {
  it.each([
    ['$101.29', 101.29],
    ['"1,002.75"', 1002.75],
    ['1%', 1],
    ['"101,29"', 101.29],
    ['(3)', -3],
    ["1'002.5", 1002.5],
  ])('may be written as %s', (cell, value) => {
    const content = `date,units,price\n2020-01-01,3,${cell}\n2020-01-02,4,${cell}\n`;
    expect(values(content)).toEqual({ units: [3, 4], price: [value, value] });
  });

  it.each([
    ['semicolons and decimal commas', 'date;value\n01.02.2020;1,5\n02.02.2020;2,25\n'],
    ['tabs and decimal commas', 'date\tvalue\n01.02.2020\t1,5\n02.02.2020\t2,25\n'],
    ['quotes around everything', '"date";"value"\n"01.02.2020";"1,5"\n"02.02.2020";"2,25"\n'],
  ])('may have %s, which is said', (_, content) => {
    expect(values(content)).toEqual({ value: [1.5, 2.25] });
    expect(read(content).facts[0]).toMatch(/columns separated by (semicolons|tabs); .*numbers value \(decimal comma\)/);
  });

  it('are told from what is left out, which is said with the reason', () => {
    const table = read('date,shop,x,empty,y\n2020-01-01,a,1,,5\n2020-01-02,b,2,,5\n');
    expect(table.facts[0]).toBe(
      'read 2 rows: time date (yyyy-M-d), step 1 day; numbers x, y (constant); left out shop (text, such as "a"), empty (empty)',
    );
  });

  it.each([
    ['only a header', 'date,x\n', 'the series has only a header: give one row per time step'],
    ['a word among numbers', 'x\n1\n?0.2\n3\n', 'line 3: x is "?0.2", but other rows have numbers; correct it'],
    ['no numbers', 'date,x\n2020-01-01,a\n2020-01-02,b\n', 'the series has no numeric column: x is text, such as "a"'],
    ['only times', 'date\n2020-01-01\n2020-01-02\n', 'the series has no numeric column: there are only times'],
    [
      'no header',
      '2020-01-01,5\n2020-01-02,6\n',
      'line 1: has values (2020-01-01, 5) where the names of the columns belong',
    ],
  ])('are refused with %s', (_, content, message) => {
    expect(() => read(content)).toThrow(message);
  });
});

describe('missing values of a series', () => {
  const content =
    'date,x\n2020-01-01,1\n2020-01-02,-9999\n2020-01-03,na\n2020-01-04,2\n2020-01-05,-9999\n2020-01-06,1.5\n2020-01-07,1.75\n';

  it('may be any value', () => {
    expect(values(content, { missing: { fill: 'previous', values: [-9999] } })).toEqual({
      x: [1, NaN, NaN, 2, NaN, 1.5, 1.75],
    });
    expect(values(content, { missing: { fill: 'drop', values: ['-9999.0'] } })).toEqual({ x: [1, 2, 1.5, 1.75] });
  });

  it.each([
    ['a decimal comma', ';', ['1,5', '-9999,0', '2,25', '-9999', '3,5']],
    ['thousands', ';', ['1.5', '"-9,999.00"', '2.25', '-9999', '3.5']],
    ['a unit', ',', ['1.5 °C', '-9999 °C', '2.25 °C', '-9999.0 °C', '3.5 °C']],
  ])('are numbers however they are written: with %s', (_, mark, cells) => {
    const file = `date${mark}x\n${cells.map((cell, day) => `2020-01-0${day + 1}${mark}${cell}`).join('\n')}\n`;
    expect(values(file, { missing: { fill: 'previous', values: [-9999] } })).toEqual({ x: [1.5, NaN, 2.25, NaN, 3.5] });
  });

  it('are suspected where a value repeats far outside', () => {
    const { warnings } = read(content, { missing: 'previous' });
    expect(warnings).toEqual([
      'x is -9999 in 2 rows, and 1 to 2 in all others: if that means missing, set dataset.missing: {values: [-9999], fill: previous}',
    ]);
    expect(() => read(content)).toThrow(
      'line 4: x has no value; fill it in, or set dataset.missing: drop, previous or interpolate (x is -9999',
    );
    expect(read('x\n1\n5\n9\n9\n9\n2\n3\n').warnings).toEqual([]);
    expect(read('x\n1\n-99\n-99\n-999\n-999\n2\n3\n').warnings[0]).toContain('{values: [-999, -99], fill: previous}');
    const scales = ['1,2,-9999,-9999,3', '50000,90000,70000,60000,80000'];
    const series = scales.flatMap((list, key) => list.split(',').map((value) => `${key},${value}`));
    expect(read(`key,x\n${series.join('\n')}\n`, { series: 'key' }).warnings).toEqual([
      'x is -9999 in 2 rows, and 1 to 3 in all others of its series: if that means missing, ' +
        'set dataset.missing: {values: [-9999], fill: previous}',
    ]);
  });
});

describe('several series in one file', () => {
  const rows = ['2020-01-01', '2020-01-02', '2020-01-03'].flatMap((date, day) =>
    ['b', 'a'].map((store, at) => `${date},${store},${10 * at + day}`),
  );
  const content = `date,store,sales\n${rows.join('\n')}\n`;

  it('are refused with the column that tells them apart', () => {
    expect(() => read(content)).toThrow(
      'line 2 and line 3 have the same date, 2020-01-01: set dataset.series to the column that names the series: store',
    );
    expect(() => read(content)).not.toThrow('sort');
  });

  it('are warned of where their times do not meet, or where there are none', () => {
    const days = ['2020-01-01', '2020-01-02', '2020-01-03'];
    const later = ['2019-03-01', '2019-03-02', '2019-03-03'];
    const blocks = [...days.map((date) => `${date},a,1`), ...later.map((date) => `${date},b,2`)].join('\n');
    const warning =
      'store has each of its 2 values in one block of rows: if it names several series, set dataset.series: store';
    expect(read(`date,store,x\n${blocks}\n`, { gaps: 'keep' }).warnings).toEqual([warning]);
    expect(read('store,x\n1,5\n1,6\n1,7\n2,8\n2,9\n2,5\n').warnings).toEqual([warning]);
    expect(read(`date,store,x\n${blocks}\n`, { series: 'store' }).warnings).toEqual([]);
    expect(read('date,phase,x\n2020-01-01,a,1\n2020-01-02,a,1\n2020-01-03,a,1\n2020-01-04,b,1\n').warnings).toEqual([]);
  });

  it('are not told apart by a part of the date', () => {
    const parts = ['2019', '2020'].flatMap((year) => ['early', 'late'].map((month) => `${year},${month},1`));
    expect(() => read(`year,month,x\n${parts.join('\n')}\n`)).toThrow(
      'have the same year, 2019: if the file holds several series, set dataset.series to the columns that name them',
    );
  });

  it.each([
    ['dates', 'store,2020-01-01,2020-01-02,2020-01-03\na,1,2,3\nb,4,5,6\n', undefined],
    ['years', 'country,2018,2019,2020\na,1,2,3\nb,4,5,6\n', undefined],
    [
      'months',
      `Year,${'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.replaceAll(' ', ',')}\n2019${',1'.repeat(12)}\n2020${',2'.repeat(12)}\n`,
      'the columns Jan to Dec are read as 12 series: write one row per time step',
    ],
    [
      'numbers',
      `id,${Array.from({ length: 12 }, (_, at) => `d_${at + 1}`).join(',')}\na${',1'.repeat(12)}\nb${',2'.repeat(12)}\n`,
      'the columns d_1, d_2, d_3, ... may be times of series in rows',
    ],
  ])('in rows, with columns of %s, are refused or warned of', (_, wide, warning) => {
    if (warning === undefined) expect(() => read(wide)).toThrow('the columns are named by times');
    else expect(read(wide).warnings[0]).toContain(warning);
  });

  it('are read each for itself', () => {
    const table = read(content, { series: 'store' });
    expect(table.spans).toEqual([
      { key: 'b', begin: 0, end: 3 },
      { key: 'a', begin: 3, end: 6 },
    ]);
    expect([...table.columns[0]!]).toEqual([0, 1, 2, 10, 11, 12]);
    expect(table.facts[0]).toBe('read 6 rows of 2 series (store): time date (yyyy-M-d), step 1 day; numbers sales');
  });

  it('may have a key of two columns', () => {
    const both = `date,store,item,sales\n${['2020-01-01', '2020-01-02'].flatMap((date) => ['1', '2'].flatMap((store) => ['1', '2'].map((item) => `${date},${store},${item},5`))).join('\n')}\n`;
    expect(() => read(both)).toThrow('set dataset.series to the column that names the series: [store, item]');
    expect(read(both, { series: ['store', 'item'] }).spans.map(({ key }) => key)).toEqual([
      '1 / 1',
      '1 / 2',
      '2 / 1',
      '2 / 2',
    ]);
    const without = (names: string): string => both.replaceAll(',1,1,', `,${names},`);
    expect(read(without('1,'), { series: ['store', 'item'] }).spans.map(({ key }) => key)).toEqual([
      '1 / ',
      '1 / 2',
      '2 / 1',
      '2 / 2',
    ]);
    expect(() => read(without(','), { series: ['store', 'item'] })).toThrow(
      'line 2: store and item are empty, but should name the series of the row: fill one in, or leave the row out',
    );
    expect(() => read(without(',1'), { series: 'store' })).toThrow(
      'line 2: store is empty, but should name the series',
    );
    // What stands between two names may stand in one.
    const slashed = ['a / b,c', 'a,b / c'].flatMap((names) =>
      [1, 2, 3].map((day) => `2020-01-0${day},${names},${day}`),
    );
    const { spans } = read(`date,store,item,x\n${slashed.join('\n')}\n`, { series: ['store', 'item'] });
    expect(spans).toEqual([
      { key: 'a / b / c', begin: 0, end: 3 },
      { key: 'a / b / c', begin: 3, end: 6 },
    ]);
  });

  it('may count their rows instead of dates', () => {
    const counting = `series,hour,value\n${['H1', 'H2'].flatMap((key) => [1, 2, 3].map((hour) => `${key},${hour},${hour * 10}`)).join('\n')}\n`;
    expect(() => read(counting)).toThrow(
      'hour starts again on line 5: set dataset.series to the column that names the series: series',
    );
    const table = read(counting, { series: 'series' });
    expect([table.names, table.spans.length]).toEqual([['value'], 2]);
  });

  it('are refused with one row each, and for a column that is not there', () => {
    expect(() => read('date,id,x\n2020-01-01,a,1\n2020-01-02,b,2\n2020-01-03,c,3\n', { series: 'id' })).toThrow(
      'dataset.series: each value of id has one row; name the column whose values repeat',
    );
    expect(() => read(content, { series: 'stor' })).toThrow(
      'dataset.series: there is no column "stor"; did you mean store?',
    );
  });
});

describe('a series read like the data that a network was trained on', () => {
  it('has the dates and the decimal mark of these, where its own may be either', () => {
    const trained = read('date,x\n18/7/2020,"1,5"\n19/7/2020,"2,25"\n');
    expect([trained.timeFormat, trained.decimal]).toEqual(['d/M/yyyy', ',']);
    const later = read('date,x\n3/4/2021,"1,234"\n4/4/2021,"5,678"\n', {
      timeFormat: trained.timeFormat,
      knownDecimal: trained.decimal,
    });
    expect([days(later), [...later.columns[0]!]]).toEqual([
      ['2021-04-03', '2021-04-04'],
      [1.234, 5.678],
    ]);
    expect(values('date,x\n18/7/2020,1.5\n19/7/2020,2\n', { knownDecimal: ',' })).toEqual({ x: [1.5, 2] });
  });

  it.each([
    ['ds,x\n1,5\n3,6\n7,8\n', ['ds', 'x']],
    ['x,date\n5,20200101\n6,20200102\n8,20200104\n', ['x', 'date']],
    ['year,month,x\n2020,1,5\n2020,2,6\n2020,4,8\n', ['year', 'month', 'x']],
  ])('takes no column for times that these had as numbers: %j', (content, trained) => {
    expect(read(content).clock).toBeDefined();
    const later = read(content, { trained });
    expect([later.names, later.clock]).toEqual([trained, undefined]);
  });
});

describe('a column that names the series', () => {
  const rows = (ids: readonly (string | number)[]): string[] =>
    ids.flatMap((id) => Array.from({ length: 30 }, (_, row) => `${id},${1_700_000_000 + 3600 * row},${row % 7}`));

  // Nanoseconds, seconds, days, dates.
  it.each([
    ['1152921504606846977', '1152921504606846978'],
    ['1650000001', '1650000002'],
    ['20240101', '20240102'],
    ['2024-01-01', '2024-01-02'],
  ])('is no time of its rows: %s', (...ids) => {
    const table = read(['id,epoch,x', ...rows(ids)].join('\n'), { series: 'id' });
    expect(table.spans.map(({ key }) => key)).toEqual(ids);
    expect(table.clock).toMatchObject({ step: { label: '1 hour' } });
    expect(table.names).toEqual(['x']);
  });
});

it('a column named for its times comes before the first of the file', () => {
  const rows = Array.from({ length: 30 }, (_, row) => `${1_650_000_000 + row * row},${1_700_000_000 + 3600 * row}`);
  const table = read(['views,epoch', ...rows].join('\n'));
  expect(table.clock).toMatchObject({ step: { label: '1 hour' } });
  expect(table.names).toEqual(['views']);
});

describe('whole numbers in a column ds, as Nixtla has them', () => {
  const table = (steps: readonly number[]): string =>
    ['unique_id,ds,y', ...['a', 'b'].flatMap((id) => steps.map((ds) => `${id},${ds},${10 * ds}`))].join('\n');

  it('are times', () => {
    const { clock, names } = read(table([1, 2, 3, 4]), { series: 'unique_id' });
    expect([names, clock]).toMatchObject([['y'], { kind: 'numbers', step: { size: 1 } }]);
    expect(() => read(table([1, 2, 3, 4]))).toThrow(
      'set dataset.series to the column that names the series: unique_id',
    );
  });

  it('are said not to be read where they are in no order', () => {
    const { warnings } = read(table([3, 1, 2, 4]), { series: 'unique_id' });
    expect(warnings.join()).toContain(
      'ds has no times that are recognised, such as "3", so rows are in the order of the file',
    );
  });
});

it('rows that are whole series, as GluonTS has them, are refused with what to write instead', () => {
  const lines = ['a', 'b'].map((item_id) => JSON.stringify({ start: '2024-01-01', target: [1.5, 2, null], item_id }));
  const message = 'target has a list in each row: write one row per time step: time,value, or time,series,value';
  expect(() => read(lines.join('\n'))).toThrow(message);
  expect(() => read(lines.join('\n'), { series: 'item_id' })).toThrow(message);
  const numbered = lines.map((line, at) => line.replace(/"[ab]"/, String(at)));
  expect(() => read(numbered.join('\n'), { series: 'item_id' })).toThrow(message);
  // Beside numbers of its own time, a list is only left out.
  const beside = [1, 2, 3].map((x) => JSON.stringify({ day: `2024-01-0${x}`, x, embedding: [x, x] }));
  expect(read(beside.join('\n')).names).toEqual(['x']);
  const late = [null, 2, 3].map((x, at) => JSON.stringify({ day: `2024-01-0${at + 1}`, x, embedding: [at, at] }));
  expect(read(late.join('\n'), { missing: 'drop' }).names).toEqual(['x']);
});
