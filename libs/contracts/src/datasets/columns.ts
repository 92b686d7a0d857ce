import { z } from 'zod';
import type { Rule } from '../definition';
import { oneOf, shorthand, strict } from '../strict';

const column = z.string().min(1).max(200);

/** Whether this is a time zone that the computer knows, by its IANA name. */
function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Letters of other libraries: %Y of strptime, YYYY and DD of Moment. */
const isForeign = (format: string): boolean => /%[a-zA-Z]|[YD]/.test(format.replaceAll(/'[^']*'/g, ''));

const time = shorthand(
  'column',
  undefined,
  strict({
    column: column.describe('The column with the time of each row.'),
    format: z
      .string()
      .min(1)
      .max(60)
      .refine((format) => !isForeign(format), {
        error: "must use Luxon's letters: yyyy, MM, dd, HH, mm, ss, as in dd/MM/yyyy HH:mm",
      })
      .optional()
      .describe(
        "How times are written, in Luxon's letters (d/M/yyyy H:mm), or one of iso, seconds, milliseconds and number. Default: recognised.",
      ),
    zone: z
      .string()
      .refine(isZone, { error: 'is no time zone: give a name such as Europe/Berlin, or UTC' })
      .optional()
      .describe('The time zone of times that name none, for hours that summer time skips or repeats. Default: UTC.'),
  }),
  'The time of each row of a series, by which rows are ordered. Default: recognised.',
);

const fills = ['error', 'drop', 'previous', 'interpolate'] as const;
const fill = oneOf(fills);

const missing = z.union(
  [
    fill,
    strict({
      fill: fill.default('error').describe('What is done about missing values; as the bare word.'),
      values: z
        .array(z.union([z.number(), z.string().max(100)]))
        .min(1)
        .max(20)
        .optional()
        .describe('Values that mean missing, beside an empty cell, NA, NaN, null, none, - and ?: [-9999].'),
    }),
  ],
  { error: (issue) => (typeof issue.input === 'object' ? undefined : `must be one of ${fills.join(', ')}`) },
);

/** How the columns of a table are read. */
export const columnOptions = {
  time: time.optional(),
  series: z
    .union([column, z.array(column).min(1).max(5)], { error: 'must be the name of a column, or a list of them' })
    .optional()
    .describe(
      'The column, or columns, that name the series of each row where a file holds several. Default: one series.',
    ),
  missing: missing
    .default('error')
    .describe(
      'Missing values of a series: an error, drop the row, take the previous value, or interpolate within what a forecast may see. ' +
        'A missing target is neither learned nor scored.',
    ),
  gaps: oneOf(['keep', 'error', 'insert'])
    .optional()
    .describe(
      'Times missing between the rows of a series: keep the rows as they are, an error, or insert rows without values, which ' +
        'dataset.missing fills. Default: keep.',
    ),
  decimal: oneOf(['.', ','])
    .optional()
    .describe('The decimal mark of the numbers of a table, if 1,234 could mean either. Default: recognised.'),
  text: column
    .optional()
    .describe('The column with the text of each row of a table. Default: by name, or the only one with texts.'),
  label: column
    .optional()
    .describe('The column with the label or target of each row of a table. Default: by name, or the only one left.'),
};

interface Columns {
  missing: z.infer<typeof missing>;
  gaps?: string | undefined;
  text?: string | undefined;
  label?: string | undefined;
  time?: { column: string } | undefined;
  series?: string | string[] | undefined;
}

/** What is done about missing values, and which values count as missing. */
export const missingPolicy = (
  given: Columns['missing'],
): { fill: (typeof fills)[number]; values: (string | number)[] } =>
  typeof given === 'string' ? { fill: given, values: [] } : { fill: given.fill, values: given.values ?? [] };

/** Options of columns that have no effect together. */
export function columnRules({ missing: given, gaps, text, label, time: ordered, series }: Columns): Rule[] {
  const { fill: how } = missingPolicy(given);
  return [
    [
      gaps === 'insert' && (how === 'error' || how === 'drop'),
      'dataset.gaps',
      `insert adds rows without values, which dataset.missing: ${how} ${how === 'drop' ? 'drops' : 'refuses'}; set previous or interpolate`,
    ],
    [text !== undefined && text === label, 'dataset.label', 'must be another column than dataset.text'],
    [
      ordered !== undefined && [series].flat().includes(ordered.column),
      'dataset.series',
      'must be another column than dataset.time.column',
    ],
  ];
}
