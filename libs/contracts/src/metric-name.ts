import { z } from 'zod';
import { columnName } from './column-name';

/** The name of a metric in a query: whatever trials report, and what those of a study tell. */
export const metricName = z.string().regex(columnName, 'must be the name of a metric, such as validation.loss');
