import { z } from 'zod';

/** A pattern for names of parameters and metrics, those that a study chooses itself among them: what leaderboards sort and filter by. */
export const columnPattern = '[A-Za-z_][\\w./ -]{0,99}';

export const columnName = new RegExp(`^${columnPattern}$`);

/** The name of a metric in a query: whatever trials report, and what those of a study tell. */
export const metricName = z.string().regex(columnName, 'must be the name of a metric, such as validation.loss');
