import { tasks, type DatasetKind, type TaskKind } from '@unroll/contracts';
import type { DatasetBytes } from '@unroll/datasets';
import { makeRecordings } from './recordings';

/** What a task reads: a kind of data set, and what its steps are. */
export interface TaskInput {
  task: TaskKind;
  dataset: DatasetKind;
  input: 'tokens' | 'numbers';
}

const many = <Row>(count: number, row: (index: number) => Row): Row[] =>
  Array.from({ length: count }, (_, index) => row(index));

/** Sequences of a data set: enough for three batches beside two held-out parts. */
const count = 20;
const lengthOf = (index: number): number => 2 + (index % 3);

/** Letters, different in each sequence and in no order that a network knows. */
const letters = (index: number): string[] =>
  many(lengthOf(index), (step) => 'abc'[(index * (step + 1) + 2 * step + (index >> 2)) % 3]!);
const value = (index: number, step: number): number => Number(Math.sin(1 + 3 * index + 2 * step).toFixed(3));
const bracketed = ([first, ...rest]: string[], label: number): string =>
  rest.length === 0 ? `(${label} ${first})` : `(${label} (${1 - label} ${first}) ${bracketed(rest, label)})`;

/** A line of labelled data for a task, by what it answers. */
function labelledLine({ task, input }: TaskInput, index: number): string {
  const { answers, loss, reads } = tasks[task];
  const symbols = letters(index);
  if (reads === 'trees') return bracketed(symbols, index % 2);
  if (answers === 'written')
    return JSON.stringify({ vector: many(3, (step) => value(index, step)), text: symbols.join('') });
  const steps =
    input === 'tokens' ? { tokens: symbols } : { frames: many(lengthOf(index), (step) => [value(index, step), step]) };
  if (answers === 'each step') return JSON.stringify({ ...steps, tags: symbols.map((symbol) => `is ${symbol}`) });
  const answer = loss === 'error of a number' ? { target: 2 + value(index, 5) } : { label: `of ${index % 2}` };
  return JSON.stringify({ ...steps, ...answer });
}

const dayAfter = (days: number): string => new Date(Date.UTC(2024, 0, 1 + days)).toISOString().slice(0, 10);

type Maker = (input: TaskInput) => string | DatasetBytes;

/** Tiny data of each kind. */
const makers: Readonly<Record<DatasetKind, Maker>> = {
  labelled: (input) => many(count, (index) => labelledLine(input, index)).join('\n'),
  // Its words are few and its characters fewer.
  text: () => many(90, (index) => letters(index).join('') + (index % 4 === 3 ? '.\n' : ' ')).join(''),
  // Above 0, as logarithms need, and whole, as counts are.
  series: () => {
    const cells = (row: number) => [
      dayAfter(row),
      Math.round(8 + 4 * value(row, 0)),
      Math.round(8 + 4 * value(0, row)),
      'xyz'[row % 3],
    ];
    return `day,a,b,c\n${many(40, (row) => cells(row).join(',')).join('\n')}`;
  },
  pairs: () =>
    many(count, (index) => `${letters(index).join(' ')}\t${letters(index).toReversed().join(' ')}`).join('\n'),
  frames: () =>
    JSON.stringify(
      many(count, (index) => many(1 + lengthOf(index), (step) => (step % 2 ? [60, 64] : [60 + (index % 3)]))),
    ),
  // A recording's class is what its file is named after.
  audio: ({ task }) =>
    makeRecordings(
      many(count, (index) =>
        tasks[task].answers === 'once' ? ['ab', 'ca'][index % 2]! : letters(index).slice(0, 2).join(''),
      ),
      0.04,
    ),
};

const holds: Partial<Record<DatasetKind, TaskInput['input']>> = { audio: 'numbers' };

/** What each task can read, of each kind of data set that it learns from. */
export const taskInputs = (): TaskInput[] =>
  Object.values(tasks).flatMap(({ kind, datasets, inputs }) =>
    datasets.flatMap((dataset) =>
      inputs
        .filter((input) => (holds[dataset] ?? input) === input)
        .map((input): TaskInput => ({ task: kind as TaskKind, dataset, input })),
    ),
  );

/** Data that a task learns from in a moment, the same at every call. */
export function tinyData(input: TaskInput): DatasetBytes {
  const made = makers[input.dataset](input);
  return typeof made === 'string' ? { kind: input.dataset, bytes: Buffer.from(made) } : made;
}
