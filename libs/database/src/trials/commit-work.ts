import type { Baseline, Diagnostics, Drain, Snapshots } from '@unroll/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { curveRows } from '../curves/append-curves';
import { diagnosticsRows, sampleRows, snapshotRows } from '../curves/append-observations';
import type { CurvePoints } from '../curves/curve';
import type { WorkerReport } from '../entities/worker';
import { storable } from '../storable';
import { unflushed } from '../unflushed';
import { joinLost, lostIds, type Answer, type LostAttempts } from './lost-attempts';
import { reportRow, type Report, type TrialEnd } from './transitions/finish';

/** What a worker has to write for one attempt. */
export interface AttemptWork extends Report {
  /** Points since the last commit. */
  curves: CurvePoints[];
  /** Diagnostics of the network, by update. */
  diagnostics: { update: number; figures: Diagnostics }[];
  /** Updates in one pass over the data, if a report has said so. */
  updatesPerEpoch?: number | undefined;
  /** Whether a stopping rule may have to decide on it; undefined: yes. */
  judged?: boolean | undefined;
  /** Set if the attempt ended at a rung of a population, with the state that was written there. */
  rung?: { checkpoint: string; update: number } | undefined;
  /** Set if the attempt ended. */
  end?: (TrialEnd & { /** Activations of the network at the end. */ snapshots?: Snapshots | undefined }) | undefined;
}

export interface BoardBaseline extends Baseline {
  comparisonKey: string;
}

/** Decides in the transaction of a batch, once all of it is written. Returns the attempts that it pruned. */
export type Judge = (manager: EntityManager, accepted: readonly AttemptWork[]) => Promise<string[]>;

/** What a worker tells the database with each batch: that it is alive and holds its attempts. */
export interface SignOfLife {
  /** Attempts whose leases are renewed. */
  held: readonly string[];
  leaseSeconds: number;
  /** What has changed about the worker, or is reported again; undefined: nothing. */
  worker?: WorkerReport | undefined;
}

/**
 * Writes a batch of work behind the fence, in one statement whatever it holds, and renews the leases of a worker. Returns the attempts that
 * the worker no longer holds, of which nothing is written. Where a stopping rule may decide on something of it, `judge` is asked in the
 * same transaction, once all is written: attempts that it prunes are told too.
 */
export async function commitWork(
  dataSource: DataSource,
  work: readonly AttemptWork[],
  baselines: readonly BoardBaseline[] = [],
  judge?: Judge,
  life?: SignOfLife,
): Promise<Answer> {
  const toJudge = judge ? work.filter(({ judged = true }) => judged) : [];
  if (!judge || toJudge.length === 0) return write(dataSource, work, baselines, life);
  return dataSource.transaction(async (manager) => {
    const lost = await write(manager, work, baselines, life);
    const gone = new Set(lostIds(lost));
    const pruned = await judge(
      manager,
      toJudge.filter(({ attemptId }) => !gone.has(attemptId)),
    );
    return { ...lost, pruned: [...lost.pruned, ...pruned] };
  });
}

/**
 * Renews the leases of a worker's attempts, and returns those that it no longer holds. A lease that ran out but was not reaped is renewed
 * too. Nothing is written while most of a lease is left. It does not wait for the disk: a lease that a crash of PostgreSQL makes older is
 * not taken before it has been renewed, since the reaper waits for a whole one first.
 */
export function renewLeases(
  dataSource: DataSource,
  held: readonly string[],
  leaseSeconds: number,
  worker?: SignOfLife['worker'],
): Promise<Answer> {
  return write(dataSource, [], [], { held, leaseSeconds, worker });
}

/** A document for `commit_work`; null if there is nothing. */
const documentOf = (rows: readonly unknown[], replace?: (key: string, value: unknown) => unknown): string | null =>
  rows.length === 0 ? null : JSON.stringify(rows, replace);

const storableTexts = (_: string, value: unknown): unknown => (typeof value === 'string' ? storable(value) : value);

/** The work of a worker. Where none is to be kept, the statement does not wait for the disk: the condition is looked at before the call. */
const call = 'select attempt, reason from commit_work($1, $2, $3, $4, $5, $6, $7, $8, $9)';

async function write(
  manager: Pick<DataSource | EntityManager, 'query'>,
  work: readonly AttemptWork[],
  baselines: readonly BoardBaseline[],
  life: SignOfLife | undefined,
): Promise<Answer> {
  const held = new Set([...(life?.held ?? []), ...work.map(({ attemptId }) => attemptId)]);
  const rows = await manager.query<
    ({ attempt: string; reason: keyof LostAttempts } | { attempt: null; reason: Drain })[]
  >(work.length > 0 ? call : `with ${unflushed} ${call} where (select set_config from unflushed) is not null`, [
    [...held],
    life?.leaseSeconds ?? null,
    life?.worker ? JSON.stringify(life.worker) : null,
    documentOf(work.map(reportRow)),
    documentOf(curveRows(work)),
    documentOf(diagnosticsRows(work)),
    documentOf(snapshotRows(work), storableTexts),
    documentOf(sampleRows(work)),
    documentOf(baselines.map(({ comparisonKey: key, name, metrics }) => ({ key, name, metrics }))),
  ]);
  const answer: Answer = joinLost([]);
  for (const row of rows)
    if (row.attempt === null) answer.drain = row.reason;
    else answer[row.reason].push(row.attempt);
  return answer;
}
