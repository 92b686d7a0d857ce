import type { ClassReport } from '@unroll/contracts';
import { table } from './table';
import { number } from './text';

/** Classes up to which a confusion matrix is readable in a terminal. */
const mostColumns = 20;
const mostWrong = 10;

const share = (value: number | null): string => (value === null ? '-' : value.toFixed(3));

/** A class report as tables: each class, who was taken for whom, and the rows that were most wrong. */
export function classTables({ classes, confusion, mostWrong: wrong }: ClassReport): string[] {
  const scores = table(
    ['class', 'precision', 'recall', 'f1', 'examples'],
    classes.map(({ name, precision, recall, f1, count }) => [
      name,
      share(precision),
      share(recall),
      share(f1),
      String(count),
    ]),
    [1, 2, 3, 4],
  ).trimStart();
  const names = classes.map(({ name }) => name);
  const matrix =
    confusion && names.length <= mostColumns
      ? [
          table(
            ['true \\ answer', ...names],
            confusion.map((row, index) => [names[index]!, ...row.map(String)]),
            names.map((_, index) => index + 1),
          ).trimStart(),
        ]
      : [];
  const worst = wrong
    .slice(0, mostWrong)
    .map(({ place, right, found, probability, text = '' }) => [place, right, found, number(probability), text]);
  const most = worst.length > 0 ? [table(['most wrong', 'true', 'answer', 'p(true)', ''], worst, [3]).trimStart()] : [];
  return [scores, ...matrix, ...most];
}
