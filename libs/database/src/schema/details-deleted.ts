import { indexPlans } from '../index-plans';

/** The tables of what trials reported, which no foreign key ties to them: each row of a report would be checked, a fifth of its cost. */
export const detailTables = ['metric_chunks', 'diagnostics', 'snapshots', 'samples'] as const;

/**
 * Deletes what trials reported with them. Their attempts are deleted first, by their foreign key, which waits for writes behind the fence:
 * what those wrote is seen here, and none can follow. Triggers of statements run after those of rows.
 */
export const detailsDeleted = [
  `create or replace function trials_deleted() returns trigger language plpgsql
   ${indexPlans} as $$
  begin
${detailTables.map((table) => `    delete from ${table} using gone where trial_id = gone.id;`).join('\n')}
    return null;
  end $$`,
  `create or replace trigger trials_delete after delete on trials referencing old table as gone
   for each statement execute function trials_deleted()`,
];
