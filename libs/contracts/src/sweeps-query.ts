import { z } from 'zod';
import { datasetName } from './dataset-spec';
import { limits } from './limits';
import { repeatable } from './repeatable';
import { sweepSorts, sweepStates } from './states';
import { oneOf, strict } from './strict';

/** A day, or a time with its zone. */
const isMoment = (text: string): boolean =>
  z.iso.date().safeParse(text).success || z.iso.datetime({ offset: true }).safeParse(text).success;
const moment = z
  .string()
  .refine(isMoment, 'must be a day such as 2026-11-29, or a time such as 2026-11-29T12:00:00Z')
  .transform((text) => new Date(text).toISOString());

/** Query parameters of the list of sweeps. All conditions must hold. */
export const sweepsQuery = strict({
  limit: z.coerce.number().int().min(1).max(limits.page).default(50).describe('Maximum number of items.'),
  cursor: z.string().max(1000).optional().describe('The nextCursor of the page before.'),
  search: z
    .string()
    .trim()
    .max(100)
    .optional()
    .describe('Part of the name or of a note, of the sweep or one of its configurations; or the beginning of the id.'),
  dataset: datasetName.optional().describe('Name of a data set that it uses.'),
  owner: z.string().max(limits.personName).optional().describe('Name of the member who submitted it.'),
  tag: repeatable(z.string().max(40), limits.tags).describe(
    'A tag that it has, or one of its configurations. Repeatable: all of them.',
  ),
  state: repeatable(oneOf(sweepStates), sweepStates.length).describe('A state, or one of several. Repeatable.'),
  parameter: z.string().max(200).optional().describe('Path of a parameter that it searches, such as model.hiddenSize.'),
  since: moment.optional().describe('Submitted at this time or later.'),
  until: moment.optional().describe('Submitted before this time.'),
  archived: z.stringbool().default(false).describe('The archived ones instead of the others.'),
  sort: oneOf(sweepSorts).default('created').describe('created, name, owner or finished.'),
  order: oneOf(['asc', 'desc']).optional().describe('Default: desc for created and finished, else asc.'),
});
export type SweepsQuery = z.infer<typeof sweepsQuery>;
