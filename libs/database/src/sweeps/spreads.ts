import type { EntityManager } from 'typeorm';

/** Milliseconds after which all configurations of a sweep are read again. */
const readAgainAfter = 300_000;
/** Seconds that a transaction may take to commit the end of a trial: what ended in them before the last reading is read again. */
const longestCommit = 30;

/** Which spread is asked for. */
export interface AskedSpread {
  sweepId: string;
  /** What the variance of a mean is more than that of independent trainings, over the variance of one. */
  correlated: number;
  /** A trial that counts as open. */
  open: string | null;
}

interface Known {
  /** By configuration: the standard error of its mean. */
  errors: Map<number, number>;
  /** Seconds of the database's clock when they were last read, and milliseconds of our own when all of them were. */
  readAt: number;
  allReadAt: number;
}

/**
 * The spread of the values of a sweep: the standard error of a mean over the seeds, pooled over the configurations that have ended; 0 with
 * one seed. A configuration that has ended changes only when one of its trials ends again, so that what was read before is kept, and only
 * those with trials that have ended since are read: trials_finished finds them.
 */
export class Spreads {
  private readonly known = new Map<string, Known>();

  async read(manager: EntityManager, { sweepId, correlated, open }: AskedSpread): Promise<number> {
    const { errors } = await this.readErrors(manager, sweepId, correlated);
    // trials_by_state finds the open ones.
    const [{ numbers }] = await manager.query<[{ numbers: number[] }]>(
      `select array(select configuration from trials where sweep_id = $1 and state in ('pending', 'running')
         union select configuration from trials where sweep_id = $1 and id = $2) as numbers`,
      [sweepId, open],
    );
    return pooled(errors, new Set(numbers));
  }

  /** Forgets all sweeps but these. */
  keep(sweepIds: readonly string[]): void {
    const kept = new Set(sweepIds);
    for (const id of this.known.keys()) if (!kept.has(id)) this.known.delete(id);
  }

  private async readErrors(manager: EntityManager, sweepId: string, correlated: number): Promise<Known> {
    const earlier = this.known.get(sweepId);
    const own =
      earlier && performance.now() - earlier.allReadAt < readAgainAfter
        ? earlier
        : { errors: new Map<number, number>(), readAt: 0, allReadAt: performance.now() };
    const all = own !== earlier;
    const ended = `and configuration = any(array(
      select configuration from trials where sweep_id = $1 and finished_at > to_timestamp($3)))`;
    const [found] = await manager.query<[{ now: number; configurations: number[]; errors: number[] }]>(
      `select extract(epoch from statement_timestamp())::double precision as now,
              coalesce(array_agg(configuration), '{}') as configurations,
              coalesce(array_agg(coalesce(deviation * sqrt(1 / nullif(repeats, 0)::double precision + $2), 'NaN')), '{}') as errors
       from (
         select configuration, repeats, case when score is not null and state <> 'cancelled' and repeats > 1 and deviation < 1e300
           then deviation end as deviation
         from configurations where sweep_id = $1 ${all ? '' : ended}
       ) own`,
      [sweepId, correlated, ...(all ? [] : [own.readAt - longestCommit])],
    );
    for (const [index, configuration] of found.configurations.entries()) {
      const error = found.errors[index]!;
      if (Number.isNaN(error)) own.errors.delete(configuration);
      else own.errors.set(configuration, error);
    }
    own.readAt = found.now;
    this.known.set(sweepId, own);
    return own;
  }
}

/** The root of the mean of the squares of errors, which may be larger than a double; without those of some configurations. */
function pooled(errors: ReadonlyMap<number, number>, left: ReadonlySet<number>): number {
  let [largest, count, sum] = [0, 0, 0];
  for (const [configuration, error] of errors) if (error > largest && !left.has(configuration)) largest = error;
  if (largest === 0) return 0;
  for (const [configuration, error] of errors)
    if (!left.has(configuration)) {
      count += 1;
      sum += (error / largest) ** 2;
    }
  return largest * Math.sqrt(sum / count);
}
