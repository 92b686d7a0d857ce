import type { TrialSpec } from '@unroll/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import type { InheritedConfiguration, SweepEdit } from '../entities/sweep-edit';

type Asked = Pick<DataSource | EntityManager, 'query'>;

/** An edit of a sweep, without what it inherited. */
export type LoggedEdit = Omit<SweepEdit, 'sweepId' | 'sweep' | 'inherited'>;

/** All edits of a sweep, in order. */
export function sweepEdits(manager: Asked, sweepId: string): Promise<LoggedEdit[]> {
  return manager.query(
    `select number, first, replaced, changed, withdrawn, created_at as "createdAt" from sweep_edits
     where sweep_id = $1 order by number`,
    [sweepId],
  );
}

/** The first configuration after an edit, and the earlier ones that the search knows. */
export async function inheritedBy(
  manager: Asked,
  sweepId: string,
  number: number,
): Promise<{ first: number; inherited: InheritedConfiguration[] } | undefined> {
  const [row] = await manager.query<{ first: number; inherited: InheritedConfiguration[] }[]>(
    `select first, inherited from sweep_edits where sweep_id = $1 and number = $2`,
    [sweepId, number],
  );
  return row;
}

/** A configuration of a sweep, and what has become of its trials. */
export interface ProposedConfiguration {
  number: number;
  spec: TrialSpec;
  parameters: Record<string, unknown>;
  /** Numbers of its trials that have not started. */
  pending: number[];
  /** Whether none of its trials has ever started. */
  isUntouched: boolean;
  /** Whether all of its trials are cancelled: then it may be proposed again. */
  isCancelled: boolean;
}

/** Up to `most` configurations of a sweep with numbers above `after`, in order, by trials_of_sweep. `seeds`: trials of each. */
export function proposedConfigurations(
  manager: Asked,
  sweepId: string,
  seeds: number,
  after: number,
  most: number,
): Promise<ProposedConfiguration[]> {
  return manager.query(
    `select configuration as number, (array_agg(spec order by number))[1] as spec,
            (array_agg(coalesce(drawn, parameters) order by number))[1] as parameters,
            coalesce(array_agg(number order by number) filter (where state = 'pending'), '{}') as pending,
            bool_and(state = 'pending' and started_at is null) as "isUntouched", bool_and(state = 'cancelled') as "isCancelled"
     from trials where sweep_id = $1 and number >= $2 and number < $3 group by configuration order by configuration`,
    [sweepId, (after + 1) * seeds, (after + 1 + most) * seeds],
  );
}
