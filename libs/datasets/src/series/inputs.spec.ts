import { trialSpec, type DataReading } from '@unroll/contracts';
import { encode } from '../encode';
import { prepare } from '../prepare';
import { readVectors, type ExampleData } from '../prepared/data';
import { toReading } from '../reading';
import { toSource } from '../reading.fixture';
import { recursive } from '../recursive';
import { score } from '../score';
import { forecastPlace } from './forecast-place';

const day = (row: number): string => new Date(Date.UTC(2024, 0, 1 + row)).toISOString().slice(0, 10);

/** 40 days: sales are 100 + the row, price is the row, and the weather has a cycle of three. */
const rows = (from: number, to: number, open = to): string =>
  Array.from({ length: to - from }, (_, at) => {
    const row = from + at;
    return `${day(row)},${row},${100 - row},${['rain', 'snow', 'sun'][row % 3]},${row >= open ? '' : 100 + row}`;
  }).join('\n');
const file = (from: number, to: number, open?: number) =>
  toSource('series', `date,price,noise,weather,sales\n${rows(from, to, open)}\n`);

const trial = (options: object, dataset: object = {}) => {
  const { task, dataset: data } = trialSpec.parse({
    dataset: { name: 'a', split: { validation: 8 }, ...dataset },
    task: { kind: 'forecasting', lookback: 3, horizon: 2, normalise: 'none', ...options },
    model: { cell: 'lstm', hiddenSize: 2 },
    training: {},
  });
  return { task, dataset: data };
};
const prepared = (options: object) => prepare(file(0, 40), trial(options)).data as ExampleData;
/** The numbers of the last row that the first validation window reads, which forecasts rows 32 and 33. */
const lastRow = ({ validation, train }: ExampleData): number[] => {
  const { inputs } = validation;
  if (inputs.kind !== 'vectors' || train.inputs.kind !== 'vectors') throw new Error('series are vectors');
  return [...readVectors(inputs, 0, 2)];
};

describe('the inputs of a forecast', () => {
  it.each([
    ['all numeric columns', {}, [31, 69, 131]],
    ['only the target', { inputs: [] }, [131]],
    ['the columns that are named, and the target', { inputs: ['price'] }, [31, 131]],
    ['what is known, at the row that lies the horizon ahead', { inputs: [], known: ['price'] }, [131, 33]],
    ['a category as a one among zeros', { inputs: [], categories: ['weather'] }, [131, 0, 1, 0]],
    [
      'a category whose future is known, now and ahead',
      { inputs: [], categories: ['weather'], known: ['weather'] },
      [131, 0, 1, 0, 1, 0, 0],
    ],
  ])('are %s', (_, options, expected) => {
    expect(lastRow(prepared(options))).toEqual(expected);
  });

  it('include the calendar of the row that lies the horizon ahead, by the usual step', () => {
    const data = prepared({ inputs: [], calendar: 'auto' });
    expect(data.calendar).toEqual(['weekday', 'day', 'yearday']);
    // Row 33 is 3 February, a Saturday.
    const phases = [6 / 7, 2 / 31, 33 / 366].flatMap((part) => [2 * Math.PI * part]);
    const expected = [131, ...phases.flatMap((angle) => [Math.sin(angle), Math.cos(angle)])];
    lastRow(data).forEach((value, at) => expect(value).toBeCloseTo(expected[at]!, 5));
  });

  it.each([
    [{ known: ['prise'] }, 'task.known: there is no numeric column "prise"; did you mean price?'],
    [{ inputs: ['weather'] }, 'task.inputs: there is no numeric column "weather"'],
    [{ categories: ['wether'] }, 'task.categories: there is no column "wether"; did you mean weather?'],
    [
      { categories: ['noise'] },
      'task.categories: noise has 300 different values, and must have 2 to 200; leave it out',
    ],
  ])('are refused: %j', (options, message) => {
    expect(() => prepare(file(0, 300), trial(options))).toThrow(message);
  });

  it('need dates for a calendar', () => {
    const plain = toSource(
      'series',
      `row,x\n${Array.from({ length: 40 }, (_, row) => `${row},${row % 5}`).join('\n')}`,
    );
    expect(() => prepare(plain, trial({ calendar: ['hour'] }))).toThrow('task.calendar: the rows have no dates');
  });
});

describe('a forecast with known inputs', () => {
  const options = { inputs: [], known: ['price'], target: 'sales' };
  const { task, dataset } = trial(options);
  const reading: DataReading = toReading(prepared(options));

  it('begins after the last value of the target, and reads what is known of the rows after it', () => {
    const { places, ...encoded } = encode(file(20, 32, 30), { task, dataset, reading });
    const data = encoded.data as ExampleData;
    expect(places).toEqual(['after row 10']);
    expect(lastRow(data)).toEqual([129, 31]);
    const place = forecastPlace(data.validation.units![0]!, 0, { horizon: 2, past: 1 });
    expect(place).toEqual({
      ...{ series: '', times: [day(30), day(31)], truth: [null, null] },
      past: { times: [day(29)], values: [129] },
    });
  });

  it('is refused where the future rows are missing', () => {
    expect(() => encode(file(20, 31, 30), { task, dataset, reading })).toThrow(
      'the series ends 1 rows after its last value to forecast from; add rows with price for all 2 rows of the forecast',
    );
  });
});

/** A file of 40 rows, each as cells. */
const fileOf = (header: string, cells: (row: number) => readonly (string | number)[], count = 40) =>
  toSource('series', `${header}\n${Array.from({ length: count }, (_, row) => cells(row).join(',')).join('\n')}\n`);
const readerOf = (options: object, dataset: object, source: ReturnType<typeof fileOf>) => {
  const own = trial(options, dataset);
  if (own.task.kind !== 'forecasting') throw new Error('trials here forecast');
  return { ...own, task: own.task, reading: toReading(prepare(source, own).data) };
};

describe('values that are missing', () => {
  it('at the beginning of a known column are never read', () => {
    const source = fileOf('day,price,sales', (row) => [day(row), row < 9 ? '' : row, 100 + row]);
    const data = prepare(source, trial({ inputs: [], known: ['price'] }, { missing: 'previous' })).data as ExampleData;
    const { inputs, units } = data.train;
    // Row 7 is the first that shows a price, that of row 9.
    expect([...units![0]!.starts.subarray(0, 2)]).toEqual([10, 11]);
    expect((inputs as { values: Float32Array }).values.subarray(7 * 2).some(Number.isNaN)).toBe(false);
  });

  it.each(['error', 'drop'])('of a column that is not read do not matter, with missing: %s', (missing) => {
    const source = fileOf('day,noise,sales', (row) => [day(row), row % 2 ? '' : row, 100 + row]);
    const own = trial({ inputs: [], target: 'sales' }, { missing });
    expect((prepare(source, own).data as ExampleData).train.count).toBe(28);
    expect(() => prepare(source, trial({ target: 'sales' }, { missing: 'error' }))).toThrow('noise has no value');
  });
});

describe('the calendar of rows ahead', () => {
  const reader = readerOf({ calendar: ['weekday'] }, {}, file(0, 40));

  it('is refused for rows without dates, rather than left out', () => {
    const undated = fileOf('price,noise,sales', (row) => [row * row, 100 - row, 100 + (row % 7)]);
    const refusal = 'the model reads the calendar (weekday), but the rows have no dates here';
    expect(() => encode(undated, reader)).toThrow(refusal);
    expect(() => score(undated, reader)).toThrow(refusal);
  });

  it('is refused where only the rows themselves say when they are', () => {
    const irregular = fileOf('day,price,noise,sales', (row) => [day(row * (row + 1)), row, 100 - row, 100 + row]);
    const refusal = 'task.calendar: the times have no usual step';
    expect(() => prepare(irregular, trial({ calendar: ['weekday'] }))).toThrow(refusal);
    expect(() => encode(irregular, reader)).toThrow(refusal);
    expect(() => prepare(irregular, trial({ calendar: ['weekday'], known: ['price'] }))).not.toThrow();
  });
});

describe('forecasts from forecasts', () => {
  const options = { inputs: [], target: 'sales', known: ['price'], categories: ['weather'] };
  const reader = readerOf(options, {}, file(0, 40));
  /** The weather of the last rows is not known. */
  const open = (kind: (row: number) => string, rows = 14) =>
    fileOf(
      'date,price,noise,weather,sales',
      (row) => [day(row), row, '', row < 10 ? kind(row) : '', row < 10 ? 100 + row : ''],
      rows,
    );

  it('need no category of a row that is not read', () => {
    const changing = open((row) => (row % 2 ? 'rain' : 'sun'));
    expect(encode(changing, reader).places).toEqual(['after row 10']);
    expect(lastRow(recursive(changing, reader, 2).first())).toEqual([109, 11, 1, 0, 0]);
  });

  it('are refused where they would need a category that changes', () => {
    const changing = open((row) => (row % 2 ? 'rain' : 'sun'));
    expect(() => recursive(changing, reader, 3)).toThrow('--horizon: the model reads weather');
    const next = recursive(
      open(() => 'snow'),
      reader,
      4,
    );
    next.first();
    expect(lastRow(next.after([[[110, 111]]]))).toEqual([111, 13, 0, 1, 0]);
  });

  it('of no more rows than in training may read any column', () => {
    const all = readerOf({}, {}, file(0, 40));
    expect(() => recursive(file(0, 20), all, 1).first()).not.toThrow();
    expect(() => recursive(file(0, 20), all, 3)).toThrow('--horizon: the model reads price');
  });

  it('count on where times have no usual step', () => {
    const irregular = fileOf('day,sales', (row) => [day(row * (row + 1)), 100 + row], 20);
    const next = recursive(irregular, readerOf({}, {}, irregular), 4);
    const timesOf = ({ validation }: ExampleData) =>
      forecastPlace(validation.units![0]!, 0, { horizon: 2, past: 1 }).times;
    expect(timesOf(next.first())).toEqual(['+1', '+2']);
    expect(timesOf(next.after([[[1, 2]]]))).toEqual(['+3', '+4']);
  });
});

describe('forecasts to be scored', () => {
  const options = { inputs: [], target: 'sales', season: 1 };
  const { task, dataset } = trial(options);
  const reader = { task, dataset, reading: toReading(prepared(options)) };

  it('are those of the last rows, or from every so many rows', () => {
    const starts = (stride?: number) => [
      ...(score(file(0, 20), reader, stride).data as ExampleData).validation.units![0]!.starts,
    ];
    expect(starts()).toEqual([18]);
    expect(starts(5)).toEqual([3, 8, 13, 18]);
  });

  it('have the errors of simple methods beside them', () => {
    const { baselines } = score(file(0, 20), reader);
    expect(baselines.find(({ name }) => name === 'drift')!.metrics['validation.mae']).toBeCloseTo(0, 9);
    expect(baselines.find(({ name }) => name === 'persistence')!.metrics['validation.mae']).toBeCloseTo(1.5, 9);
  });

  it('need as many rows as they read and forecast', () => {
    expect(() => score(file(0, 4), reader)).toThrow('the series has 4 rows, too few for a forecast of 2 known rows');
  });
});
