import { readerFor, recogniseDates } from './dates';
import { recogniseDigits } from './digit-times';

const iso = (wall: number): string => new Date(wall).toISOString().replace(':00.000Z', '').replace('T00:00', '');
const recognised = (cells: string[]): [string, string[]] => {
  const found = recogniseDates(cells);
  if (!found || 'ambiguous' in found) throw new Error(`not recognised: ${JSON.stringify(found)}`);
  return [found.format, cells.map((cell) => iso(found.read(cell).wall))];
};

describe('dates of a column', () => {
  it.each([
    [
      ['7/18/2020', '7/8/2020'],
      ['2020-07-18', '2020-07-08'],
    ],
    [
      ['18/07/2020', '08/07/2020'],
      ['2020-07-18', '2020-07-08'],
    ],
    [
      ['18.07.2020', '3.4.2020'],
      ['2020-07-18', '2020-04-03'],
    ],
    [
      ['3.4.2020', '4.4.2020'],
      ['2020-04-03', '2020-04-04'],
    ],
    [
      ['18. 7. 2020', '3. 4. 2020'],
      ['2020-07-18', '2020-04-03'],
    ],
    [
      ['2020/07/18', '2020/7/8'],
      ['2020-07-18', '2020-07-08'],
    ],
    [
      ['2020.07.18', '2020.07.08'],
      ['2020-07-18', '2020-07-08'],
    ],
    [
      ['2020-07-18', '2020-7-8'],
      ['2020-07-18', '2020-07-08'],
    ],
    [
      ['18-07-2020', '08-07-2020'],
      ['2020-07-18', '2020-07-08'],
    ],
    [
      ['7/18/20', '12/31/99'],
      ['2020-07-18', '1999-12-31'],
    ],
    [
      ['99-12-31', '00-01-01'],
      ['1999-12-31', '2000-01-01'],
    ],
    [
      ['Jul 18, 2020', 'Aug 8, 2020'],
      ['2020-07-18', '2020-08-08'],
    ],
    [
      ['July 18th, 2020', 'May 1st, 2020'],
      ['2020-07-18', '2020-05-01'],
    ],
    [
      ['18-Jul-20', '08-AUG-20'],
      ['2020-07-18', '2020-08-08'],
    ],
    [
      ['18 July 2020', '8 August 2020'],
      ['2020-07-18', '2020-08-08'],
    ],
    [
      ['18/Jul/2020', '08/Sep/2020'],
      ['2020-07-18', '2020-09-08'],
    ],
    [
      ['Sat, 18 Jul 2020', 'Sun, 19 Jul 2020'],
      ['2020-07-18', '2020-07-19'],
    ],
    [
      ['Saturday, July 18, 2020', 'Sunday, July 19, 2020'],
      ['2020-07-18', '2020-07-19'],
    ],
    [
      ['Sept 18, 2020', 'Oct 1, 2020'],
      ['2020-09-18', '2020-10-01'],
    ],
    [
      ['2020-Jul-18', '2020-Aug-08'],
      ['2020-07-18', '2020-08-08'],
    ],
    [
      ['Jul-20', 'Aug-20'],
      ['2020-07-01', '2020-08-01'],
    ],
    [
      ['Jul 2020', 'Aug 2020'],
      ['2020-07-01', '2020-08-01'],
    ],
    [
      ['2020-07', '2020-08'],
      ['2020-07-01', '2020-08-01'],
    ],
    [
      ['07/2020', '08/2020'],
      ['2020-07-01', '2020-08-01'],
    ],
    [
      ['2020M07', '2020M08'],
      ['2020-07-01', '2020-08-01'],
    ],
    [
      ['2020m7', '2020m10'],
      ['2020-07-01', '2020-10-01'],
    ],
    [
      ['2020-Mar-08', '2020-May-18'],
      ['2020-03-08', '2020-05-18'],
    ],
    [
      ["Jul '20", "Aug '20"],
      ['2020-07-01', '2020-08-01'],
    ],
    [
      ['18JUL2020', '08AUG2020'],
      ['2020-07-18', '2020-08-08'],
    ],
    [
      ['2020Q1', '2020Q3'],
      ['2020-01-01', '2020-07-01'],
    ],
    [
      ['2020-Q1', '2020-Q4'],
      ['2020-01-01', '2020-10-01'],
    ],
    [
      ['Q1 2020', 'q2 2020'],
      ['2020-01-01', '2020-04-01'],
    ],
    [
      ['1Q2020', '2Q2020'],
      ['2020-01-01', '2020-04-01'],
    ],
    [
      ['2020-W01', '2020-W29'],
      ['2019-12-30', '2020-07-13'],
    ],
    [
      ['2020W01', '2020W29'],
      ['2019-12-30', '2020-07-13'],
    ],
    [
      ['2020-W29-6', '2020-W29-7'],
      ['2020-07-18', '2020-07-19'],
    ],
    [
      ['2020-200', '2020-201'],
      ['2020-07-18', '2020-07-19'],
    ],
    [
      ['18. Juli 2020', '3. März 2021'],
      ['2020-07-18', '2021-03-03'],
    ],
    [
      ['18 juillet 2020', '3 août 2020'],
      ['2020-07-18', '2020-08-03'],
    ],
    [
      ['18 juil. 2020', '3 août 2020'],
      ['2020-07-18', '2020-08-03'],
    ],
    [
      ['2020年7月18日', '2020年8月3日'],
      ['2020-07-18', '2020-08-03'],
    ],
    [
      ['18 julio 2020', '3 agosto 2020'],
      ['2020-07-18', '2020-08-03'],
    ],
  ])('%j are read', (cells, dates) => {
    expect(recognised(cells)[1]).toEqual(dates);
  });

  it.each([
    [
      ['2020-07-18T00:00:00Z', '2020-07-18T06:30:00Z'],
      ['2020-07-18', '2020-07-18T06:30'],
    ],
    [
      ['2020-07-18 06:30:00', '2020-07-18 18:30'],
      ['2020-07-18T06:30', '2020-07-18T18:30'],
    ],
    [
      ['2020-07-18T06:30:00+02:00', '2020-07-18T06:30:00-0500'],
      ['2020-07-18T04:30', '2020-07-18T11:30'],
    ],
    [
      ['2020-07-18 06:30:00 UTC', '2020-07-18 06:31:00 UTC'],
      ['2020-07-18T06:30', '2020-07-18T06:31'],
    ],
    [
      ['7/18/2020 6:30 AM', '7/18/2020 12:00 PM'],
      ['2020-07-18T06:30', '2020-07-18T12:00'],
    ],
    [
      ['7/18/2020 12:00 AM', '7/18/2020 11:59pm'],
      ['2020-07-18', '2020-07-18T23:59'],
    ],
    [
      ['18.07.2020, 06:30', '18.07.2020, 24:00'],
      ['2020-07-18T06:30', '2020-07-19'],
    ],
    [
      ['Jul 18, 2020 6:30 p.m.', 'Jul 19, 2020 6 am'],
      ['2020-07-18T18:30', '2020-07-19T06:00'],
    ],
    [
      ['20200718T0630', '20200718T0700'],
      ['2020-07-18T06:30', '2020-07-18T07:00'],
    ],
    [
      ['2020-07-18T06', '2020-07-18T07'],
      ['2020-07-18T06:00', '2020-07-18T07:00'],
    ],
    [
      ['18/Jul/2020 06:30', '19/Jul/2020 06:30'],
      ['2020-07-18T06:30', '2020-07-19T06:30'],
    ],
    [
      ['18/Jul/2020:06:30:00 +0200', '19/Jul/2020:06:30:00 +0200'],
      ['2020-07-18T04:30', '2020-07-19T04:30'],
    ],
    [
      ['18JUL2020:06:30:00', '08AUG2020:06:30:00'],
      ['2020-07-18T06:30', '2020-08-08T06:30'],
    ],
    [
      ['2020:07:18 06:30:00', '2020:08:03 06:30:00'],
      ['2020-07-18T06:30', '2020-08-03T06:30'],
    ],
    [
      ['Sat Jul 18 06:30:00 UTC 2020', 'Sun Jul 19 06:30:00 UTC 2020'],
      ['2020-07-18T06:30', '2020-07-19T06:30'],
    ],
    [
      ['Sat Jul 18 2020 06:30:00 GMT+0200 (Central European Summer Time)', 'Sun Oct 25 2020 06:30:00 GMT+0100 (CET)'],
      ['2020-07-18T04:30', '2020-10-25T05:30'],
    ],
    [
      ['2020-10-25 02:30 CEST', '2020-10-25 02:30 CET', '2020-10-25 02:30 EST'],
      ['2020-10-25T00:30', '2020-10-25T01:30', '2020-10-25T07:30'],
    ],
  ])('%j are read with their time of day', (cells, dates) => {
    expect(recognised(cells)[1]).toEqual(dates);
  });

  it('keep fractions of a second', () => {
    const found = recogniseDates(['2020-07-18 06:30:00.250', '2020-07-18 06:30:00']);
    expect(found && 'read' in found && found.read('2020-07-18 06:30:00.250').wall % 1000).toBe(250);
  });

  it('that may be read in two ways give both', () => {
    expect(recogniseDates(['3/4/2020', '4/4/2020', '5/4/2020'])).toEqual({
      ambiguous: ['d/M/yyyy', 'M/d/yyyy'],
      example: '3/4/2020',
    });
    expect(recogniseDates(['3-4-20 10:00', '4-4-20 10:00'])).toMatchObject({ ambiguous: ['d-M-yy', 'M-d-yy'] });
    expect(recognised(['3/3/2020', '4/4/2020'])[1]).toEqual(['2020-03-03', '2020-04-04']);
  });

  describe('with two digits at both ends', () => {
    const days = (count: number, from = Date.UTC(2020, 6, 1)): string[] =>
      Array.from({ length: count }, (_, day) => new Date(from + day * 86_400_000).toISOString().slice(2, 10));
    const backwards = (date: string): string => date.split('-').toReversed().join('-');

    it('begin with the year or the day as it puts the rows in order', () => {
      for (const dates of [days(60), days(60).toReversed(), [...days(45), ...days(45)]]) {
        const wanted = dates.map((date) => `20${date}`);
        expect(recognised(dates)).toEqual(['yy-M-d', wanted]);
        expect(recognised(dates.map(backwards))).toEqual(['d-M-yy', wanted]);
        expect(recognised(dates.map((date) => `${date.replaceAll('-', '/')} 10:30`))[0]).toBe('yy/M/d');
      }
      const months = days(800).filter((date) => date.endsWith('-15'));
      expect(recognised(months.map(backwards))).toEqual(['d-M-yy', months.map((date) => `20${date}`)]);
    });

    it('keep their order though one of them is no date, which the reader tells', () => {
      const wrong = (dates: readonly string[], typo: string): string[] => dates.with(40, typo);
      for (const typo of ['31-04-20', '29-02-21', '30-02-20']) {
        const found = recogniseDates(wrong(days(60).map(backwards), typo));
        expect(found).toMatchObject({ format: 'd-M-yy' });
        expect(found && 'read' in found && found.read(typo).wall).toBeNaN();
      }
      expect(recogniseDates(wrong(days(60), '20-06-31'))).toMatchObject({ format: 'yy-M-d' });
      const month = days(28).map(backwards).with(27, '31-06-20');
      expect(recogniseDates(month)).toMatchObject({ ambiguous: ['yy-M-d', 'd-M-yy'] });
      for (const known of ['d-M-yy', 'yy-M-d']) expect(recogniseDates(month, known)).toMatchObject({ format: known });
    });

    it('are asked for where that says nothing, unless a person or other data say it', () => {
      const few = days(10, Date.UTC(2020, 6, 18));
      expect(recogniseDates(few)).toMatchObject({ ambiguous: ['d-M-yy', 'yy-M-d'] });
      expect(recogniseDates(few, 'yy-M-d')).toMatchObject({ format: 'yy-M-d' });
      expect(iso(readerFor('yy-M-d')(few[0]!).wall)).toBe('2020-07-18');
    });
  });

  it.each([
    [['abc', 'x']],
    [['1.2345', '9.8765']],
    [['12:30', '12:45']],
    [['a 1', 'a 2']],
    [['0.5', '1']],
    [['1-01', '1-02']],
    [['1800 12', '5']],
  ])('%j are none', (cells) => {
    expect(recogniseDates(cells)).toBeUndefined();
  });

  it('may have a few that are none, which the reader tells', () => {
    const found = recogniseDates([...Array.from({ length: 28 }, (_, day) => `${day + 1}.02.2021`), '30.02.2021']);
    expect(found && 'read' in found && Number.isNaN(found.read('30.02.2021').wall)).toBe(true);
  });
});

describe('times that are only digits', () => {
  const digits = (cells: string[], name: string, isFirst = false): string[] | undefined => {
    const found = recogniseDigits(cells, { name, isFirst });
    return found && [found.format, ...cells.map((cell) => iso(found.read(cell).wall))];
  };

  it.each([
    [['20200718', '20200719'], 'Date', ['yyyyMMdd', '2020-07-18', '2020-07-19']],
    [['202001', '202029'], 'week', ['iso', '2019-12-30', '2020-07-13']],
    [['202007', '202008'], 'month', ['yyyyMM', '2020-07-01', '2020-08-01']],
    [['1949', '1950'], 'Year', ['yyyy', '1949-01-01', '1950-01-01']],
    [['202007180630', '202007180700'], 'time', ['yyyyMMddHHmm', '2020-07-18T06:30', '2020-07-18T07:00']],
    [['44030', '44031.25'], 'Date', ['excel', '2020-07-18', '2020-07-19T06:00']],
    [['1595030400', '1595116800'], 'timestamp', ['seconds', '2020-07-18', '2020-07-19']],
    [['1595030400000', '1595116800000'], 'ts', ['milliseconds', '2020-07-18', '2020-07-19']],
    [['1595030400000000000', '1595116800000000000'], 'time', ['nanoseconds', '2020-07-18', '2020-07-19']],
  ])('%j in a column %s are read', (cells, name, expected) => {
    expect(digits(cells, name)).toEqual(expected);
  });

  it('are numbers in a column with another name, unless it is the first and they count', () => {
    expect(digits(['20200718', '20200719'], 'units')).toBeUndefined();
    expect(digits(['1949', '1950', '1951'], 'x', true)).toEqual(['yyyy', '1949-01-01', '1950-01-01', '1951-01-01']);
    expect(digits(['1949', '1990', '1951'], 'x', true)).toBeUndefined();
    expect(digits(['20201318', '20200719'], 'date')).toBeUndefined();
  });
});

describe('a format that a person gave', () => {
  it.each(['seconds', 'milliseconds', 'microseconds', 'nanoseconds', 'excel'])('%s reads only numbers', (format) => {
    const read = readerFor(format);
    for (const cell of ['', ' ', '0x10', 'Infinity', '1e999']) expect(read(cell).wall).toBeNaN();
    expect(read('45000.5').wall).not.toBeNaN();
  });

  it.each([
    ['d/M/yyyy', '3/4/2020', '2020-04-03'],
    ['d/M/yyyy', '3/4/2020 10:30', '2020-04-03T10:30'],
    ['M/d/yyyy', '3/4/2020', '2020-03-04'],
    ['yyyy-MM-dd HH.mm', '2020-07-18 06.30', '2020-07-18T06:30'],
    ['seconds', '1595030400', '2020-07-18'],
    ['iso', '2020-07-18T06:30:00+02:00', '2020-07-18T04:30'],
  ])('%s reads %s', (format, cell, date) => {
    expect(iso(readerFor(format)(cell).wall)).toBe(date);
  });
});
