import { builtIns } from '../built-in';
import { addingProblem } from './adding-problem';
import { airlinePassengers } from './airline-passengers';
import { copyMemory } from './copy-memory';
import { embeddedReber } from './embedded-reber';
import { mackeyGlass } from './mackey-glass';
import { parity } from './parity';
import { reversal } from './reversal';
import { sineMixture } from './sine-mixture';
import { temporalOrder } from './temporal-order';

interface Row {
  tokens: string[];
  tags: string[];
  values: number[];
  frames: [value: number, mark: number][];
  label: string;
  target: number;
}
const rows = (text: string): Row[] => text.split('\n').map((line) => JSON.parse(line) as Row);
const column = (text: string): number[] =>
  text
    .split('\n')
    .slice(1)
    .map((line) => Number(line.split(',')[1]));

/** Reber's grammar: where each letter leads from each place, B before and E after. */
const grammar: Record<string, number>[] = [
  { T: 1, P: 2 },
  { S: 1, X: 3 },
  { T: 2, V: 4 },
  { X: 2, S: 5 },
  { P: 3, V: 5 },
  {},
];
const isReber = (text: string): boolean =>
  /^B.*E$/.test(text) && Array.from(text.slice(1, -1)).reduce((at, letter) => grammar[at]?.[letter] ?? -1, 0) === 5;

describe('generated data sets', () => {
  it('are deterministic, and share a prefix across numbers of sequences', () => {
    for (const { text } of [addingProblem, copyMemory, temporalOrder, parity, embeddedReber, reversal]) {
      const few = text({ steps: 20, sequences: 5 });
      expect(text({ steps: 20, sequences: 5 })).toBe(few);
      expect(text({ steps: 20, sequences: 9 }).startsWith(few)).toBe(true);
    }
  });

  it('of the adding problem mark one number in each half, with their sum as target', () => {
    for (const { frames, target } of rows(addingProblem.text({ steps: 9, sequences: 200 }))) {
      const marked = frames.flatMap(([, mark], step) => (mark === 1 ? [step] : []));
      expect(frames).toHaveLength(9);
      expect([marked.length, marked[0]! < 4, marked[1]! >= 4]).toEqual([2, true, true]);
      expect(target).toBeCloseTo(frames[marked[0]!]![0] + frames[marked[1]!]![0], 9);
    }
  });

  it('of the adding problem have a mean squared error of 1/6 for the answer 1', () => {
    const all = rows(addingProblem.text({ steps: 10, sequences: 20_000 }));
    expect(all.reduce((sum, { target }) => sum + (target - 1) ** 2, 0) / all.length).toBeCloseTo(1 / 6, 2);
  });

  it('of the copy task repeat the first symbols at the end, after the marker', () => {
    for (const { tokens, tags } of rows(copyMemory.text({ steps: 30, sequences: 20 }))) {
      expect([tokens.length, tags.length, tokens.indexOf('9')]).toEqual([30, 30, 19]);
      expect(tags.slice(20)).toEqual(tokens.slice(0, 10));
      expect(tags.slice(0, 20).every((tag) => tag === '0')).toBe(true);
    }
  });

  it('of temporal order and parity have the class of their sequence', () => {
    for (const { tokens, label } of rows(temporalOrder.text({ steps: 60, sequences: 50 })))
      expect(tokens.filter((token) => /[XY]/.test(token)).join('')).toBe(label);
    for (const { values, label } of rows(parity.text({ steps: 12, sequences: 50 })))
      expect(label).toBe(values.filter((bit) => bit === 1).length % 2 ? 'odd' : 'even');
  });

  it('of the embedded Reber grammar are valid strings of the requested length', () => {
    for (const steps of [7, 10, 40])
      for (const { tokens, label } of rows(embeddedReber.text({ steps, sequences: 200 }))) {
        expect(tokens.slice(0, 2)).toEqual(['B', label]);
        expect(isReber(tokens.slice(2).join(''))).toBe(true);
        expect(tokens.length).toBeGreaterThanOrEqual(steps);
      }
  });

  it('of reversal are letters and their reverse', () => {
    for (const line of reversal.text({ steps: 8, sequences: 50 }).split('\n')) {
      const [source, target] = line.split('\t') as [string, string];
      expect(Array.from(target).reverse().join('')).toBe(source);
      expect([source.length >= 4, source.length <= 8]).toEqual([true, true]);
    }
  });

  it('of series have one row per step: bounded chaos, waves, and the passengers of 1949 to 1960', () => {
    const chaos = column(mackeyGlass.text({ steps: 500, sequences: 1 }));
    expect(chaos).toHaveLength(500);
    expect([Math.min(...chaos) > 0.2, Math.max(...chaos) < 1.5]).toEqual([true, true]);
    expect(column(sineMixture.text({ steps: 3, sequences: 1 }))[0]).toBe(0);
    const passengers = column(airlinePassengers.text({ steps: 144, sequences: 1 }));
    expect([passengers.length, passengers[0], passengers.at(-1)]).toEqual([144, 112, 432]);
    expect(passengers.reduce((sum, count) => sum + count, 0)).toBe(40_363);
  });
});

describe('options of built-in data sets', () => {
  const read = (name: string, options: object) => () => builtIns.find((each) => each.name === name)!.read(options);

  it.each([
    ['adding-problem', { steps: 1 }, 'dataset.steps: adding-problem needs at least 2, not 1'],
    ['copy-memory', { steps: 2 }, 'dataset.steps: copy-memory needs at least 3, not 2'],
    ['temporal-order', { steps: 5 }, 'dataset.steps: temporal-order needs at least 6, not 5'],
    ['embedded-reber', { steps: 6 }, 'dataset.steps: embedded-reber needs at least 7, not 6'],
    ['airline-passengers', { steps: 145 }, 'dataset.steps: airline-passengers has at most 144, not 145'],
    ['sine-mixture', { sequences: 20 }, 'dataset.sequences: sine-mixture does not support this option; leave it out'],
    [
      'adding-problem',
      { steps: 100_000, sequences: 1_000_000 },
      'dataset.sequences: adding-problem has at most 100 sequences of 100000 steps, 10000000 steps in all, not 1000000',
    ],
  ])('are refused: %s with %j', (name, options, message) => {
    expect(read(name, options)).toThrow(message);
  });
});
