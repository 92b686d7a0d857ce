import { z } from 'zod';
import { oneOf } from '../strict';
import type { Rule } from '../definition';
import { defineTask } from './task';
import { forecastLoss, learningRate } from './options';

const columns = z.array(z.string().min(1).max(200));
const calendarParts = ['minute', 'hour', 'weekday', 'day', 'yearday', 'month'] as const;

/** The first of several names that comes twice. */
const repeated = (names: readonly string[] | string | undefined): string | undefined =>
  Array.isArray(names) ? (names as string[]).find((name, at) => names.indexOf(name) < at) : undefined;

const options = {
  target: z
    .union([columns.element, columns.min(1).max(20)], { error: 'must be the name of a column, or a list of up to 20' })
    .optional()
    .describe('The column to forecast, or a list of them. Default: the last numeric one that is not known.'),
  inputs: columns
    .max(1000)
    .optional()
    .describe(
      'Columns that are read up to the forecast, beside the target: [] for its own past alone. Default: all numeric ones.',
    ),
  known: columns
    .max(1000)
    .default([])
    .describe(
      'Columns whose future is known, such as a price or a holiday: each row also shows them `horizon` rows ahead. `predict` reads them ' +
        'in rows after the last value of the target. They may be among `categories`.',
    ),
  calendar: z
    .union([z.literal('auto'), z.array(oneOf(calendarParts)).max(6)])
    .default([])
    .describe(
      'Where the row that lies `horizon` ahead is within the hour, day, week, month or year, as sine and cosine. auto: by the usual step.',
    ),
  categories: columns
    .max(100)
    .default([])
    .describe(
      'Columns of categories, such as the kind of a store or the weather: each category has its own learned weights. At most 200 ' +
        'categories a column.',
    ),
  lookback: z.int().min(1).max(100_000).default(60).describe('Rows that a forecast is based on.'),
  horizon: z.int().min(1).max(1000).default(1).describe('Rows forecast at once.'),
  season: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe('Rows per season: for the seasonal naive baseline, for MASE, and for reference: season.'),
  normalise: oneOf(['standard', 'min-max', 'window', 'none'])
    .default('standard')
    .describe(
      'How columns are scaled, fitted to the training part only. window: the target by the mean and deviation of the rows that each ' +
        'forecast is based on (Kim et al. 2022), so that trends and series of different sizes look alike.',
    ),
  transform: oneOf(['none', 'log', 'auto'])
    .default('none')
    .describe(
      'What is learned of the target: its values, or their logarithms, of which equal differences are equal percentages; for values above 0. ' +
        'auto: logarithms where most series spread with their level in the training part, by a test.',
    ),
  reference: oneOf(['none', 'last', 'season', 'auto'])
    .default('none')
    .describe(
      'What a forecast is added to, so that the network learns only the difference: nothing, the last value (Zeng et al. 2023), ' +
        'or the value a season before. auto: the last value where most series have a trend in the training part, by a test.',
    ),
  lags: z
    .array(z.int().min(1).max(100_000))
    .max(20)
    .default([])
    .describe(
      'Additional inputs: at each row, the target so many rows before the row that lies `horizon` ahead. At least `horizon` each; ' +
        'usually a season.',
    ),
  autoregression: z
    .int()
    .min(0)
    .max(100_000)
    .default(0)
    .describe(
      'Last values of the target from which a linear layer forecasts beside the network, whose output is added (Lai et al. 2018); ' +
        'at most lookback. 0: none.',
    ),
  ...forecastLoss,
};

type Options = z.infer<z.ZodObject<typeof options>>;

/** Refusals of columns that are named for two purposes, or twice. */
function columnRules({ target, inputs, known, calendar, categories }: Options): Rule[] {
  const targets = target === undefined ? [] : [target].flat();
  const both = inputs?.find((name) => categories.includes(name));
  return [
    [targets.some((name) => known.includes(name)), 'task.known', 'names the target, which is what is not known'],
    [
      targets.some((name) => categories.includes(name)),
      'task.categories',
      'names the target, which is a column of numbers',
    ],
    [both !== undefined, 'task.categories', `${both} is a column of numbers or of categories, not both`],
    ...Object.entries({ target, inputs, known, calendar, categories }).map(([key, names]): Rule => {
      const twice = repeated(names);
      return [twice !== undefined, `task.${key}`, `names ${twice} twice; once is enough`];
    }),
  ];
}

/** Refusals of what makes of counts something else. */
function countRules({ loss, transform, reference }: Options): Rule[] {
  const isOfCounts = typeof loss === 'object' && 'distribution' in loss && loss.distribution === 'negative-binomial';
  return [
    [
      isOfCounts && transform !== 'none',
      'task.transform',
      'does not go with a negative-binomial distribution, which is one of counts; leave it out',
    ],
    [
      isOfCounts && reference !== 'none',
      'task.reference',
      'does not go with a negative-binomial distribution, which is one of counts, not of differences; leave it out',
    ],
  ];
}

export const forecasting = defineTask('forecasting', options, {
  description: 'The next values of a series.',
  datasets: ['series'],
  reads: 'sequences',
  inputs: ['numbers'],
  answers: 'once',
  isCausal: false,
  answersInInput: true,
  loss: 'error of a number',
  metrics: [
    'validation.mse',
    'validation.mae',
    'validation.smape',
    'validation.mase',
    'validation.weightedQuantileLoss',
    'validation.crps',
  ],
  baselines: ['persistence', 'seasonal naive', 'drift', 'exponential smoothing'],
  isAdaptable: false,
  isInspectable: true,
  isExportable: true,
  inputOptions: ['target', 'inputs', 'known', 'calendar', 'categories', 'lookback', 'normalise', 'transform', 'lags'],
  headOptions: ['horizon', 'reference', 'autoregression'],
  // A longer history drops only windows that begin before the first row of a series.
  ownChoices: ['inputs', 'known', 'calendar', 'categories', 'lookback', 'reference', 'lags', 'autoregression'],
  lossOptions: ['loss', 'huberDelta', 'normalise', 'transform'],
  rules: ({ task }) => {
    const given = task as Options;
    const { known, calendar, lags, horizon, reference, season, autoregression, lookback } = given;
    const isAhead = known.length > 0 || calendar.length > 0;
    return [
      [
        isAhead && lookback < horizon,
        known.length > 0 ? 'task.known' : 'task.calendar',
        `needs a task.lookback of at least task.horizon, ${horizon}: each row that is read shows the one so many rows ahead`,
      ],
      ...columnRules(given),
      ...countRules(given),
      [
        lags.some((lag) => lag < horizon),
        'task.lags',
        `must be at least task.horizon, ${horizon}: later values are not known yet`,
      ],
      [
        autoregression > lookback,
        'task.autoregression',
        `must be at most task.lookback, ${lookback}, which is all that is read`,
      ],
      [
        reference === 'season' && season === undefined,
        'task.reference',
        'season needs task.season, the number of rows between a value and that of the season before',
      ],
    ];
  },
  firstSweep: {
    goal: 'Forecast a series, compared with the last value and the value of a season ago.',
    file: 'the file: CSV with a header',
    dataset: 'airline-passengers',
    task: `
  kind: forecasting
  lookback: 24                        # rows read, for a forecast of:
  horizon: 12
  season: 12                          # rows per season: 24 of hours, 7 of days
  normalise: window                   # each window by its own mean and deviation, so that trends look alike
  reference: {choice: [last, season]} # learn the difference from it; none for a series without trend and season
  lags: [12]                          # also see the season before; at least horizon
  autoregression: {choice: [0, 24]}   # a linear layer beside the network, from so many last rows
  loss: {quantiles: [0.05, 0.5, 0.95]} # with intervals of 90 %`,
    model: [],
    training: ['batchSize: 16', 'updates: 600', learningRate],
  },
});
